import {
  type DataRecord,
  Fault,
  type HealthKeeper,
  type Placed,
  type Placement,
  type Suggestion,
} from '../../contract/index.ts'
import { type Journal, type JournalEntry, openJournal } from '../inbox/journal.ts'
import { reasonsInWords } from '../sheet/row-work.ts'
import { noScore, type RecordMedium, type Score, type StoredRecord } from './record-medium.ts'

/** What undo needs: what we wrote, and what stood there. */
export interface ScoreDetail {
  score: Score
  was: Score
}

export interface ScorePlacing {
  journal: Journal<ScoreDetail>
  place(item: DataRecord, suggestion: Suggestion<'record'>, key: string): Promise<Placed>
  withdraw(placement: Placement): Promise<void>
  /** Waits for writes under way. */
  close(): Promise<void>
}

interface Request {
  key: string
  item: string
  /** Null takes it back. */
  score: Score | null
  /** Of a placement that this folder's journal does not know. */
  ref: Partial<ScoreDetail> | null
  resolve(placed: Placed): void
  reject(cause: unknown): void
}

/** Requests that come within these many milliseconds share their calls. */
const gather = 5

/**
 * Places scores in batches: one `read` and one `write` for as many as the medium takes at once. Each is noted before
 * the medium is touched (`placing`, with what stood there) and after (`placed`), so that whoever comes after a crash
 * finishes the very same write and undo restores what stood there first.
 */
export async function scorePlacing(
  folder: string,
  medium: RecordMedium,
  health: HealthKeeper,
  now: () => number,
): Promise<ScorePlacing> {
  const journal = await openJournal<ScoreDetail>(folder)
  let queue: Request[] = []
  let draining: Promise<void> | null = null

  function submit(request: Omit<Request, 'resolve' | 'reject'>): Promise<Placed> {
    return new Promise((resolve, reject) => {
      queue.push({ ...request, resolve, reject })
      draining ??= drain()
    })
  }

  async function drain(): Promise<void> {
    await new Promise((wake) => setTimeout(wake, gather))
    while (queue.length > 0) {
      const batch = nextBatch()
      await journal
        .alone(() => perform(batch))
        .catch((cause) => {
          for (const { reject } of batch) reject(cause)
        })
    }
    draining = null
  }

  /** As many as fit, and of one record only one: a second one must see what the first did. */
  function nextBatch(): Request[] {
    const batch: Request[] = []
    const later: Request[] = []
    const taken = new Set<string>()
    for (const request of queue) {
      if (batch.length === medium.batch || taken.has(request.item) || taken.has(request.key))
        later.push(request)
      else batch.push(request)
      taken.add(request.item).add(request.key)
    }
    queue = later
    return batch
  }

  async function perform(batch: Request[]): Promise<void> {
    const entries = await journal.live()
    const waiting = batch.filter((request) => {
      const answer = known(request, entries.get(request.key))
      if (answer) request.resolve(answer)
      return !answer
    })
    if (waiting.length === 0) return
    const places = waiting.some(({ score }) => score !== null)
    const refusal = places ? await medium.prepare() : null
    const records = await medium.read(waiting.map(({ item }) => item))
    const steps: { request: Request; entry: JournalEntry<ScoreDetail>; writes: boolean }[] = []
    for (const request of waiting) {
      const before = entries.get(request.key)
      const record = records.get(request.item)
      const step =
        request.score === null
          ? withdrawal(request, before, record)
          : placing(request, request.score, before, record, refusal)
      if ('refused' in step) request.resolve({ placed: false, because: step.refused })
      else steps.push({ request, ...step })
    }
    if (steps.length === 0) return
    await journal.writeAll(steps.map(({ entry }) => entry))
    const writing = steps.filter(({ writes }) => writes)
    const failed =
      writing.length === 0
        ? new Map<string, string>()
        : await medium.write(
            writing.map(({ request, entry: { detail } }) => ({
              key: request.item,
              score: request.score === null ? detail.was : detail.score,
              was: request.score === null ? detail.score : detail.was,
            })),
          )
    const settled = steps.map(({ request, entry }) => {
      const state = request.score === null || failed.has(request.item) ? 'withdrawn' : 'placed'
      return { ...entry, state, at: now() } as const
    })
    await journal.writeAll(settled)
    const done = writing.length - failed.size
    if (done > 0) health.did(places ? `scored ${done} records` : `took back ${done} scores`)
    for (const { request, entry } of steps) {
      const because = failed.get(request.item)
      if (because !== undefined && request.score !== null) request.resolve({ placed: false, because })
      else request.resolve(answerOf(entry))
    }
  }

  function placing(
    { key, item }: Request,
    score: Score,
    before: JournalEntry<ScoreDetail> | undefined,
    record: StoredRecord | undefined,
    refusal: string | null,
  ) {
    if (!record) return { refused: 'The record is not there any more.' }
    if (record.outcome !== null) return { refused: 'A person has decided it already.' }
    if (refusal !== null) return { refused: refusal }
    const halfway = before?.state === 'placing' ? before.detail : null
    if (!halfway && !medium.ownsScores && !sameScore(record.score, noScore)) {
      return { refused: 'Something that Inlay did not write stands where the score would go.' }
    }
    const detail = halfway ?? { score, was: record.score }
    const entry = { key, item, state: 'placing', at: now(), detail } as const
    const written = sameScore(record.score, detail.score)
    if (halfway && !written && !sameScore(record.score, halfway.was)) {
      return { refused: 'Somebody else has written where the score would go.' }
    }
    return { entry, writes: !written }
  }

  function withdrawal(
    { key, item, ref }: Request,
    before: JournalEntry<ScoreDetail> | undefined,
    record: StoredRecord | undefined,
  ) {
    const detail = before?.detail ?? {
      score: { ...noScore, ...ref?.score },
      was: { ...noScore, ...ref?.was },
    }
    const entry = { key, item, state: 'withdrawing', at: now(), detail } as const
    // What somebody has changed since is theirs.
    return { entry, writes: record !== undefined && ours(record.score, detail.score) }
  }

  return {
    journal,
    place: (item, suggestion, key) => submit({ key, item: item.key, score: scoreOf(suggestion), ref: null }),
    async withdraw({ key, ref }) {
      const { item, ...detail } = readRef(ref)
      await submit({ key, item, score: null, ref: detail })
    },
    async close() {
      await draining
    },
  }
}

