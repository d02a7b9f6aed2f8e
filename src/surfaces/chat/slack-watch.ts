import type { Change, Cursor } from '../../contract/index.ts'
import type { SlackDesk } from './slack-desk.ts'
import { missedWishes } from './slack-events.ts'
import type { LogLine } from './slack-log.ts'
import type { Looker } from './slack-look.ts'

export interface WatchTools {
  desk: SlackDesk
  looker: Looker
  /** Milliseconds between two looks at everything. */
  lookMs: number
  /** Milliseconds between two questions whether the token is still good. */
  checkMs: number
  /** Throws where Slack said that the app was removed. */
  checkInstalled(): void
  /** How often there was news so far. */
  news(): number
  /** Waits until there was news more often than that, at most so long. */
  wait(atMostMs: number, news: number, signal: AbortSignal): Promise<void>
  /** Whether the connection was lost and is there again, since it was last asked. */
  isBack(): boolean
}

/** See the contract's `watch`. The bookmark is the number of lines of the log that have been dealt with. */
export async function* watchSlack(
  { desk, looker, lookMs, checkMs, checkInstalled, news, wait, isBack }: WatchTools,
  since: Cursor | null,
  signal: AbortSignal,
): AsyncIterable<Change<'message'>> {
  const { log, api, health, now } = desk
  let position = Number(since ?? 0) || 0
  let lookedAt = Number.NEGATIVE_INFINITY
  let checkedAt = performance.now()
  let first = true
  while (!signal.aborted) {
    // What comes from here on, also while somebody works on what is told, is looked at in the next round.
    const heard = news()
    try {
      const due = performance.now() - lookedAt >= lookMs
      const back = isBack()
      if (back || due) {
        if (back || first) await missedWishes(desk)
        await looker.everything()
        lookedAt = checkedAt = performance.now()
      } else if (performance.now() - checkedAt >= checkMs) {
        await api.call('auth.test')
        checkedAt = performance.now()
        health.read()
      }
      checkInstalled()
      await log.refresh()
    } catch (cause) {
      health.fails(cause instanceof Error ? cause.message : String(cause))
      throw cause
    }
    const end = log.lines.length
    let any = first
    for (; position < end; position++) {
      const line = log.lines[position]!
      if (first && since === null && !isOpenItem(line)) continue
      const change = await changeOf(line)
      if (!change) continue
      any = true
      yield { ...change, cursor: String(position + 1) }
      if (signal.aborted) return
    }
    if (any) yield { type: 'caught up', cursor: String(position) }
    first = false
    await wait(Math.min(lookMs - (performance.now() - lookedAt), checkMs), heard, signal)
  }

  function isOpenItem(line: LogLine): boolean {
    return line.type === 'item' && log.states.get(line.key)?.state === 'open' && !isToldLater(line)
  }

  /** It was done, and open again: the later line tells of it. */
  function isToldLater(line: LogLine & { type: 'item' }): boolean {
    return log.states.get(line.key)?.at !== line.at
  }

  async function changeOf(line: LogLine): Promise<WithoutCursor<Change<'message'>> | null> {
    const at = 'at' in line ? line.at : now()
    switch (line.type) {
      case 'item': {
        const item = await looker.item(line.key)
        return item && { type: 'item', item }
      }
      case 'deed': {
        const deed = await looker.deed(line.key, at)
        return deed && { type: 'deed', key: line.key, deed }
      }
      case 'gone':
        return { type: 'gone', key: line.key }
      case 'removed':
        return { type: 'removed', key: line.key, at }
      case 'answer':
        return { type: 'answer', card: line.card, person: desk.pseudonym(line.user), answer: line.answer, at }
      case 'wish':
        return { type: 'wish', person: desk.pseudonym(line.user), wish: line.wish, at }
      default:
        return null
    }
  }
}

type WithoutCursor<Each> = Each extends unknown ? Omit<Each, 'cursor'> : never
