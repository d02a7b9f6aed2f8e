import type { Change, Cursor, DataRecord, HealthKeeper, RecordDeed } from '../../contract/index.ts'
import { type Noted, openRecordLog, type RecordState } from './record-log.ts'
import type { Page, RecordMedium, StoredRecord } from './record-medium.ts'
import type { ScorePlacing } from './score-placing.ts'

export interface RecordWatch {
  medium: RecordMedium
  placing: ScorePlacing
  health: HealthKeeper
  /** The surface's private folder. */
  folder: string
  now(): number
  pseudonym(raw: string): string
}

type Told = Omit<Change<'record'>, 'cursor'>

/** Keys that are looked at in each round, to find out which of them are gone. */
const sweepCalls = 1

/** See `Place.watch`. Told at least once: what a restart finds is compared with what the cursor says was told. */
export async function* watchRecords(
  { medium, placing, health, folder, now, pseudonym }: RecordWatch,
  since: Cursor | null,
  signal: AbortSignal,
): AsyncGenerator<Change<'record'>> {
  if (signal.aborted) return
  const log = await openRecordLog(folder, since)
  const swept: string[] = []
  const nudges = new Set<string>()
  const bell = ringing(signal)
  const stop = await medium.listen?.((keys) => {
    for (const key of keys) nudges.add(key)
    bell.ring()
  })
  try {
    for (let first = true; !signal.aborted; first = false) {
      let news = first
      const placements = await placedItems()
      for await (const page of pages()) {
        health.read(page.records.length ? `${page.records.length} changed records` : undefined)
        for (const change of await toTell(page, placements)) {
          news = true
          yield change
          if (signal.aborted) return
        }
      }
      if (!log.whole) log.add([{ whole: true }])
      if (news) yield { type: 'caught up', cursor: log.cursor() }
      health.waits(`the next look, every ${Math.round(medium.interval / 1000)} s`)
      if (nudges.size === 0) await bell.rest(medium.interval)
    }
  } finally {
    bell.stop()
    await stop?.()
    log.close()
  }

  async function* pages(): AsyncGenerator<Page> {
    // What the medium told by itself is asked for again: such messages come twice, late and out of order.
    const named = [...nudges]
    nudges.clear()
    for (const keys of chunks(named, medium.batch)) yield readAgain(keys)
    for await (const page of medium.changed(log.position, signal)) {
      if (signal.aborted) return
      yield page
    }
    for (const keys of chunks(nextToSweep(), medium.batch)) yield readAgain(keys)
  }

  async function readAgain(keys: string[]): Promise<Page> {
    const records = await medium.read(keys)
    return {
      records: [...records.values()],
      gone: keys.filter((key) => !records.has(key)),
      position: log.position ?? '',
    }
  }

  /** All keys in turn that something may still come of, a few in each round. */
  function nextToSweep(): string[] {
    const wanted = sweepCalls * medium.batch
    if (swept.length === 0) {
      for (const [key, { open, placed }] of log.states) if (open || placed) swept.push(key)
    }
    return swept.splice(0, wanted).filter((key) => log.states.has(key))
  }

  /** Compares, writes down what is about to be told, and gives it with its cursors. */
  async function toTell(
    { records, gone = [], position }: Page,
    placements: Set<string>,
  ): Promise<Change<'record'>[]> {
    const next = new Map<string, { record: StoredRecord; state: RecordState }>()
    for (const record of records) next.set(record.key, { record, state: stateOf(record, placements) })
    // A search may lag behind what we wrote ourselves, and we may have taken it back meanwhile: a missing score is
    // believed only when it is read again.
    const doubtful = [...next].flatMap(([key, { state }]) =>
      state.placed === 'taken' && log.states.get(key)?.placed !== 'taken' ? [key] : [],
    )
    for (const keys of chunks(doubtful, medium.batch)) {
      // Placed before and after it was read: neither just written nor just taken back.
      const before = await placedItems()
      const records = await medium.read(keys)
      const after = await placedItems()
      const placedNow = new Set([...before].filter((key) => after.has(key)))
      for (const [key, record] of records) {
        next.set(key, { record, state: stateOf(record, placedNow) })
      }
    }
    const noted: Noted[] = []
    const told: (Told | null)[] = []
    const note = (change: Noted, tell: Told | null) => {
      noted.push(change)
      told.push(tell)
    }
    for (const [key, { record, state }] of next) {
      const was = log.states.get(key)
      const types = newsOf(was, state, !log.whole)
      if (types.length === 0) {
        if (!was || !same(was, state)) note({ key, state }, null)
        continue
      }
      for (const [index, type] of types.entries()) {
        // Only the last one has told all; a restart in the middle tells the record again.
        const last = index === types.length - 1
        note(
          { key, state: last ? state : (was ?? { open: true, did: '', placed: '' }) },
          tellOf(type, record),
        )
      }
    }
    for (const key of gone) if (log.states.has(key)) note({ key, state: null }, { type: 'gone', key } as Told)
    if (position !== (log.position ?? '')) note({ position }, null)
    const cursors = log.add(noted)
    return told.flatMap((tell, index) =>
      tell ? [{ ...tell, cursor: cursors[index]! } as Change<'record'>] : [],
    )
  }

  async function placedItems(): Promise<Set<string>> {
    const items = new Set<string>()
    for (const { item, state } of (await placing.journal.live()).values()) {
      if (state === 'placed' || state === 'removed') items.add(item)
    }
    return items
  }

  function stateOf(record: StoredRecord, placements: Set<string>): RecordState {
    const { key, outcome, score } = record
    const placed =
      outcome !== null || !placements.has(key) ? '' : score.probability === null ? 'taken' : 'there'
    return { open: outcome === null, did: outcome === null ? '' : String(outcome), placed }
  }

  function tellOf(type: 'item' | 'deed' | 'removed', record: StoredRecord): Told {
    const { key } = record
    if (type === 'item') return { type, item: itemOf(record) } as Told
    if (type === 'removed') return { type, key, at: now() } as Told
    return { type, key, deed: deedOf(record, medium.target, pseudonym) } as Told
  }
}

