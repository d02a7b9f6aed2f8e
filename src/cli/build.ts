import { Command } from 'commander'
import {
  type Card,
  type Deployment,
  type Example,
  Fault,
  memoryVault,
  type Proof,
  type Suggestion,
} from '../contract/index.ts'
import { openDesk, openKeyring, pseudonym, vaultOf } from '../engine/index.ts'
import type { Ledger } from '../ledger/index.ts'
import { backtest, holdbackShares, locksFor, orderExamples, wouldShow } from '../prove/index.ts'
import { percent } from '../server/index.ts'
import type { ShadowReport } from '../shadow/index.ts'
import { skills } from '../skills/index.ts'
import { surfaces } from '../surfaces/index.ts'
import { cardFor } from '../walkthrough/index.ts'
import { ask } from './ask.ts'
import { askWhich, settingsAsked, skillsFor } from './connect.ts'
import { namedPain, saveDeployment, surfaceNamed, teamRollout, whereOf } from './deployments.ts'
import { type DataOptions, withData, withLedger } from './open-ledger.ts'
import { hurtsText, keepCosts, reportOn, withPain } from './pain-from-shadow.ts'
import { progressLine } from './progress.ts'

interface BuildOptions extends DataOptions {
  shadow?: string[]
  opportunity?: string
  set?: string[]
  skill?: string
  team?: string
  volunteer?: string[]
  dryRun?: boolean
  json?: boolean
}

/** What was built, or would be. */
interface Built {
  deployment: string | null
  team: string
  skill: string
  surface: string
  pain: Deployment['pain']
  locks: Record<string, boolean>
  proof: Proof | null
  because: string
  card: Card
  volunteers: number
}

const newestExamples = 200
const cardExamples = 3
const seed = 1

export function buildCommand(): Command {
  return withData(new Command('build'))
    .description(
      'From what hurts to a pilot in one sitting: opportunity, surface, skill, backtest, card and volunteers. Asks what is not given.',
    )
    .argument('[surface]', `one of ${Object.keys(surfaces).join(', ')}`)
    .option(
      '--shadow <log...>',
      'logs of how people work (as in inlay shadow): what hurts is found and measured in them',
    )
    .option('--opportunity <number>', 'with --shadow: which one, counted from 1 in the order that is shown')
    .option('--set <setting...>', 'settings of the surface as name=value')
    .option('--skill <name>', `one of ${Object.keys(skills).join(', ')}`)
    .option('--team <name>', 'the team that works there')
    .option('--volunteer <address...>', 'people who have said yes to seeing it first')
    .option('--dry-run', 'backtest and card only; nothing is connected')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      '\nExample:\n  inlay build csv --set path=leads.csv target=won --skill score --team Sales --volunteer ada@example.com --dry-run\n',
    )
    .action(build)
}

async function build(name: string | undefined, options: BuildOptions): Promise<void> {
  const asking = Boolean(process.stdin.isTTY && process.stdout.isTTY && !options.json)
  const report = options.shadow ? await reportOn(options.shadow, options) : null
  const chosen = report ? await opportunityOf(report, options.opportunity, asking) : null
  const surface = surfaceNamed(name ?? (await askWhich(asking)))
  const settings = await settingsAsked(surface, options.set, asking)
  const team = options.team ?? (asking ? await ask('Which team works there?') : '')
  if (!team) throw new Fault('bad-input', 'Say which team works there with --team NAME.')
  const built = await withLedger({ ...options, own: true }, async (ledger, folder) => {
    const vault = memoryVault()
    const fitting = await skillsFor(surface, settings, options.skill, { ledger, folder, vault })
    const skill = await skillOf(fitting, chosen, asking)
    const draft = { team, surface: surface.name, skill, settings, pain: namedPain, rollout: teamRollout }
    const [costed] = report ? withPain([draft], report) : [draft]
    const desk = await openDesk({ ...costed!, id: 'trial' }, { ledger, folder, vault, surfaces, skills })
    const { proof, because, card } = await tryOut(desk).finally(() => desk.close())
    const locks = locksFor({ hops: surface.hops, pain: costed!.pain, proof })
    const answer =
      options.volunteer ??
      (asking ? [await ask('Who has said yes to seeing it first? (addresses, empty for nobody yet)')] : [])
    const volunteers = answer.flatMap((each) => each.split(/[,\s]+/)).filter(Boolean)
    const go =
      !options.dryRun &&
      (!asking || /^y/i.test(await ask(`${summary({ proof, because, card })}\n\nConnect it? (yes or no)`)))
    let deployment: string | null = null
    if (go) {
      const keyring = openKeyring(folder)
      const saved = await saveDeployment(ledger, costed!, { anew: true, keyring })
      deployment = saved.id
      if (report) await keepCosts(ledger, saved, report)
      const own = vaultOf(deployment, ledger, keyring)
      for (const [key, value] of vault.entries()) await own.write(key, value)
      await volunteer(ledger, deployment, volunteers)
    }
    const open = Object.fromEntries(Object.entries(locks).map(([lock, { open }]) => [lock, open]))
    const { pain } = costed!
    const result: Built = {
      deployment,
      team,
      skill,
      surface: surface.name,
      pain,
      locks: open,
      proof,
      because,
      card,
      volunteers: volunteers.length,
    }
    return result
  })
  if (options.json) return void process.stdout.write(`${JSON.stringify(built)}\n`)
  if (!asking) console.log(summary(built))
  const closed = Object.entries(built.locks).flatMap(([lock, open]) => (open ? [] : [lock]))
  console.log(
    built.deployment === null
      ? 'Nothing was connected.'
      : `\nConnected: ${built.deployment}, ${built.volunteers} of ${teamRollout.volunteers} volunteers. ${
          closed.length
            ? `It stays silent while a lock is closed (${closed.join(', ')}).`
            : `It shows itself to volunteers after ${teamRollout.silentVerdicts} verdicts of a silent run.`
        } 'inlay start' runs it.`,
  )
}

