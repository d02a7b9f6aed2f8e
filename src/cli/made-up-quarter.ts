import { createHash } from 'node:crypto'
import {
  office,
  type PlantedDesk,
  plantedDesks,
  plantedWork,
  playDay,
  quarterDays,
} from '../../sample/index.ts'
import type { Change, Deployment, Stage, Suggestion } from '../contract/index.ts'
import { type EngineOptions, openPlay, readTold } from '../engine/index.ts'
import type { Ledger } from '../ledger/index.ts'
import { teamRollout } from './deployments.ts'

const hour = 3600 * 1000

export interface QuarterOptions {
  ledger: Ledger
  folder: string
  skills: EngineOptions['skills']
  train?: EngineOptions['train']
  /** What the work is made from, and when the quarter ends, in milliseconds since the epoch. */
  seed: number
  end: number
  signal: AbortSignal
  /** Which desks; all unless said. */
  desks?: readonly PlantedDesk[]
  onMove?(team: string, day: number, to: Stage, because: string): void
  onEnd?(team: string): void
}

/** Says that the desks are there, so that tables show them from the start. */
export async function announceQuarter({
  ledger,
  desks = plantedDesks,
  ...options
}: QuarterOptions): Promise<void> {
  await ledger.append(
    desks.map((desk) => {
      const { id, team, surface, skill, pain, rollout } = deploymentOf(desk, options)
      const body = { team, surface, skill, pain, ...(rollout && { rollout }) }
      const at = plantedWork(desk, options).startOf(0)
      const about = { deployment: id, item: null, person: null, at }
      return { ...about, key: `${id}:connected:${at}`, kind: 'connected' as const, body }
    }),
  )
}

/**
 * Plays the made-up desks' last quarter, day by day, through the engine's own steps: nothing in it is a figure, all of
 * it is work that comes in and what people do with it. A run that was stopped goes on at the day that it had reached.
 */
export async function playQuarter(options: QuarterOptions): Promise<void> {
  const { ledger, signal, desks = plantedDesks } = options
  await announceQuarter(options)
  for (const desk of desks) {
    if (signal.aborted) return
    const deployment = deploymentOf(desk, options)
    if ((await ledger.deployments()).some(({ id }) => id === deployment.id)) continue
    if (!(await playDesk(desk, deployment, options))) return
    // From here on the engine may watch it, with the clock of the present.
    await ledger.saveDeployment(deployment)
    options.onEnd?.(desk.team)
  }
}

/** True when it came to the end of the quarter. */
async function playDesk(
  desk: PlantedDesk,
  deployment: Deployment,
  options: QuarterOptions,
): Promise<boolean> {
  const { ledger, folder, skills, train, seed, end, signal, onMove } = options
  const { id } = deployment
  const work = plantedWork(desk, { seed, end })
  const reached = Number((await ledger.cursor(id)) ?? -1)
  let now = work.startOf(Math.max(0, reached))
  let day = 0
  const play = await openPlay(deployment, {
    ledger,
    folder,
    skills,
    surfaces: { [office.name]: office },
    now: () => now,
    armKey: createHash('sha256').update(`${seed}/arms/${id}`).digest(),
    signal,
    ...(train && { train }),
    onEvent: (event) => {
      if (event.type === 'staged') onMove?.(desk.team, day, event.to, event.because)
    },
  })
  try {
    if ((await ledger.modelHead(id)) === null) await play.learn()
    for (day = reached + 1; day < quarterDays; day++) {
      if (signal.aborted) return false
      const start = work.startOf(day)
      now = start + 7 * hour
      await play.ask()
      const pieces = work.piecesOf(day)
      const cursor = String(day - 1)
      for (const piece of pieces) now = Math.max(now, piece.message.at!)
      await play.take(pieces.map(({ message }): Change => ({ type: 'item', item: message, cursor })))
      const { asked, answered, people } = await readTold(ledger, id)
      const open = asked.flatMap(({ question, card, person, at }) =>
        card !== null &&
        person !== null &&
        !answered.some((each) => each.person === person && each.question === question && each.at >= at)
          ? [{ question, card, person }]
          : [],
      )
      const without = people.switchedOff.filter(
        ({ from, until }) => start + 12 * hour >= from && start < until,
      )
      const done = playDay(desk, work.people, pieces, {
        seed,
        number: day,
        today: {
          start,
          questions: open,
          without: without.map(({ person }) => person),
          placed: await placedOn(
            ledger,
            id,
            pieces.map(({ message }) => message.key),
          ),
        },
      })
      now = start + 24 * hour - 1
      // The day is behind it when its last change is.
      const last = done.length - 1
      await play.take(
        done.map((change, n) => ({ ...change, cursor: n === last ? String(day) : cursor }) as Change),
      )
      if (last < 0) await ledger.saveCursor(id, String(day))
    }
    return true
  } catch (cause) {
    // Learning was called off; the next start begins it again.
    if (signal.aborted) return false
    throw cause
  } finally {
    await play.close()
  }
}

/** The labels that people see on their work. */
async function placedOn(ledger: Ledger, id: string, keys: string[]): Promise<Map<string, string>> {
  const states = await ledger.itemsOf(id, keys)
  const there = keys.filter((key) => {
    const state = states.get(key)
    return state?.placedAt != null && state.withdrawnAt === null
  })
  const labels = new Map<string, string>()
  for (const [key, body] of await ledger.bodiesOf(id, there, 'suggestion')) {
    const { value } = body as Suggestion<'message'>
    if (value.type === 'label') labels.set(key, value.label)
  }
  return labels
}

function deploymentOf(desk: PlantedDesk, { seed, end }: Pick<QuarterOptions, 'seed' | 'end'>): Deployment {
  return {
    id: desk.id,
    team: desk.team,
    surface: office.name,
    skill: 'triage',
    settings: { desk: desk.team, seed, end },
    pain: {
      minutesPerPersonPerWeek: Math.round((desk.perDay * 5 * desk.medianSeconds * 1.3) / 60 / desk.people),
      from: 'recorded work of the made-up desk',
      named: desk.saves === 0,
    },
    rollout: { ...teamRollout, volunteers: 8 },
  }
}
