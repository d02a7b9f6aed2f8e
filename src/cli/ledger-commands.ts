import { Command } from 'commander'
import { Fault } from '../contract/index.ts'
import { erasePerson, openDesk, pseudonym, undoAll } from '../engine/index.ts'
import { locksFor } from '../prove/locks.ts'
import { skills } from '../skills/index.ts'
import { everySurface } from './deployments.ts'
import { type DataOptions, withData, withLedger } from './open-ledger.ts'

export function undoCommand(): Command {
  return withData(new Command('undo'))
    .description(
      'Take back everything that Inlay placed, and withdraw the skill; connecting it anew brings it back.',
    )
    .argument('[deployment]', 'one deployment; all otherwise')
    .option('--dry-run', 'only say what would be taken back')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  inlay undo --dry-run\n  inlay undo triage-maildir-1\n')
    .action(undo)
}

async function undo(
  only: string | undefined,
  options: DataOptions & { dryRun?: boolean; json?: boolean },
): Promise<void> {
  const undone = await withLedger(options, async (ledger, folder) => {
    const standing = await ledger.standing()
    if (only !== undefined && !standing.some(({ deployment }) => deployment === only)) {
      const there = standing.map(({ deployment }) => deployment).join(', ') || 'none'
      throw new Fault('bad-input', `There is no deployment "${only}"; there are: ${there}.`)
    }
    const all: { deployment: string; placements: number; left: number; why: string | null }[] = []
    for (const deployment of await ledger.deployments()) {
      const { id } = deployment
      if (only !== undefined && id !== only) continue
      if (options.dryRun) {
        let placements = 0
        for await (const _ of ledger.items(id, { placed: true })) placements++
        all.push({ deployment: id, placements, left: 0, why: null })
        continue
      }
      const because = 'A person took it all back (inlay undo).'
      const now = standing.find((each) => each.deployment === id)
      const engine = { ledger, folder, surfaces: everySurface, skills }
      const desk = await openDesk(deployment, engine)
      try {
        if (now && now.stage !== 'withdrawn') {
          const locks =
            now.locks ?? locksFor({ hops: desk.surface.hops, pain: deployment.pain, proof: now.proof })
          const key = `${id}:staged:${now.stage}:${now.stagedAt ?? 0}`
          const body = { from: now.stage, to: 'withdrawn' as const, because, locks, by: 'person' as const }
          const at = Date.now()
          // Before anything is taken back, so that a running engine places nothing more.
          await ledger.append([{ key, kind: 'staged', at, deployment: id, item: null, person: null, body }])
        }
        const { taken, left, why } = await undoAll(desk, because, engine)
        all.push({ deployment: id, placements: taken, left, why })
      } finally {
        await desk.close()
      }
    }
    return all
  })
  if (options.json) process.stdout.write(`${JSON.stringify(undone)}\n`)
  else tellUndone(undone, options.dryRun ? 'would be taken back' : 'taken back')
  const stuck = undone.find(({ left }) => left > 0)
  if (stuck) {
    throw new Fault(
      'busy',
      `${stuck.left} suggestions of ${stuck.deployment} could not be taken back yet: ${stuck.why} Then run 'inlay undo' again.`,
    )
  }
}

function tellUndone(undone: { deployment: string; placements: number }[], verb: string): void {
  for (const { deployment, placements } of undone)
    console.log(`${deployment}: ${placements} placed suggestions ${verb}.`)
  if (undone.length === 0) console.log('Nothing is connected, so there is nothing to take back.')
}

export function eraseCommand(): Command {
  return withData(new Command('erase'))
    .description(
      "Erase one person's texts from what Inlay keeps; counts stay. Skills forget what they learned, and learn again without them.",
    )
    .argument('<person>', 'their address or user name, or their pseudonym')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  inlay erase ada@example.com\n')
    .action(async (person: string, options: DataOptions & { json?: boolean }) => {
      const erased = await withLedger(options, async (ledger) => {
        const key = await ledger.secret('pseudonym')
        return erasePerson(ledger, person.startsWith('p-') ? person : pseudonym(key, person))
      })
      if (options.json) process.stdout.write(`${JSON.stringify({ erased })}\n`)
      else console.log(`${erased} texts erased.`)
    })
}

export function rebuildCommand(): Command {
  return withData(new Command('rebuild'))
    .description('Compute every projection anew from the facts.')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  inlay rebuild\n')
    .action(async (options: DataOptions & { json?: boolean }) => {
      await withLedger(options, (ledger) => ledger.rebuild())
      if (options.json) process.stdout.write(`${JSON.stringify({ rebuilt: true })}\n`)
      else console.log('Every projection was computed anew from the facts.')
    })
}
