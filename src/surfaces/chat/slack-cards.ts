import { createHash } from 'node:crypto'
import { type Card, Fault } from '../../contract/index.ts'
import { cardBlocks } from './slack-blocks.ts'
import { doers, type SlackDesk } from './slack-desk.ts'
import type { SlackMessage } from './slack-messages.ts'
import { escaped } from './slack-text.ts'

/** Shows a card in the app's own conversation with each person whom it is for; once a key and person. */
export async function announceInSlack(desk: SlackDesk, card: Card): Promise<void> {
  const { pseudonym, log, journal, now } = desk
  const id = card.key ?? createHash('sha256').update(`${card.title}\n${card.text}`).digest('hex').slice(0, 24)
  const people = doers(desk)
  const to = card.to === undefined ? people : people.filter((user) => pseudonym(user) === card.to)
  if (to.length === 0 && card.to !== undefined) {
    throw new Fault('bad-input', 'The person whom the card is for does not work in this Slack channel.')
  }
  await journal.alone(async () => {
    for (const user of to) {
      await log.refresh()
      const states = log.lines.flatMap((line) =>
        line.type === 'card' && line.card === id && line.user === user ? [line.state] : [],
      )
      if (states.includes('there') || log.off.has(user)) continue
      const say = (state: 'begun' | 'there') =>
        log.alone((write) => write({ type: 'card', card: id, user, state, at: now() }))
      if (states.length === 0) await say('begun')
      await post(desk, card, id, user, states.length > 0)
      await say('there')
    }
  })
}

/** @param perhaps it may be there already, from before a crash */
async function post({ api, health }: SlackDesk, card: Card, id: string, user: string, perhaps: boolean) {
  const opened = await api.call<{ channel: { id: string } }>('conversations.open', { users: user })
  const channel = opened.channel.id
  if (perhaps) {
    const { messages } = await api.call<{ messages: SlackMessage[] }>('conversations.history', {
      channel,
      limit: 100,
      include_all_metadata: true,
    })
    if (messages.some(({ metadata }) => metadata?.event_payload?.card === id)) return
  }
  const message = {
    channel,
    text: escaped(card.title),
    blocks: cardBlocks(card, id),
    metadata: { event_type: 'inlay_card', event_payload: { card: id } },
  }
  await api.call('chat.postMessage', message, { once: true })
  health.did('showed a card')
}
