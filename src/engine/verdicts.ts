import type { ItemState } from '../ledger/index.ts'
import { type Gate, gateStart, gateStep } from '../prove/gate.ts'
import type { Desk } from './desk.ts'
import type { EngineOptions } from './options.ts'
import { completeOutcomes, outcomeUnknown } from './outcome.ts'
import { readTold } from './told.ts'

/** One judged suggestion: its group's verdict, if it is the group's first. */
export interface Verdict {
  group: string
  useful: boolean
  /** Pseudonym of who did it. */
  person: string | null
  decidedAt: number
  judgedAt: number
}

/** Verdicts of one stage, one for each group, followed as they come. */
export interface Track {
  gate: Gate
  /** Groups that have had their verdict, or whose outcome came too late to count. */
  counted: Set<string>
  /** Known, but too young to be counted without favouring quick outcomes. */
  waiting: Verdict[]
}

export interface Verdicts {
  /** On what would have been shown, since the silent run began. */
  silent: Track
  /** On what was shown, since the pilot began. */
  shown: Track
  /** When these two began. */
  silentSince: number | null
  pilotSince: number | null
  /** Milliseconds that a decision must be old before its verdict counts (`outcomeWindow`); 0 where deeds follow at once. */
  window: number
  /** Whether those who will see it are others than those of the pilot, so that people and not only verdicts count. */
  forOthers: boolean
}

export const newTrack = (): Track => ({ gate: gateStart(), counted: new Set(), waiting: [] })

/** Where the silent run or the pilot began anew meanwhile, what was counted before counts no more. */
export function beginAnew(
  verdicts: Verdicts,
  { silentSince, pilotSince }: Pick<Verdicts, 'silentSince' | 'pilotSince'>,
): void {
  if (verdicts.silentSince !== silentSince) Object.assign(verdicts, { silentSince, silent: newTrack() })
  if (verdicts.pilotSince !== pilotSince) Object.assign(verdicts, { pilotSince, shown: newTrack() })
}

/** Takes in one verdict; see `maturedVerdicts` for why a delayed one waits. */
export function takeVerdict(verdicts: Verdicts, track: Track, verdict: Verdict): void {
  if (track.counted.has(verdict.group)) return
  track.counted.add(verdict.group)
  if (verdicts.window === 0) count(verdicts, track, verdict)
  else if (verdict.judgedAt <= verdict.decidedAt + verdicts.window) track.waiting.push(verdict)
}

/** Counts what has waited long enough. */
export function matureVerdicts(verdicts: Verdicts, now: number): void {
  for (const track of [verdicts.silent, verdicts.shown]) {
    if (track.waiting.length === 0) continue
    const due = ({ decidedAt }: Verdict) => decidedAt + verdicts.window <= now
    const ripe = track.waiting.filter(due).sort((a, b) => a.decidedAt - b.decidedAt)
    track.waiting = track.waiting.filter((verdict) => !due(verdict))
    for (const verdict of ripe) count(verdicts, track, verdict)
  }
}

function count({ forOthers }: Verdicts, track: Track, { useful, person }: Verdict): void {
  track.gate = forOthers ? gateStep(track.gate, useful, person) : gateStep(track.gate, useful)
}

/** Which track a judged item belongs to; null where nobody saw it and nobody would have. */
export function trackOf(verdicts: Verdicts, state: ItemState): Track | null {
  if (state.outcome !== null) return verdicts.shown
  const { arm, stage, threshold, confidence } = state
  const would = arm === 'silent' && stage === 'silent' && threshold !== null && (confidence ?? 0) >= threshold
  return would ? verdicts.silent : null
}

/** What the watcher of one deployment keeps in mind; all of it can be read from the ledger again. */
export interface Memory {
  /** Items that have come in. */
  known: Set<string>
  verdicts: Verdicts
  /** Items whose deed was judged before anybody knew whether their suggestion had been placed. */
  unknown: Set<string>
}

/** The verdict on an item that was decided and judged; null for others. */
export function verdictOf({ item, group, useful, person, decidedAt, judgedAt }: ItemState): Verdict | null {
  if (judgedAt === null || decidedAt === null || useful === null) return null
  return { group: group ?? item, useful, person, decidedAt, judgedAt }
}

/** The verdicts so far and the items known, from the ledger, so that a restart goes on where it was. */
export async function recall(desk: Desk, options: EngineOptions): Promise<Memory> {
  const { ledger, now = Date.now } = options
  const { id, rollout } = desk.deployment
  const { outcomeWindow: window } = await desk.standing()
  // Where the tool knows its people, others than the volunteers will see it once it is live.
  const forOthers = rollout !== undefined && desk.place.people !== undefined
  const { silentSince, pilotSince } = await readTold(ledger, id)
  const verdicts: Verdicts = {
    silent: newTrack(),
    shown: newTrack(),
    silentSince,
    pilotSince,
    window,
    forOthers,
  }
  const known = new Set<string>()
  const judged: { track: Track; verdict: Verdict }[] = []
  const take = (state: ItemState) => {
    const track = trackOf(verdicts, state)
    const verdict = verdictOf(state)
    if (!track || !verdict) return
    const since = track === verdicts.shown ? pilotSince : silentSince
    if (verdict.decidedAt >= (since ?? 0)) judged.push({ track, verdict })
  }
  const uncertain: string[] = []
  for await (const state of ledger.items(id)) {
    known.add(state.item)
    if (outcomeUnknown(state)) uncertain.push(state.item)
    else take(state)
  }
  const { complete, unknown } = await completeOutcomes(desk, uncertain, options)
  complete.forEach(take)
  judged.sort((a, b) => a.verdict.judgedAt - b.verdict.judgedAt)
  for (const { track, verdict } of judged) takeVerdict(verdicts, track, verdict)
  matureVerdicts(verdicts, now())
  return { verdicts, known, unknown: new Set(unknown) }
}
