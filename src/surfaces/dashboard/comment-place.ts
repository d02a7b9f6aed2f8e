import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Change,
  type Cursor,
  type Example,
  Fault,
  type Place,
  type Placed,
  type Placement,
  type Report,
  type ReportDeed,
  type Suggestion,
} from '../../contract/index.ts'
import { type CommentJournal, type Put, puttingsOf } from './comment-journal.ts'
import { digest } from './digest.ts'
import { chartOf } from './embed/chart.ts'
import type { ReportTable } from './report-table.ts'
import { shownComments } from './shown-comments.ts'

/** Somewhere in a report that is kept for a comment on its table. */
export interface Comment {
  /** Stable for the life of the place. */
  place: string
  /** What stands there now, exactly: it can be put back. */
  inside: string
}

/** What the report surfaces differ in. */
export interface CommentMedium<C extends Comment> {
  /** Where it is, for messages. */
  name: string
  pollMs: number
  /** Changes whenever any comment or table may have. Throws a Fault (`unreachable`) when the medium has vanished. */
  version(): Promise<string>
  comments(): Promise<C[]>
  /** Null where the table cannot be read (yet): then there is nothing to tell about. */
  table(comment: C): Promise<ReportTable | null>
  /** What a reader sees of something that stood or stands there, as plain text. */
  shown(comment: C, inside: string): string
  /** What is written there for a suggestion: it says whose it is, and how to be rid of it. */
  composed(comment: C, text: string, mark: string): string
  /** Whether it is, or once was, ours. */
  isMarked(inside: string): boolean
  /** When a person last wrote there, in milliseconds since the epoch; null when unknown. */
  writtenAt(comment: C): Promise<number | null>
  /**
   * Puts `to` where `from` stands; false when something else stands there by now, a reason when it may not be. `about` is called when all is ready, last
   * before it is done, with what must be kept to undo it to the byte.
   */
  rewrite(
    comment: C,
    change: { from: string; to: string; kept: string | null },
    about: (kept: string | null) => void,
  ): Promise<boolean | { because: string }>
  /** Why nothing can be written there at all; null where it can. */
  refusal?(comment: C): string | null
}

/** What is known of one place; a change of it is a `Change`. */
interface State {
  /** Day of the newest row, which makes a new item of the same place. */
  period: string
  open: boolean
  /** Digest of the comment that a person wrote, else empty. */
  did: string
  taken: boolean
}

type Happening =
  | { type: 'item'; item: Report }
  | { type: 'deed'; key: string; deed: ReportDeed }
  | { type: 'removed'; key: string; at: number | null }
  | { type: 'gone'; key: string }

/** The item of a place is its report as of a day: a report that goes on is commented anew when its table does. */
const keyOf = (place: string, period: string) => (period === '' ? place : `${place}@${period}`)
const placeOf = (key: string) => key.replace(/@\d{4}-\d{2}-\d{2}$/, '')

