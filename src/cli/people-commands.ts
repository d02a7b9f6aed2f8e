import { Command } from 'commander'
import { type Answered, Fault, type Stage, type Wish } from '../contract/index.ts'
import { answerCard, moveAsPerson, openQuestions, pseudonym, registered, wishFor } from '../engine/index.ts'
import type { Ledger } from '../ledger/index.ts'
import { answersTo } from '../walkthrough/index.ts'
import { everySurface } from './deployments.ts'
import { type DataOptions, withData, withLedger } from './open-ledger.ts'

const stages: readonly Stage[] = ['off', 'silent', 'pilot', 'live', 'withdrawn']
const wishes: Record<string, Wish> = {
  on: 'on',
  off: 'off',
  complaint: 'complaint',
  request: 'manual request',
}

interface PersonOptions extends DataOptions {
  me?: string
  json?: boolean
}

export function stageCommand(): Command {
  return withData(new Command('stage'))
    .description(
      'Stop or slow a skill, or move it on by one step. Stopping takes back what nobody has dealt with.',
    )
    .argument('<deployment>', "as 'inlay status --json' names it")
    .argument('<stage>', `one of ${stages.join(', ')}`)
    .option('--why <text>', 'your reason, which reports tell')
    .option('--anyway', 'show it to people although its proof lock is closed; every report will say so')
    .option('--dry-run', 'only say what would happen')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      '\nExample:\n  inlay stage triage-maildir-1 silent --why "we move offices this week"\n',
    )
    .action(stage)
}

async function stage(
  id: string,
  wanted: string,
  options: DataOptions & { why?: string; anyway?: boolean; dryRun?: boolean; json?: boolean },
): Promise<void> {
  const to = stages.find((each) => each === wanted)
  if (!to) throw new Fault('bad-input', `There is no stage "${wanted}"; there are ${stages.join(', ')}.`)
  const move = await withLedger(options, async (ledger) => {
    const deployment = await deploymentNamed(ledger, id)
    return moveAsPerson(ledger, deployment, {
      hops: registered(everySurface, deployment.surface, 'surface').hops,
      wanted: to,
      why: options.why ?? '',
      anyway: options.anyway ?? false,
      dryRun: options.dryRun ?? false,
      at: await lastMoment(ledger),
    })
  })
  if (options.json) process.stdout.write(`${JSON.stringify({ deployment: id, ...move })}\n`)
  if (!move.moved) throw new Fault('bad-input', `${id} stays ${move.stage}. ${move.because}`)
  if (!options.json)
    console.log(`${id}: ${move.stage}${options.dryRun ? ' (not done: a dry run)' : ''}. ${move.because}`)
}

export function answerCommand(): Command {
  return withData(new Command('answer'))
    .description('Questions that wait for an answer; with a card and an answer, answers it.')
    .argument('[card]', 'the card, as the list names it (its first letters are enough)')
    .argument('[answer]', 'yes, no, or a number of minutes')
    .option('--me <address>', 'who answers, where the question went to everybody')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  inlay answer\n  inlay answer 3fa9 yes --me ada@example.com\n')
    .action(answer)
}

async function answer(
  card: string | undefined,
  given: string | undefined,
  options: PersonOptions,
): Promise<void> {
  await withLedger(options, async (ledger) => {
    const at = await lastMoment(ledger)
    const open = await openQuestions(ledger, at)
    if (card === undefined) {
      if (options.json) return void process.stdout.write(`${JSON.stringify(open)}\n`)
      if (open.length === 0) return void console.log('No question waits for an answer.')
      const rows = open.map((each) => ({
        card: each.card.slice(0, 8),
        deployment: each.deployment,
        question: each.question,
        for: each.person ?? 'everybody',
        answers: answersTo(each.question)
          .map((one) => wordOf(one.answer))
          .join(', '),
      }))
      return void console.log(plainTable(rows))
    }
    const found = open.filter((each) => each.card.startsWith(card))
    if (found.length !== 1)
      throw new Fault(
        'bad-input',
        `No single open question has a card that begins with "${card}"; 'inlay answer' lists them.`,
      )
    const one = found[0]!
    const value = answerOf(given, one.question === 'minutes')
    const person = options.me === undefined ? one.person : await personOf(ledger, options.me)
    if (person === null)
      throw new Fault('bad-input', 'This question went to everybody: say who answers with --me ADDRESS.')
    await answerCard(ledger, { card: one.card, person, answer: value, at })
    if (options.json) process.stdout.write(`${JSON.stringify({ ...one, answer: value })}\n`)
    else console.log('Thank you, that is noted.')
  })
}

export function wishCommand(): Command {
  return withData(new Command('wish'))
    .description('Turn a skill on or off for yourself, or say that you miss it.')
    .argument('<deployment>', "as 'inlay status --json' names it")
    .argument('<what>', `one of ${Object.keys(wishes).join(', ')} (a complaint, a request to do it by hand)`)
    .requiredOption('--me <address>', 'who you are in that tool: an address or a user name')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  inlay wish triage-maildir-1 off --me ada@example.com\n')
    .action(async (id: string, what: string, options: PersonOptions) => {
      const wish = Object.hasOwn(wishes, what) ? wishes[what]! : null
      if (wish === null)
        throw new Fault('bad-input', `You can wish for ${Object.keys(wishes).join(', ')}, not "${what}".`)
      await withLedger(options, async (ledger) => {
        await deploymentNamed(ledger, id)
        const person = await personOf(ledger, options.me!)
        await wishFor(ledger, id, { person, wish, at: await lastMoment(ledger) })
      })
      if (options.json) process.stdout.write(`${JSON.stringify({ deployment: id, wish })}\n`)
      else console.log('That is noted.')
    })
}

async function deploymentNamed(ledger: Ledger, id: string) {
  const all = await ledger.deployments()
  const found = all.find((each) => each.id === id)
  if (found) return found
  const there = all.map((each) => each.id).join(', ') || 'none'
  throw new Fault('bad-input', `There is no deployment "${id}"; there are: ${there}.`)
}

async function personOf(ledger: Ledger, address: string): Promise<string> {
  return address.startsWith('p-') ? address : pseudonym(await ledger.secret('pseudonym'), address)
}

/** Now, or a moment after all that has happened: the made-up company lives ahead of the clock. */
export async function lastMoment(ledger: Ledger): Promise<number> {
  const times = (await ledger.standing()).flatMap(({ lastSeenAt, stagedAt }) => [
    lastSeenAt ?? 0,
    (stagedAt ?? 0) + 1,
  ])
  return Math.max(Date.now(), ...times)
}

function answerOf(given: string | undefined, minutes: boolean): Answered {
  if (minutes) {
    const number = Number(given)
    if (given !== undefined && given !== '' && number >= 0 && number <= 10_080) return number
    throw new Fault(
      'bad-input',
      `Answer with a number of minutes a week, from 0 to 10080, not "${given ?? ''}".`,
    )
  }
  if (given === 'yes') return true
  if (given === 'no') return false
  throw new Fault('bad-input', `Answer with yes or no, not "${given ?? ''}".`)
}

function wordOf(answer: Answered): string {
  return typeof answer === 'number' ? String(answer) : answer ? 'yes' : 'no'
}

function plainTable(rows: Record<string, string>[]): string {
  const names = Object.keys(rows[0]!)
  const widths = names.map((name) => Math.max(name.length, ...rows.map((row) => row[name]!.length)))
  const line = (cells: string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd()
  return [line(names), ...rows.map((row) => line(names.map((name) => row[name]!)))].join('\n')
}
