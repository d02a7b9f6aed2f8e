import { type FactBodies, Fault } from '../contract/index.ts'
import type { Ledger } from '../ledger/index.ts'
import { tasksEliminated } from '../measure/index.ts'
import { type ShadowReport, traceTasks } from '../shadow/index.ts'

/** What later logs say of the tasks of one deployment. */
export interface Traced {
  deployment: string
  tasks: { task: string; eliminated: boolean; hoursPerWeek: number; because: string }[]
}

/** Skills whose suggestion, left as it is, is all that the task wanted; a draft still has to be sent by somebody. */
const wholeTask = new Set(['triage', 'score', 'fill'])

/**
 * Takes from logs of later work which tasks that were costed before are still done by hand, or elsewhere, and from the
 * ledger how many items ended as they were suggested meanwhile; each deployment gets one `traced` fact, from which every report tells
 * what is gone. Throws a Fault where nothing was costed, or where the logs are older than the skills.
 */
export async function traceInLedger(ledger: Ledger, report: ShadowReport): Promise<Traced[]> {
  const [from, to] = [Date.parse(report.span.from), Date.parse(report.span.to)]
  const costed = new Map<string, { tasks: FactBodies['costed']['tasks']; out: number | null }>()
  for await (const fact of ledger.facts({ kinds: ['costed', 'staged'] })) {
    const own = costed.get(fact.deployment) ?? { tasks: [], out: null }
    costed.set(fact.deployment, own)
    if (fact.kind === 'costed') own.tasks = fact.body.tasks
    if (fact.kind === 'staged' && (fact.body.to === 'pilot' || fact.body.to === 'live')) own.out ??= fact.at
  }
  const known = [...costed].filter(([, { tasks }]) => tasks.length > 0)
  if (known.length === 0) {
    throw new Fault(
      'bad-input',
      "No task was measured before a skill took it on, so there is nothing to look for: 'inlay build --shadow LOG' or 'inlay connect --shadow LOG' measures it.",
    )
  }
  const shown = known.flatMap(([deployment, { tasks, out }]) =>
    out === null || out > to ? [] : [{ deployment, tasks, out }],
  )
  if (shown.length === 0) {
    throw new Fault(
      'bad-input',
      `These logs end on ${report.span.to.slice(0, 10)}, before any skill went to people; give logs of later work.`,
    )
  }
  const early = shown.filter(({ out }) => out > from)
  if (early.length > 0) {
    throw new Fault(
      'bad-input',
      `These logs begin on ${report.span.from.slice(0, 10)}, before ${early[0]!.deployment} went to people on ${new Date(early[0]!.out).toISOString().slice(0, 10)}; give logs from after that day.`,
    )
  }
  const all: Traced[] = []
  for (const { deployment, tasks: before } of shown) {
    const untouched = await leftAsSuggested(ledger, deployment, { from, to })
    const runs = before.reduce((sum, { runsPerWeek }) => sum + runsPerWeek, 0)
    const tasks = traceTasks(report, before).map((trace, t) => ({
      ...trace,
      untouched: runs > 0 ? (untouched * before[t]!.runsPerWeek) / runs : 0,
    }))
    const about = { at: Date.now(), deployment, item: null, person: null }
    const key = `${deployment}:traced:${report.span.from}:${report.span.to}:${report.events}`
    await ledger.append([{ ...about, key, kind: 'traced', body: { tasks } }])
    all.push({ deployment, tasks: tasksEliminated(before, tasks) })
  }
  return all
}

async function leftAsSuggested(
  ledger: Ledger,
  deployment: string,
  { from, to }: { from: number; to: number },
): Promise<number> {
  const standing = await ledger.standingOf(deployment)
  if (!wholeTask.has(standing?.skill ?? '')) return 0
  let count = 0
  for await (const { outcome, didAt } of ledger.items(deployment, { open: false }))
    if (outcome === 'used' && didAt !== null && didAt >= from && didAt <= to) count++
  return count
}

export function tracedText(all: readonly Traced[]): string {
  return all
    .flatMap(({ deployment, tasks }) =>
      tasks.map(
        ({ task, eliminated, because }) => `${deployment}: ${task}: ${eliminated ? 'gone. ' : ''}${because}`,
      ),
    )
    .join('\n')
}