function newsOf(
  was: RecordState | undefined,
  state: RecordState,
  knowsNothing: boolean,
): ('item' | 'deed' | 'removed')[] {
  if (knowsNothing && !was) return state.open ? ['item'] : []
  const types: ('item' | 'deed' | 'removed')[] = []
  // A record that appears decided was an item and a deed in one.
  if (!was || (state.open && !was.open)) types.push('item')
  if (state.did !== '' && state.did !== was?.did) types.push('deed')
  if (state.placed === 'taken' && was?.placed !== 'taken') types.push('removed')
  return types
}

const same = (a: RecordState, b: RecordState) => a.open === b.open && a.did === b.did && a.placed === b.placed

export function itemOf({ key, at, fields }: StoredRecord): DataRecord {
  return { kind: 'record', key, group: key, at, fields }
}

export function deedOf(
  { outcome, decidedAt, decidedBy }: StoredRecord,
  target: string,
  pseudonym: (raw: string) => string,
): RecordDeed {
  const person = decidedBy === null ? null : pseudonym(decidedBy)
  return { kind: 'record', at: decidedAt, person, seconds: null, secondsFrom: null, target, value: outcome }
}

export function* chunks<T>(all: T[], size: number): Generator<T[]> {
  for (let from = 0; from < all.length; from += size) yield all.slice(from, from + size)
}

/** Sleeps until it is rung, told to end, or the time is over. */
function ringing(signal: AbortSignal) {
  let wake = () => {}
  const ring = () => wake()
  signal.addEventListener('abort', ring)
  return {
    ring,
    rest: (ms: number) =>
      new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
        if (signal.aborted) wake()
      }),
    stop: () => signal.removeEventListener('abort', ring),
  }
}
