import type { Answered } from '../../contract/index.ts'
import type { JournalEntry } from '../inbox/journal.ts'
import { answerBlocks, type EditState, editView, type NoteButton } from './slack-blocks.ts'
import { threadOf } from './slack-channels.ts'
import type { SlackDesk, SlackDetail } from './slack-desk.ts'
import type { Looker } from './slack-look.ts'
import { sentEvent } from './slack-messages.ts'
import { takeNoteAway } from './slack-place.ts'
import { escaped } from './slack-text.ts'

type Note = JournalEntry<SlackDetail> & { detail: SlackDetail & { type: 'reply' } }

interface Interaction {
  type?: string
  user?: { id?: string }
  trigger_id?: string
  response_url?: string
  actions?: { action_id?: string; value?: string; action_ts?: string }[]
  view?: {
    callback_id?: string
    private_metadata?: string
    state?: { values?: Record<string, Record<string, { value?: string | null }>> }
  }
}

/** What a person clicked. The same click again, or one on a note that was taken back, posts nothing. */
export async function takeClick(desk: SlackDesk, looker: Looker, click: Interaction): Promise<void> {
  const user = click.user?.id
  if (!user) return
  const url = desk.isResponseUrl(click.response_url ?? '') ? click.response_url! : ''
  if (click.type === 'view_submission' && click.view?.callback_id === 'inlay_edit') {
    const state = parsed<EditState>(click.view.private_metadata)
    const text = click.view.state?.values?.answer?.text?.value?.trim()
    if (state && text) await send(desk, looker, { ...state, text }, user, state.responseUrl)
    return
  }
  if (click.type !== 'block_actions') return
  for (const { action_id = '', value, action_ts } of click.actions ?? []) {
    if (action_id.startsWith('inlay_answer_')) {
      const at = action_ts ? Math.round(Number(action_ts) * 1000) : desk.now()
      await takeAnswer(desk, parsed<{ card: string; answer: Answered }>(value), user, at)
      continue
    }
    const button = parsed<NoteButton>(value)
    if (!button) continue
    if (action_id === 'inlay_send') await send(desk, looker, button, user, url)
    if (action_id === 'inlay_edit') await edit(desk, button, user, url, click.trigger_id ?? '')
    if (action_id === 'inlay_not_this') await takeAway(desk, button, user, url)
  }
}

/** The note that this button stands on, where it is one of ours, and for this person. What is clicked was shown. */
async function noteOf({ journal }: SlackDesk, { key }: NoteButton, user: string): Promise<Note | null> {
  const entry = (await journal.read()).get(key)
  if (entry?.detail.type !== 'reply' || entry.detail.user !== user) return null
  return { ...entry, state: entry.state === 'placing' ? 'placed' : entry.state } as Note
}

async function send(
  desk: SlackDesk,
  looker: Looker,
  { key, item, text }: NoteButton,
  user: string,
  url: string,
): Promise<void> {
  const { api, journal, now, health } = desk
  await journal.alone(async () => {
    const note = await noteOf(desk, { key, item, text }, user)
    if (!note) return
    const { channel, ts } = note.detail
    if (note.state === 'withdrawn' || note.state === 'removed') {
      if (url) await takeNoteAway({ url, at: now() }, now())
      return
    }
    if (note.detail.sent) {
      // The same note, shown once more.
      if (url) await takeNoteAway({ url, at: now() }, now())
      return
    }
    // After a crash half-way, what is in the thread says whether it was posted.
    const posted = note.detail.sending ? await postedFor(desk, note) : null
    let sent = posted
    if (!sent) {
      await journal.write({ ...note, state: 'placed', detail: { ...note.detail, sending: true } })
      const message = {
        channel,
        thread_ts: ts,
        text: escaped(text),
        blocks: answerBlocks(text, user),
        metadata: { event_type: sentEvent, event_payload: { key, person: user } },
      }
      sent = (await api.call<{ ts: string }>('chat.postMessage', message, { once: true })).ts
    }
    await journal.write({ ...note, state: 'placed', at: now(), detail: { ...note.detail, sent } })
    health.did('posted an answer that a person sent')
    if (url) await takeNoteAway({ url, at: now() }, now())
  })
  await looker.noteNow(item)
}

async function postedFor({ api }: SlackDesk, { key, detail }: Note): Promise<string | null> {
  const thread = (await threadOf(api, detail.channel, detail.ts)) ?? []
  const ours = thread.find(({ metadata }) => metadata?.event_payload?.key === key)
  return ours?.ts ?? null
}

async function edit(desk: SlackDesk, button: NoteButton, user: string, responseUrl: string, trigger: string) {
  const { api, journal, now } = desk
  const note = await noteOf(desk, button, user)
  if (note?.state !== 'placed' || note.detail.sent) return
  // First of all: Slack opens it only within three seconds of the click.
  await api.call('views.open', { trigger_id: trigger, view: editView({ ...button, responseUrl }) })
  await journal.alone(async () => {
    const still = await noteOf(desk, button, user)
    if (still?.state !== 'placed') return
    const address = responseUrl ? { responseUrl: { url: responseUrl, at: now() } } : {}
    await journal.write({ ...still, detail: { ...still.detail, ...address } })
  })
}

async function takeAway(desk: SlackDesk, button: NoteButton, user: string, url: string): Promise<void> {
  const { journal, log, now } = desk
  await journal.alone(async () => {
    const note = await noteOf(desk, button, user)
    if (!note) return
    if (note.state === 'placed' && !note.detail.sent) {
      await log.alone((write) => write({ type: 'removed', key: note.item, at: now() }))
      await journal.write({ ...note, state: 'removed', at: now() })
    }
    if (url) await takeNoteAway({ url, at: now() }, now())
  })
  desk.wake()
  await journal.alone(() => desk.home.take(button.key))
}

/** Only of cards that this folder announced; the last answer counts. */
async function takeAnswer(
  desk: SlackDesk,
  given: { card: string; answer: Answered } | null,
  user: string,
  at: number,
): Promise<void> {
  const { log } = desk
  if (!given || !['boolean', 'number'].includes(typeof given.answer)) return
  const { card, answer } = given
  await log.alone((write) => {
    const ours = log.lines.some((line) => line.type === 'card' && line.card === card && line.user === user)
    const told = log.lines.some(
      (line) => line.type === 'answer' && line.card === card && line.user === user && line.at === at,
    )
    if (ours && !told) write({ type: 'answer', card, user, answer, at })
  })
  desk.wake()
}

function parsed<T>(text: string | undefined): T | null {
  try {
    return JSON.parse(text ?? '') as T
  } catch {
    return null
  }
}
