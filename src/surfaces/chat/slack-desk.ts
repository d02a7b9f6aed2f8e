import type { HealthKeeper } from '../../contract/index.ts'
import type { Journal } from '../inbox/journal.ts'
import type { SlackApi } from './slack-calls.ts'
import type { SlackHome } from './slack-home.ts'
import type { SlackLog } from './slack-log.ts'
import type { Reading } from './slack-messages.ts'

/** What was placed: an emoji on a message, or a note that one person sees. */
export type SlackDetail =
  | { type: 'label'; channel: string; ts: string; emoji: string }
  | {
      type: 'reply'
      channel: string
      ts: string
      user: string
      /** A click on "Send" was taken; and then the time stamp of what was posted. */
      sending?: boolean
      sent?: string
      /** Where the note can be taken away, from the last click on it; Slack lets it for half an hour. */
      responseUrl?: { url: string; at: number }
    }

/** All that the parts of the surface share while it is open. */
export interface SlackDesk {
  api: SlackApi
  log: SlackLog
  journal: Journal<SlackDetail>
  home: SlackHome
  reading: Reading
  channels: readonly string[]
  /** User ids of those who do the work, where they were named. */
  people: readonly string[]
  health: HealthKeeper
  now(): number
  pseudonym(raw: string): string
  /** Whether this is an address at which Slack takes what is to become of a note. */
  isResponseUrl(url: string): boolean
  /** Something was written to the log. */
  wake(): void
}

/** User id of who would do it: who did it most often in this channel, of those who were named. */
export function doerOf(
  { log, people }: SlackDesk,
  channel: string,
  asker: string | undefined,
): string | null {
  const counts = log.doers.get(channel) ?? new Map<string, number>()
  const able = (people.length > 0 ? people : [...counts.keys()]).filter((user) => user !== asker)
  let best: string | null = null
  for (const user of able) if (best === null || (counts.get(user) ?? 0) > (counts.get(best) ?? 0)) best = user
  return best
}

/** User ids of those who do the work: as they were named, or all who did it more than once. */
export function doers({ log, people }: SlackDesk): string[] {
  if (people.length > 0) return [...people]
  const all = new Map<string, number>()
  for (const counts of log.doers.values())
    for (const [user, count] of counts) all.set(user, (all.get(user) ?? 0) + count)
  return [...all].filter(([, count]) => count > 1).map(([user]) => user)
}
