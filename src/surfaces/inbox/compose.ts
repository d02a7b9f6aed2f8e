import { createHash } from 'node:crypto'
import MailComposer from 'nodemailer/lib/mail-composer'
import type { Address, Card, Message } from '../../contract/index.ts'

/** A short name for a placement key that can stand in file names and Message-IDs. */
export const keyHash = (key: string) => createHash('sha256').update(key).digest('hex').slice(0, 24)

const host = (me: string | null) => me?.split('@')[1] ?? 'inlay.invalid'

/**
 * An answer as a draft, threaded under the message that it answers. Lines end in CRLF. `to` is whom the original asks
 * to answer (its Reply-To), if not its sender. `info` is the draft's X-Draft-Info, by which Roundcube marks the
 * original as answered when the draft is sent.
 */
export function composeDraft(
  item: Message,
  text: string,
  draft: { key: string; me: string | null; at: number; to?: Address[]; info?: string },
) {
  const references = [...new Set([...item.references, ...(item.inReplyTo ? [item.inReplyTo] : [])])]
  const id = /^<[^<>\s]+>/.exec(item.key)?.[0]
  return compose({
    ...(draft.me ? { from: draft.me } : {}),
    ...(draft.to?.length ? { to: draft.to } : item.from?.address ? { to: item.from } : {}),
    subject: /^\s*(?:re|aw|sv|antw)\s*:/i.test(item.subject) ? item.subject : `Re: ${item.subject}`,
    ...(id ? { inReplyTo: id, references: [...references, id].join(' ') } : {}),
    messageId: `<inlay-${keyHash(draft.key)}@${host(draft.me)}>`,
    date: new Date(draft.at),
    headers: {
      'X-Inlay': `draft ${keyHash(draft.key)}`,
      ...(draft.info && { 'X-Draft-Info': { prepared: true, value: draft.info } }),
    },
    text,
  })
}

/** Why a message is not to be answered, whatever the answer; null when it may be. */
export function notAnswered(item: Message, me: string | null): string | null {
  if (item.automated) return 'it comes from a list, a robot or a bounce, and those are not answered'
  if (!item.from?.address) return 'it does not say who sent it'
  return item.from.address === me ? 'it comes from the owner of this mailbox' : null
}

const cardMark = '<inlay-card-'

/** How the Message-ID of the card with this key begins, up to its host. */
export const cardId = (key: string) => `${cardMark}${keyHash(key)}@`

/** Whether a mail is a card of ours, where only its Message-ID is at hand. */
export const isCard = (messageId: string | null) => messageId?.startsWith(cardMark) ?? false

/** The walkthrough or a question as one small mail of text; an answer is a click on its address. */
export function composeCard(card: Card, { me, at }: { me: string | null; at: number }) {
  const answers = card.ask?.answers.map(({ label, url }) => (url ? `${label}: ${url}` : label)) ?? []
  return compose({
    from: { name: 'Inlay', address: `inlay@${host(me)}` },
    ...(me ? { to: me } : {}),
    subject: card.title,
    messageId: `${cardId(card.key ?? `${card.title}${card.text}${at}`)}${host(me)}>`,
    date: new Date(at),
    headers: { 'X-Inlay': 'card', 'Auto-Submitted': 'auto-generated' },
    text: [card.text, ...(answers.length ? [answers.join('\n')] : [])].join('\n\n'),
  })
}

function compose(mail: ConstructorParameters<typeof MailComposer>[0]): Promise<Buffer> {
  // Nothing is fetched, whatever stands in a text.
  const options = { ...mail, newline: 'windows', disableUrlAccess: true, disableFileAccess: true }
  return new MailComposer(options).compile().build()
}