/** The answer where nothing has to be done. */
function known({ score }: Request, entry: JournalEntry<ScoreDetail> | undefined): Placed | null {
  if (!entry) return null
  if (score === null) return entry.state === 'withdrawn' ? answerOf(entry) : null
  if (entry.state === 'placed' || entry.state === 'removed') return answerOf(entry)
  if (entry.state === 'placing') return null
  return { placed: false, because: 'It was taken back earlier.' }
}

function answerOf({ key, item, detail: { score, was } }: JournalEntry<ScoreDetail>): Placed {
  // Without the reasons: they quote the record, and a reference is kept for good.
  const little = ({ probability, band }: Score) => ({ probability, band })
  const ref = { item, score: little(score), ...(sameScore(was, noScore) ? {} : { was: little(was) }) }
  return { placed: true, placement: { key, ref: JSON.stringify(ref) } }
}

function readRef(ref: string): { item: string } & Partial<ScoreDetail> {
  try {
    return JSON.parse(ref)
  } catch (cause) {
    throw new Fault('bad-input', `"${ref}" is no placement of this surface.`, { cause })
  }
}

function scoreOf({ value, reasons }: Suggestion<'record'>): Score {
  const words = reasonsInWords(reasons)
  return {
    probability: String(Math.round(value.probability * 1000) / 1000),
    band: value.band,
    reasons: words === '' ? null : words,
  }
}

const sameScore = (a: Score, b: Score) => ours(a, b) && a.reasons === b.reasons

function ours(now: Score, written: Score): boolean {
  return sameNumber(now.probability, written.probability) && now.band === written.band
}

/** A database may give 0.50 for 0.5. */
function sameNumber(a: string | null, b: string | null): boolean {
  return a === b || (a !== null && b !== null && Number(a) === Number(b))
}
