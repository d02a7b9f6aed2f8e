import { setTimeout as sleep } from 'node:timers/promises'
import type { Change, Cursor, Example, HealthKeeper, Message, MessageDeed } from '../../contract/index.ts'
import type { Journal, JournalEntry } from './journal.ts'
import type { MailIndex, Told } from './mail-index.ts'

/** A message that was read and then left in the inbox for longer than this was left alone: an example of that. */
const leftAloneMs = 7 * 24 * 3600 * 1000
/** Between two looks at the mailbox. */
const pollMs = 200
/** Left-alone messages come of age without any change of a file. */
const leftAloneCheckMs = 3600 * 1000
/** Longer than this nobody handles one message: they were away. */
const longestHandlingSeconds = 15 * 60
/** Between two signs of life on a message (read, draft saved, sent) at most this much counts as work on it. */
const longestGapSeconds = 5 * 60
/** Mail programs put the sent mail into its folder before they delete the draft, or a moment after. */
export const settlingMs = 4_000

/** One copy of a message in a mailbox; what it is beyond that is the mailbox's own. */
export interface Copy {
  /** Names this copy as long as it lies in the mailbox, whatever its flags. */
  unique: string
}

/** Where an item stands: open, done by a person (filed, answered, left alone), deleted, or nowhere to be seen. */
export type Standing<C extends Copy> =
  | { state: 'open'; copy: C; read: boolean }
  | { state: 'done'; copy: C; label: string | null; reply: C | null }
  | { state: 'gone' }
  | { state: 'absent' }

/** A mailbox as this file needs it: both formats are told about in the same way. */
export interface WatchedMailbox<C extends Copy> {
  /** Looks again, and returns the keys of items about which anything may have changed. `all` trusts no cache. */
  refresh(all?: boolean): Promise<Set<string>>
  keys(): Iterable<string>
  standing(key: string, now: number): Standing<C>
  /** Milliseconds since the epoch; null when unknown. */
  arrival(copy: C): number | null
  /** Null when it has been moved or deleted meanwhile. */
  message(copy: C): Promise<Message | null>
  /** When the copy came to where it is, by the machine's clock, in milliseconds since the epoch. */
  changedAt(copy: C): Promise<number>
  /** When the flags that the last look found changed were told, by the same clock; without it, at that look. */
  flagsToldAt?(): number | null
  /** Waits until there may be something new, at most so many milliseconds; a mailbox without it is looked at often. */
  wait?(atMostMs: number, signal: AbortSignal): Promise<void>
  /** Gives back what the watch holds when it ends. */
  release?(): Promise<void>
}

interface Looked {
  refresh(all?: boolean): Promise<Set<string>>
  wait(atMostMs: number, signal: AbortSignal): Promise<void>
}

/** The mailbox, with what each look at it gives, and each failure, told to the health. */
export function withHealth<Mailbox extends Looked>(mailbox: Mailbox, health: HealthKeeper): Mailbox {
  async function telling<T>(work: Promise<T>): Promise<T> {
    try {
      return await work
    } catch (cause) {
      health.fails(cause instanceof Error ? cause.message : String(cause))
      throw cause
    }
  }
  return {
    ...mailbox,
    wait: (atMostMs, signal) => telling(mailbox.wait(atMostMs, signal)),
    async refresh(all) {
      const affected = await telling(mailbox.refresh(all))
      health.read(affected.size > 0 ? `news of ${affected.size} messages` : undefined)
      return affected
    },
  }
}

export interface WatchTools<C extends Copy, Detail> {
  mailbox: WatchedMailbox<C>
  index: MailIndex
  journal: Journal<Detail>
  /** Whether a placed suggestion can still be seen. */
  isInPlace(entry: JournalEntry<Detail>): Promise<boolean>
  /**
   * A person answered the message themselves, and this placement has had its time to be sent: what is left of it, and
   * was not changed by a person, is taken back.
   */
  takeBackAnswered?(entry: JournalEntry<Detail>): Promise<void>
  now(): number
  /** Pseudonym of the owner; null when unknown. */
  person: string | null
}

/** Whether an inbox message with this time, already read, counts as left alone. */
export const isLeftAlone = (at: number | null, read: boolean, now: number) =>
  read && at !== null && now - at > leftAloneMs

/** What people did before: filed, answered and left-alone messages, oldest first. */
export async function* mailboxHistory<C extends Copy>(
  tools: Pick<WatchTools<C, unknown>, 'mailbox' | 'index' | 'now' | 'person'>,
): AsyncIterable<Example<'message'>> {
  const { mailbox, index, now } = tools
  await mailbox.refresh()
  await index.flush()
  const done = [...mailbox.keys()].flatMap((key) => {
    const found = mailbox.standing(key, now())
    return found.state === 'done' ? [{ ...found, key, at: mailbox.arrival(found.copy) ?? 0 }] : []
  })
  done.sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1))
  for (const found of done) {
    const item = await mailbox.message(found.copy)
    if (!item) continue
    const answer = found.reply && (await mailbox.message(found.reply))
    yield { item, deed: deedOf(tools, found.label, answer, answer?.at ?? null, null) }
  }
}

