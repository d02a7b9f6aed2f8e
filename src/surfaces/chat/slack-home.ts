import { join } from 'node:path'
import { readKept, writeKept } from '../kept.ts'
import { homeView, type Note } from './slack-blocks.ts'
import { type SlackApi, slackError } from './slack-calls.ts'
import type { SlackLog } from './slack-log.ts'
import { leftAloneMs, placeOfKey } from './slack-messages.ts'

/** A note on its person's Home tab; `at` is when it was put there. */
export interface HomeNote extends Note {
  user: string
  at: number
}

/**
 * The Home tab of the app, which each person has for themselves: where a note goes that was cut off while it was shown
 * in its channel, so that nobody can tell whether it was seen there. What is published replaces what was published
 * before, so that a note stands there once, however often it is put. Nobody is called to it.
 *
 * Texts are kept in the private folder only while they stand there: until the question is done with, at most a week.
 * Whoever changes it holds the journal alone.
 */
export interface SlackHome {
  /** Fault with Slack's error `not_enabled` where the app has no Home tab. */
  put(note: HomeNote): Promise<void>
  /** Takes a note away, where one stands there. */
  take(key: string): Promise<void>
  /** Whether nothing that is done with stands there. */
  isTidy(): Promise<boolean>
  /** Takes away what is done with. */
  tidy(): Promise<void>
  /** Publishes what stands there for a person. */
  show(user: string): Promise<void>
}

/** Folders of the deployments in this process that share an app: a person has one tab for all of them. */
const foldersOf = new Map<string, Set<string>>()

export interface HomeOptions {
  api: SlackApi
  log: SlackLog
  folder: string
  /** What tells one app from another. */
  app: string
  now(): number
}

export function slackHome({ api, log, folder, app, now }: HomeOptions): SlackHome {
  const folders = foldersOf.get(app) ?? new Set()
  foldersOf.set(app, folders.add(folder))

  const keptIn = async (where: string) => (await readKept<HomeNote[]>(join(where, 'home.json'))) ?? []
  const isWanted = ({ item, user, at }: HomeNote) =>
    (log.states.get(item)?.state ?? 'open') === 'open' && at + leftAloneMs > now() && !log.off.has(user)

  async function publish(user: string, own: readonly HomeNote[]) {
    const others = await Promise.all([...folders].filter((each) => each !== folder).map(keptIn))
    const theirs = [...own, ...others.flat()].filter((note) => note.user === user && isWanted(note))
    theirs.sort((a, b) => b.at - a.at)
    const shown = theirs.map((note) => ({ ...note, channel: placeOfKey(note.item).channel }))
    await api.call('views.publish', { user_id: user, view: homeView(shown) })
  }

  const write = (notes: readonly HomeNote[]) =>
    writeKept(join(folder, 'home.json'), notes.length > 0 ? notes : null)

  async function keepOnly(stays: (note: HomeNote) => boolean) {
    const kept = await keptIn(folder)
    const left = kept.filter(stays)
    if (left.length === kept.length) return
    const users = new Set(kept.filter((note) => !stays(note)).map(({ user }) => user))
    for (const user of users) await publish(user, left).catch(unlessNobodySeesIt)
    await write(left)
  }

  return {
    async put(note) {
      const others = (await keptIn(folder)).filter(({ key }) => key !== note.key)
      await publish(note.user, [...others, note])
      await write([...others, note])
    },
    take: (taken) => keepOnly(({ key }) => key !== taken),
    isTidy: async () => (await keptIn(folder)).every(isWanted),
    tidy: () => keepOnly(isWanted),
    async show(user) {
      await publish(user, await keptIn(folder)).catch(unlessNobodySeesIt)
    },
  }
}

/** The app has no Home tab, or the person left. */
function unlessNobodySeesIt(cause: unknown) {
  if (!['not_enabled', 'user_not_found'].includes(slackError(cause) ?? '')) throw cause
}
