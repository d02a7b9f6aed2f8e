import { type Deployment, type Example, Fault, type Proof, type Vault } from '../contract/index.ts'
import { openDesk } from '../engine/index.ts'
import type { Ledger } from '../ledger/index.ts'
import { backtest } from '../prove/backtest.ts'
import { percent } from '../server/index.ts'
import { skills } from '../skills/index.ts'
import { surfaces } from '../surfaces/index.ts'
import { progressLine } from './progress.ts'

const seed = 1

/** What one skill would have done on the history of a place. */
export interface FirstBacktest {
  deployment: string
  skill: string
  /** Null where there was too little to learn from; `because` says what is missing. */
  proof: Proof | null
  because: string
}

export interface FirstBacktests {
  /** Messages, records, … that were read, and what people had done with them. */
  examples: number
  labelled: number
  answered: number
  from: string | null
  to: string | null
  tries: FirstBacktest[]
}

/**
 * Reads the history of a place that has just been connected, once, and tries each of its deployments on it: what would
 * have been shown, and how much of that was right. Changes nothing on the surface and nothing in the ledger.
 */
export async function firstBacktest(
  deployments: readonly Deployment[],
  { ledger, folder, vault }: { ledger: Ledger; folder: string; vault: Vault },
): Promise<FirstBacktests> {
  const line = progressLine()
  const examples: Example[] = []
  const tries: FirstBacktest[] = []
  try {
    const [first] = deployments
    if (!first) throw new Fault('bug', 'There is no deployment to try.')
    const progress = (done: number, total: number) =>
      line.show('reading', total > 0 ? done / total : null, done)
    const desk = await openDesk(first, { ledger, folder, vault, surfaces, skills, progress })
    try {
      for await (const example of desk.place.history()) examples.push(example)
    } finally {
      await desk.close()
    }
    for (const { id, skill } of deployments) {
      try {
        const { proof } = await backtest(skills[skill]!, examples, {
          seed,
          progress: (share) => line.show(`trying ${skill}`, share),
        })
        tries.push({ deployment: id, skill, proof, because: proof.because })
      } catch (cause) {
        if (!(cause instanceof Fault) || cause.kind === 'bug') throw cause
        tries.push({ deployment: id, skill, proof: null, because: cause.message })
      }
    }
  } finally {
    line.clear()
  }
  const times = examples.flatMap(({ item: { at } }) => (at === null ? [] : [at]))
  const day = (at: number | undefined) => (at === undefined ? null : new Date(at).toISOString().slice(0, 10))
  const did = (what: 'label' | 'reply') =>
    examples.filter(({ deed }) => deed.kind === 'message' && deed[what] !== null).length
  return {
    examples: examples.length,
    labelled: did('label'),
    answered: did('reply'),
    from: day(times.reduce<number | undefined>((a, b) => (a === undefined ? b : Math.min(a, b)), undefined)),
    to: day(times.reduce<number | undefined>((a, b) => (a === undefined ? b : Math.max(a, b)), undefined)),
    tries,
  }
}

const headings = ['skill', 'would show', 'of those right', 'at least', 'so it would']

/** The same for people: what was read, one line a skill, and what happens next. */
export function backtestText({ examples, labelled, answered, from, to, tries }: FirstBacktests): string {
  const share = (value: number | null | undefined) => (value == null ? '–' : percent(value, 0))
  const rows = tries.map(({ skill, proof }) => [
    skill,
    share(proof?.coverage),
    share(proof?.usefulRate),
    share(proof?.lowerBound),
    proof?.passed ? 'speak up' : 'stay silent',
  ])
  const widths = headings.map((heading, at) =>
    Math.max(heading.length, ...rows.map((row) => row[at]!.length)),
  )
  const table = [headings, widths.map((width) => '─'.repeat(width)), ...rows].map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at]!))
      .join('  ')
      .trimEnd(),
  )
  const span = from && to ? `, from ${from} to ${to}` : ''
  const speaks = tries.some(({ proof }) => proof?.passed)
  return [
    `Read ${examples.toLocaleString('en')} messages that were dealt with${span}: ${labelled.toLocaleString('en')} filed or labelled, ${answered.toLocaleString('en')} answered.`,
    '',
    ...table,
    '',
    ...tries.map(({ skill, because }) => `${skill}: ${because}`),
    '',
    speaks
      ? "'inlay start' learns from all of it and first watches in silence; when live work proves it too, labels and drafts appear in your mail program. It never sends."
      : "'inlay start' goes on learning and watches in silence; nobody sees anything until it has proven useful. It never sends.",
  ].join('\n')
}