/** What a person did with a message, from where it lies and the answer there is. */
export function deedOf(
  { person }: { person: string | null },
  label: string | null,
  answer: Message | null,
  at: number | null,
  seconds: number | null,
): MessageDeed {
  const secondsFrom =
    seconds === null ? null : label === null && answer ? 'seen to sent (estimated)' : 'seen to filed'
  return { kind: 'message', at, person, seconds, secondsFrom, label, reply: answer?.text ?? null }
}

/**
 * A bookmark: two times by the machine's clock, in milliseconds. Open items noticed after the first, and everything
 * else noticed after the second, have not been dealt with. The first is 0 until the first catch-up is over.
 */
interface Bookmark {
  items: number
  changes: number
}

const cursorOf = ({ items, changes }: Bookmark): Cursor => `${items} ${changes}`

/** The earliest time of which a watch from this cursor has to know; Infinity without one. */
export const changesSince = (since: Cursor | null) => (since ? bookmarkOf(since).changes : Infinity)

function bookmarkOf(cursor: Cursor): Bookmark {
  const [items, changes] = cursor.split(' ').map(Number)
  return { items: items || 0, changes: changes || 0 }
}

/** New items, deeds, removals and losses; see the contract's `watch`. */
export async function* watchMailbox<C extends Copy, Detail>(
  tools: WatchTools<C, Detail>,
  since: Cursor | null,
  signal: AbortSignal,
): AsyncIterable<Change<'message'>> {
  const { mailbox, index, journal, isInPlace, now } = tools
  const begun = Date.now()
  let from: Bookmark = since ? bookmarkOf(since) : { items: 0, changes: begun }
  const memory = index.told.size > 0
  /** Work on an open message from when it was first seen as read, by this watch; it must have been unread before. */
  const seen = new Map<string, { last: number; seconds: number } | 'unread' | 'unknown'>()
  /** Items about which something changed in the mailbox at this look. */
  let stirred: ReadonlySet<string> = new Set()
  /** Placements whose item was answered, and when that was noticed, until what is left of them is taken back. */
  const answered = new Map<string, { entry: JournalEntry<Detail>; at: number }>()
  const removalsTold = new Set<string>()
  /** Placements that were seen in their place: looked for again when their item changes. */
  const inPlace = new Set<string>()
  /** Items that were moved just when they were to be read: told at the next look. */
  const owed = new Set<string>()
  let nextLeftAloneCheck = 0
  let first = true

  try {
    yield* looks()
  } finally {
    await mailbox.release?.()
  }

  async function* looks(): AsyncIterable<Change<'message'>> {
    while (!signal.aborted) {
      const started = Date.now()
      const placed = [...(await journal.read()).values()].filter(({ state }) => state === 'placed')
      const affected = await mailbox.refresh()
      stirred = new Set(affected)
      for (const key of owed) affected.add(key)
      if (started >= nextLeftAloneCheck) {
        nextLeftAloneCheck = started + leftAloneCheckMs
        for (const [key, { state }] of index.told) if (first || state === 'open') affected.add(key)
      }
      // A file that is being renamed while its directory is read may not be seen; so look twice.
      const missing = [...affected].some((key) => index.told.has(key) && isAbsent(key))
      if (missing || (await removed(placed, affected)).length > 0) {
        for (const key of await mailbox.refresh(true)) affected.add(key)
      }

      const fresh: Told[] = []
      const again: string[] = []
      for (const key of affected) {
        const told = index.told.get(key)
        const state = stateNow(key, told, started)
        if (state) fresh.push(state)
        else if (told && (owed.has(key) || (first && isLate(told)))) again.push(key)
      }
      owed.clear()
      for (const state of fresh) index.tell(state)
      await index.flush()

      // Without a cursor, what was done before is history; only what is open now is told.
      const wanted = ({ state }: Told) => since !== null || !first || state === 'open'
      const tell = [...again, ...fresh.filter(wanted).map(({ key }) => key)]
      if (first) tell.sort((a, b) => arrival(a) - arrival(b))
      let any = first
      for (const key of tell) {
        const change = await changeOf(key)
        if (!change) {
          owed.add(key)
          continue
        }
        any = true
        yield { ...change, cursor: cursorOf(from) }
        if (signal.aborted) return
      }
      for (const key of await removals(await removed(placed, affected))) {
        any = true
        yield { type: 'removed', key, at: now(), cursor: cursorOf(from) }
        if (signal.aborted) return
      }
      if (any) {
        if (owed.size === 0) from = { items: started, changes: started }
        yield { type: 'caught up', cursor: cursorOf(from) }
      }
      await takeBack(placed, affected)
      first = false
      if (mailbox.wait) await mailbox.wait(answered.size > 0 ? pollMs : leftAloneCheckMs, signal)
      else await sleep(pollMs, undefined, { signal }).catch(() => {})
    }
  }

  function isLate({ state, at }: Told) {
    return at >= (state === 'open' ? from.items : from.changes)
  }
  function arrival(key: string) {
    const found = mailbox.standing(key, now())
    return 'copy' in found ? (mailbox.arrival(found.copy) ?? 0) : 0
  }

  function isAbsent(key: string) {
    return mailbox.standing(key, now()).state === 'absent'
  }

  /** What is to be told about an item, or null when it was told already or need not be. */
  function stateNow(key: string, told: Told | undefined, at: number): Told | null {
    const found = mailbox.standing(key, now())
    if (found.state === 'open') {
      noteSeen(key, found.read)
      return told?.state === 'open' ? null : { key, state: 'open', label: null, reply: null, at }
    }
    if (!told) {
      // Filed by a rule before anybody saw it, or history. Only where our memory was lost may it be a deed.
      if (found.state !== 'done' || !since || memory || !first) return null
      return { key, state: 'done', label: found.label, reply: found.reply?.unique ?? null, at }
    }
    if (found.state === 'done') {
      const reply = found.reply?.unique ?? null
      const same = told.state === 'done' && told.label === found.label && told.reply === reply
      return same ? null : { key, state: 'done', label: found.label, reply, at }
    }
    return told.state === 'gone' ? null : { ...told, state: 'gone', at }
  }

  function noteSeen(key: string, read: boolean) {
    const work = seen.get(key)
    if (work === undefined) seen.set(key, read ? 'unknown' : 'unread')
    else if (work === 'unread' && read) seen.set(key, { last: flaggedAt(), seconds: 0 })
    else if (typeof work === 'object' && stirred.has(key)) goOn(work, flaggedAt())
  }

  /** By the surface's clock, which need not be the machine's. */
  function flaggedAt() {
    return now() - Math.max(0, Date.now() - (mailbox.flagsToldAt?.() ?? Date.now()))
  }

  /** A sign of life on a message: the time since the last one counts as work, as long as it is not a pause. */
  function goOn(work: { last: number; seconds: number }, at: number) {
    work.seconds += Math.min(Math.max(0, (at - work.last) / 1000), longestGapSeconds)
    work.last = Math.max(work.last, at)
  }

  async function takeBack(placed: JournalEntry<Detail>[], affected: Set<string>) {
    if (!tools.takeBackAnswered) return
    for (const entry of placed) {
      if (!affected.has(entry.item) || answered.has(entry.key)) continue
      const found = mailbox.standing(entry.item, now())
      if (found.state === 'done' && found.reply) answered.set(entry.key, { entry, at: Date.now() })
    }
    for (const [key, { entry, at }] of answered) {
      if (Date.now() - at < settlingMs) continue
      answered.delete(key)
      await tools.takeBackAnswered(entry)
    }
  }

  async function changeOf(key: string): Promise<WithoutCursor<Change<'message'>> | null> {
    const { state } = index.told.get(key)!
    if (state === 'gone') return { type: 'gone', key }
    const found = mailbox.standing(key, now())
    if (found.state === 'open') {
      const item = await mailbox.message(found.copy)
      return item && { type: 'item', item }
    }
    if (found.state !== 'done') return null
    const answer = found.reply && (await mailbox.message(found.reply))
    const changed = await mailbox.changedAt(found.label === null && found.reply ? found.reply : found.copy)
    // By the surface's clock, which need not be the machine's.
    const at = now() - Math.max(0, Date.now() - changed)
    const work = seen.get(key)
    if (typeof work === 'object') goOn(work, at)
    const seconds = typeof work === 'object' ? Math.min(work.seconds, longestHandlingSeconds) : null
    return { type: 'deed', key, deed: deedOf(tools, found.label, answer, at, seconds) }
  }

  /** Of these placements those that are no longer to be seen on an open item. */
  async function removed(placed: JournalEntry<Detail>[], affected: Set<string>) {
    const suspects: JournalEntry<Detail>[] = []
    for (const entry of placed) {
      if (inPlace.has(entry.key) && !affected.has(entry.item)) continue
      const { state } = mailbox.standing(entry.item, now())
      if (state !== 'open' || (await isInPlace(entry))) inPlace.add(entry.key)
      else suspects.push(entry)
    }
    return suspects
  }

  /** Items whose placement a person took away: noticed by us now, or by another watch of the same folder. */
  async function removals(suspects: JournalEntry<Detail>[]): Promise<string[]> {
    if (suspects.length > 0) {
      await journal.alone(async () => {
        const entries = await journal.read()
        for (const { key } of suspects) {
          const entry = entries.get(key)!
          if (entry.state === 'placed') await journal.write({ ...entry, state: 'removed', at: Date.now() })
        }
      })
    }
    const items: string[] = []
    for (const { key, state, at, item } of (await journal.read()).values()) {
      if (state !== 'removed' || at < from.changes || removalsTold.has(key)) continue
      removalsTold.add(key)
      items.push(item)
    }
    return items
  }
}

type WithoutCursor<Each> = Each extends unknown ? Omit<Each, 'cursor'> : never