export function commentPlace<C extends Comment>(
  medium: CommentMedium<C>,
  journal: CommentJournal,
  now: () => number,
): Place<'report'> {
  const shown = shownComments(journal.folder)

  async function reportOf(comment: C): Promise<{ item: Report; period: string } | null> {
    const table = await medium.table(comment)
    if (!table) return null
    const { columns, rows, newest } = table
    const period = newest === null ? '' : new Date(newest).toISOString().slice(0, 10)
    const key = keyOf(comment.place, period)
    return { item: { kind: 'report', key, group: key, at: newest, columns, rows }, period }
  }

  /** Whether it stands there in the same words, whatever a program that saved the report made of it. */
  const isOurs = (comment: C, { put }: Put): boolean =>
    comment.inside === put || sameWords(medium.shown(comment, comment.inside), medium.shown(comment, put))

  function stateOf(comment: C, period: string, all: ReturnType<typeof puttingsOf>): State {
    const text = medium.shown(comment, comment.inside)
    const put = all.standing(comment.place)
    const mine = text === '' || (put !== undefined && isOurs(comment, put))
    return {
      period,
      open: mine,
      did: mine ? '' : digest(text),
      taken: put !== undefined && all.done.has(put.key) && text === '',
    }
  }

  const deedOf = (comment: C, at: number | null): ReportDeed => ({
    kind: 'report',
    text: medium.shown(comment, comment.inside),
    at,
    person: null,
    seconds: null,
    secondsFrom: null,
  })

  async function* history(): AsyncGenerator<Example<'report'>> {
    const placed = new Set([...puttingsOf(journal.read()).puts.values()].map(({ place }) => place))
    const examples: Example<'report'>[] = []
    for (const comment of await medium.comments()) {
      // What was ours once, reworded or not, is no example of what people write by themselves.
      if (placed.has(comment.place) || medium.isMarked(comment.inside)) continue
      if (medium.shown(comment, comment.inside) === '') continue
      const report = await reportOf(comment)
      if (report) examples.push({ item: report.item, deed: deedOf(comment, await medium.writtenAt(comment)) })
    }
    yield* examples.sort(
      (a, b) => (a.item.at ?? Number.NEGATIVE_INFINITY) - (b.item.at ?? Number.NEGATIVE_INFINITY),
    )
  }

  async function* watch(since: Cursor | null, signal: AbortSignal): AsyncGenerator<Change<'report'>> {
    const states = since === null ? new Map<string, State>() : statesFrom(since)
    let begins = since === null
    let live = false
    let seen = ''
    while (!signal.aborted) {
      const version = await medium.version()
      if (version === seen) {
        await sleep(medium.pollMs, undefined, { signal }).catch(() => {})
        continue
      }
      const all = puttingsOf(journal.read())
      const there = new Set<string>()
      for (const comment of await medium.comments()) {
        const report = await reportOf(comment)
        if (!report) continue
        there.add(comment.place)
        const state = stateOf(comment, report.period, all)
        // What people had written before is history, not news.
        if (begins && !state.open) {
          states.set(comment.place, state)
          continue
        }
        if (state.taken) shown.drop(comment.place)
        if (state.did !== '') shown.reword(comment.place, medium.shown(comment, comment.inside), now())
        const happened = happenings(comment, report.item, states.get(comment.place), state)
        if (happened.length === 0) states.set(comment.place, state)
        for (const [index, change] of happened.entries()) {
          // Half-told is not known: the last of its changes carries the new state.
          if (index === happened.length - 1) states.set(comment.place, state)
          yield { cursor: cursorOf(states), ...change }
          if (signal.aborted) return
        }
      }
      for (const [place, { period }] of [...states]) {
        if (there.has(place)) continue
        states.delete(place)
        yield { cursor: cursorOf(states), type: 'gone', key: keyOf(place, period) }
        if (signal.aborted) return
      }
      yield { cursor: cursorOf(states), type: 'caught up' }
      begins = false
      live = true
      seen = version
    }

    function happenings(comment: C, item: Report, was: State | undefined, state: State): Happening[] {
      const at = live ? now() : null
      const changes: Happening[] = []
      const key = keyOf(comment.place, state.period)
      // While a person's comment on an earlier day stands there, nothing is to be written.
      const renewed = was !== undefined && was.period !== state.period && state.open
      if (renewed) changes.push({ type: 'gone', key: keyOf(comment.place, was.period) })
      if (!was || renewed || (state.open && !was.open)) changes.push({ type: 'item', item })
      if (state.did !== '' && state.did !== was?.did) {
        const about = was && !renewed ? keyOf(comment.place, was.period) : key
        changes.push({ type: 'deed', key: about, deed: deedOf(comment, at) })
      }
      if (state.taken && was && !was.taken) changes.push({ type: 'removed', key, at })
      return changes
    }
  }

  async function place(item: Report, suggestion: Suggestion<'report'>, key: string): Promise<Placed> {
    return oneAtATime(medium.name, async () => {
      const placement: Placement = { key, ref: item.key }
      for (let attempt = 0; attempt < 5; attempt++) {
        const { puts, done, withdrawn, standing } = puttingsOf(journal.read())
        if (done.has(key) || withdrawn.has(key)) return { placed: true, placement }
        const comment = (await medium.comments()).find((each) => each.place === placeOf(item.key))
        if (!comment) {
          return { placed: false, because: `The report ${item.key} has no place for a comment any more.` }
        }
        if (puts.get(key)?.put === comment.inside) {
          // It was written just before a crash.
          journal.note({ type: 'done', key })
          return { placed: true, placement }
        }
        const refusal = medium.refusal?.(comment) ?? null
        if (refusal !== null) return { placed: false, because: refusal }
        // Our own comment on an earlier day gives way, and what stood there before it is what an undo brings back.
        const earlier = standing(comment.place)
        const ours = earlier && isOurs(comment, earlier) ? earlier : undefined
        if (!ours && medium.shown(comment, comment.inside) !== '') {
          return { placed: false, because: `Somebody has written a comment in ${comment.place} already.` }
        }
        const put = medium.composed(comment, suggestion.value.text, digest(key))
        const was = ours?.was ?? comment.inside
        const change = { from: comment.inside, to: put, kept: null }
        const wrote = await medium.rewrite(comment, change, (kept) => {
          const line: Put = { key, place: comment.place, was, put, kept: ours?.kept ?? kept }
          journal.note({ type: 'intent', put: line })
        })
        if (typeof wrote === 'object') return { placed: false, because: wrote.because }
        if (!wrote) continue
        journal.note({ type: 'done', key })
        const { text } = suggestion.value
        const chart = chartOf(item.columns, item.rows, text)
        shown.put(comment.place, { text, suggested: true, at: item.at ?? now(), chart })
        return { placed: true, placement }
      }
      return { placed: false, because: `${item.key} changes all the time; Inlay tries again later.` }
    })
  }

  async function withdraw({ key }: Placement): Promise<void> {
    await oneAtATime(medium.name, async () => {
      for (let attempt = 0; attempt < 5; attempt++) {
        const { puts, withdrawn } = puttingsOf(journal.read())
        const put = puts.get(key)
        if (!put || withdrawn.has(key)) return
        const comment = (await medium.comments()).find(({ place }) => place === put.place)
        // What a person has made of it is theirs.
        const ours = comment !== undefined && isOurs(comment, put)
        const change = comment && { from: comment.inside, to: put.was, kept: put.kept }
        const wrote = ours && change ? await medium.rewrite(comment, change, () => {}) : true
        if (typeof wrote === 'object') throw new Fault('bad-input', wrote.because)
        if (!wrote) continue
        journal.note({ type: 'withdrawn', key })
        if (ours) shown.drop(put.place)
        return
      }
      throw new Fault('busy', `${medium.name} changes all the time: Inlay takes its comment back later.`)
    })
  }

  return { history, watch, place, withdraw }
}

const sameWords = (a: string, b: string): boolean => a.replace(/\s+/g, ' ') === b.replace(/\s+/g, ' ')

const cursorOf = (states: Map<string, State>): Cursor =>
  JSON.stringify(
    Array.from(states, ([place, { period, open, did, taken }]) => [place, period, open, did, taken]),
  )

function statesFrom(cursor: Cursor): Map<string, State> {
  try {
    const entries = JSON.parse(cursor) as [string, string, boolean, string, boolean][]
    return new Map(entries.map(([place, period, open, did, taken]) => [place, { period, open, did, taken }]))
  } catch (cause) {
    throw new Fault(
      'bad-input',
      `"${cursor.slice(0, 60)}" is no cursor of this surface: begin without one.`,
      { cause },
    )
  }
}

const queues = new Map<string, Promise<unknown>>()

/** Two openings of one medium write one after the other; another process is caught by the medium's own versions. */
function oneAtATime<T>(name: string, act: () => Promise<T>): Promise<T> {
  const before = queues.get(name) ?? Promise.resolve()
  const mine = before.then(act, act)
  queues.set(
    name,
    mine.catch(() => {}),
  )
  return mine
}
