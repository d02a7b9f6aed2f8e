import { Fault } from '../../contract/index.ts'
import type { SlackApi } from './slack-calls.ts'
import type { SlackMessage } from './slack-messages.ts'

interface Channel {
  id: string
  name?: string
  is_member?: boolean
  is_archived?: boolean
  is_private?: boolean
}

/**
 * Ids of the channels to work in: those that are named (with or without #, or by id), or all that the bot was invited
 * to. Nobody's members are ever listed.
 */
export async function channelsOf(api: SlackApi, wanted: string[] | undefined): Promise<string[]> {
  const named = (wanted ?? []).map((name) => name.replace(/^#/, ''))
  const found = new Map<string, Channel>()
  const isId = (name: string) => /^[CG][A-Z0-9]{8,}$/.test(name)
  for (const id of named.filter(isId)) {
    const { channel } = await api.call<{ channel: Channel }>('conversations.info', { channel: id })
    found.set(id, channel)
  }
  if (named.length === 0 || named.some((name) => !isId(name))) {
    let cursor = ''
    do {
      const page = await api.call<{ channels: Channel[]; response_metadata?: { next_cursor?: string } }>(
        'conversations.list',
        {
          types: 'public_channel,private_channel',
          exclude_archived: true,
          limit: 1000,
          ...(cursor && { cursor }),
        },
      )
      for (const channel of page.channels) {
        const asked = named.includes(channel.name ?? '') || named.includes(channel.id)
        if (named.length === 0 ? channel.is_member : asked) found.set(channel.name ?? channel.id, channel)
      }
      cursor = page.response_metadata?.next_cursor ?? ''
    } while (cursor)
  }
  if (named.length === 0 && found.size === 0) {
    throw new Fault(
      'bad-input',
      'The app is in no Slack channel yet; type /invite @Inlay in a channel, and try again.',
    )
  }
  for (const name of named) {
    const channel = found.get(name)
    if (channel?.is_archived) {
      throw new Fault('bad-input', `The Slack channel "${name}" is archived; choose another with channels=.`)
    }
    if (!channel || channel.is_member === false) {
      throw new Fault(
        'bad-input',
        `The app is not in the Slack channel "${name}"; type /invite @Inlay there, and try again.`,
      )
    }
  }
  return [...found.values()].map(({ id }) => id)
}

interface Page {
  messages: SlackMessage[]
  has_more?: boolean
  response_metadata?: { next_cursor?: string }
}

/** Everything in the channel since then (seconds since the epoch, exclusive), newest first, page by page. */
export async function* messagesSince(api: SlackApi, channel: string, oldest: number) {
  let cursor = ''
  do {
    const page = await api.call<Page>('conversations.history', {
      channel,
      oldest: oldest.toFixed(6),
      limit: 200,
      ...(cursor && { cursor }),
    })
    yield page.messages
    cursor = page.has_more ? (page.response_metadata?.next_cursor ?? '') : ''
  } while (cursor)
}

/** A message and all below it, oldest first; null when it is gone. */
export async function threadOf(api: SlackApi, channel: string, ts: string): Promise<SlackMessage[] | null> {
  const all: SlackMessage[] = []
  let cursor = ''
  do {
    let page: Page
    try {
      page = await api.call<Page>('conversations.replies', {
        channel,
        ts,
        limit: 200,
        include_all_metadata: true,
        ...(cursor && { cursor }),
      })
    } catch (cause) {
      if ((cause as { slack?: string }).slack === 'thread_not_found') return null
      throw cause
    }
    all.push(...page.messages)
    cursor = page.has_more ? (page.response_metadata?.next_cursor ?? '') : ''
  } while (cursor)
  const root = all.find((message) => message.ts === ts)
  return !root || root.subtype === 'tombstone' ? null : all
}