/** What it would have done on the history, and the card that volunteers will read. */
async function tryOut(desk: Awaited<ReturnType<typeof openDesk>>) {
  const line = progressLine()
  const examples: Example[] = []
  for await (const example of desk.place.history()) {
    examples.push(example)
    if (examples.length % 200 === 0) line.show('reading', null, examples.length)
  }
  const { skill, deployment } = desk
  let proof: Proof | null = null
  let because: string
  const shown: { item: Example['item']; suggestion: Suggestion }[] = []
  try {
    const tried = await backtest(skill, examples, {
      seed,
      progress: (share) => line.show('trying it on the past', share * 0.7),
    })
    proof = tried.proof
    because = proof.because
    // The card's examples are of the newest work, which this model has not seen.
    const { examples: ordered } = orderExamples(examples, { seed })
    const newest = ordered.slice(-Math.min(newestExamples, Math.floor(ordered.length / 5)))
    const model = await skill.learn(ordered.slice(0, ordered.length - newest.length), { seed })
    for (const { item, deed } of newest.toReversed()) {
      const suggestion = (await skill.suggest(model, item, { seed })) as Suggestion | null
      if (suggestion && wouldShow(proof, suggestion) && skill.judge(suggestion.value, deed)?.useful)
        shown.push({ item, suggestion })
      if (shown.length === cardExamples) break
    }
  } catch (cause) {
    // Too little to learn from is an answer.
    if (!(cause instanceof Fault) || cause.kind === 'bug') throw cause
    because = cause.message
  } finally {
    line.clear()
  }
  const card = cardFor({
    about: skill.about,
    kind: skill.kind,
    where: whereOf(deployment.settings) || deployment.surface,
    examples: shown,
    usefulRate: proof?.passed ? proof.usefulRate : null,
    holdback: holdbackShares.pilot,
    turnOff: "'inlay wish' turns it off for you, 'inlay stage' for everybody",
  })
  return { proof, because, card }
}

function summary({ proof, because, card }: Pick<Built, 'proof' | 'because' | 'card'>): string {
  const would = proof?.passed
    ? `It would show ${percent(proof.coverage, 0)} of the work.`
    : 'It would show nothing yet.'
  return `${would} ${because}\n\nWhat volunteers will read:\n\n  ${`${card.title}\n\n${card.text}`.replaceAll('\n', '\n  ')}`
}

async function opportunityOf(report: ShadowReport, given: string | undefined, asking: boolean) {
  const ranked = report.opportunities.toSorted(
    (a, b) => (a.skill === null ? 1 : 0) - (b.skill === null ? 1 : 0),
  )
  if (ranked.length === 0)
    throw new Fault('bad-input', 'Nothing in these logs is done often enough to call it a routine.')
  const text =
    given ?? (asking ? await ask(`${hurtsText(report)}\n\nWhich one? (1 to ${ranked.length})`) : '1')
  const chosen = ranked[Number(text) - 1]
  if (!chosen)
    throw new Fault(
      'bad-input',
      `There is no opportunity "${text}"; there are ${ranked.length}, counted from 1.`,
    )
  return chosen
}

async function skillOf(
  fitting: readonly string[],
  chosen: { skill: string | null } | null,
  asking: boolean,
): Promise<string> {
  if (fitting.length === 1) return fitting[0]!
  if (chosen?.skill && fitting.includes(chosen.skill)) return chosen.skill
  const text = asking ? await ask(`Which skill? (${fitting.join(', ')})`) : ''
  if (fitting.includes(text)) return text
  throw new Fault(
    'bad-input',
    `Several skills work there: choose one of ${fitting.join(', ')} with --skill NAME.`,
  )
}

async function volunteer(ledger: Ledger, id: string, addresses: readonly string[]): Promise<void> {
  const key = await ledger.secret('pseudonym')
  const at = Date.now()
  await ledger.append(
    addresses.map((address) => {
      const person = pseudonym(key, address)
      const body = { question: 'volunteer' as const, answer: true }
      return {
        key: `${id}:answered:volunteer:${person}:${at}`,
        kind: 'answered' as const,
        at,
        deployment: id,
        item: null,
        person,
        body,
      }
    }),
  )
}
