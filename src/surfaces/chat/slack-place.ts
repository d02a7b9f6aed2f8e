import type { Message, Placed, Placement, Suggestion } from '../../contract/index.ts'
import type { JournalEntry } from '../inbox/journal.ts'
import { mostInButton, type NoteButton, noteBlocks } from './slack-blocks.ts'
import { neverLeft, slackError } from './slack-calls.ts'
import { threadOf } from './slack-channels.ts'
import { doers, type SlackDesk, type SlackDetail } from './slack-desk.ts'
import type { HomeNote } from './slack-home.ts'
import { placeOfKey, standingOf } from './slack-messages.ts'
import { escaped } from './slack-text.ts'

type Entry = JournalEntry<SlackDetail>

/**
 * See the contract's `place`: an answer as a note that only its person sees, a label as an emoji.
 *
 * A note whose sending was cut off may have been seen or not: Slack has no key that makes a second sending the same as
 * the first, and lets nobody read back what one person sees. It is never sent again; it is put on the Home tab of its
 * person, where what is put twice stands once. So it is neither shown twice in its channel nor lost. A click on either is
 * a click on the one suggestion: one answer is posted, whichever is clicked and however often.
 */
export function placeInSlack(
  desk: SlackDesk,
  item: Message,
  { value }: Suggestion<'message'>,
  key: string,
): Promise<Placed> {
  const { journal } = desk
  return journal.alone(async () => {
    const entries = await journal.read()
    const before = entries.get(key)
    if (before?.state === 'placed') return { placed: true, placement: placementOf(before) }
    if (before?.state === 'removed') return refused('a person took it away')
    const begun = before?.state === 'placing' && before.detail.type === 'reply' ? before.detail : null
    const other = [...entries.values()].some(
      (each) => each.item === item.key && each.state === 'placed' && each.key !== key,
    )
    if (other) return refused('there is a suggestion on it already')
    return value.type === 'label'
      ? placeLabel(desk, item, value.label, key)
      : placeNote(desk, item, { key, item: item.key, text: value.text }, begun)
  })
}

async function placeLabel(desk: SlackDesk, item: Message, label: string, key: string): Promise<Placed> {
  const { api, journal, now, reading } = desk
  const emoji = [...(reading.labels ?? [])].find(([, each]) => each === label)?.[0]
  if (!emoji) return refused(`no emoji stands for "${label}"; add one to labels=`)
  const { channel, ts } = placeOfKey(item.key)
  const because = await whyNot(desk, item)
  if (because) return refused(because)
  const detail = { type: 'label' as const, channel, ts, emoji }
  const entry: Entry = { key, item: item.key, state: 'placing', at: now(), detail }
  await journal.write(entry)
  try {
    await api.call('reactions.add', { channel, timestamp: ts, name: emoji })
  } catch (cause) {
    // Ours, from before a crash.
    if (slackError(cause) !== 'already_reacted') {
      if (slackError(cause)) await journal.write({ ...entry, state: 'withdrawn', at: now() })
      if (slackError(cause) === 'message_not_found') return refused('the message is gone')
      if (slackError(cause) === 'invalid_name') return refused(`this workspace has no emoji :${emoji}:`)
      throw cause
    }
  }
  await journal.write({ ...entry, state: 'placed', at: now() })
  desk.health.did('put an emoji on a message')
  return { placed: true, placement: placementOf(entry) }
}

async function placeNote(
  desk: SlackDesk,
  item: Message,
  button: NoteButton,
  begun: (SlackDetail & { type: 'reply' }) | null,
): Promise<Placed> {
  const { journal, now, log, health } = desk
  const { channel, ts } = placeOfKey(item.key)
  const user =
    begun?.user ?? doers(desk).find((each) => desk.pseudonym(each) === item.person) ?? personOf(desk, item)
  if (!user) return refused('nobody is known who answers here; name them with people=')
  if (log.off.has(user)) return refused('it is off for the person who answers here')
  if (JSON.stringify(button).length > mostInButton) {
    return refused('it is longer than a note in Slack can carry')
  }
  const because = await whyNot(desk, item)
  if (because) return refused(because)
  const detail = { type: 'reply' as const, channel, ts, user }
  const entry: Entry = { key: button.key, item: item.key, state: 'placing', at: now(), detail }
  const note = { ...button, question: item.text }
  const refusal = begun
    ? await putAtHome(desk, { ...note, user, at: now() })
    : await showInChannel(desk, entry, { channel, user, text: escaped(note.text), blocks: noteBlocks(note) })
  if (refusal) return refused(refusal)
  await journal.write({ ...entry, state: 'placed', at: now() })
  health.did(begun ? 'put a note on a Home tab' : 'showed a note')
  return { placed: true, placement: placementOf(entry) }
}

/** Why it cannot stand there, in words; null where it does. */
async function putAtHome({ home }: SlackDesk, note: HomeNote): Promise<string | null> {
  try {
    await home.put(note)
    return null
  } catch (cause) {
    const error = slackError(cause)
    if (error === 'user_not_found') return personLeft
    if (error !== 'not_enabled') throw cause
    return 'nobody can tell whether it was shown, and the app has no Home tab to put it on: turn that on under App Home'
  }
}

/** Why it cannot be shown, in words; null where it was. */
async function showInChannel(
  { api, journal, now }: SlackDesk,
  entry: Entry,
  message: Record<string, unknown>,
): Promise<string | null> {
  await journal.write(entry)
  try {
    // Not in the thread: there Slack shows a note only where somebody has written before.
    await api.call('chat.postEphemeral', message, { once: true })
    return null
  } catch (cause) {
    const error = slackError(cause)
    // Slack said no, so nobody saw it; where it said nothing, nobody can tell.
    if (error || neverLeft(cause)) await journal.write({ ...entry, state: 'withdrawn', at: now() })
    if (error === 'user_not_in_channel' || error === 'user_not_found') return personLeft
    if (error === 'is_archived') return 'the channel is archived'
    throw cause
  }
}

function personOf({ log, pseudonym }: SlackDesk, { person, key }: Message): string | null {
  const counts = log.doers.get(placeOfKey(key).channel) ?? new Map<string, number>()
  return [...counts.keys()].find((user) => pseudonym(user) === person) ?? null
}

/** Why nothing may be placed on it any more, in words; null where it may. */
async function whyNot({ api, reading }: SlackDesk, { key }: Message): Promise<string | null> {
  const { channel, ts } = placeOfKey(key)
  const thread = await threadOf(api, channel, ts)
  const root = thread?.find((each) => each.ts === ts)
  if (!thread || !root) return 'the message is gone'
  if (standingOf(root, thread, reading).state === 'open') return null
  return reading.labels
    ? 'somebody has labelled the message already'
    : 'somebody has answered the message already'
}

/**
 * See the contract's `withdraw`. A note that nobody has clicked cannot be taken off their screen: Slack gives no way
 * to, and forgets it when they load Slack anew. Its buttons then say that it was taken back.
 */
export function withdrawFromSlack(desk: SlackDesk, { key }: Placement): Promise<void> {
  const { api, journal, now, home } = desk
  return journal.alone(async () => {
    const entry = (await journal.read()).get(key)
    if (!entry || entry.state === 'withdrawn') return
    await journal.write({ ...entry, state: 'withdrawing', at: now() })
    const { detail } = entry
    if (detail.type === 'label') {
      const { channel, ts, emoji } = detail
      try {
        await api.call('reactions.remove', { channel, timestamp: ts, name: emoji })
      } catch (cause) {
        const gone = ['no_reaction', 'message_not_found', 'bad_timestamp']
        if (!gone.includes(slackError(cause) ?? '')) throw cause
      }
    } else {
      await home.take(key)
      if (detail.responseUrl && !detail.sent) await takeNoteAway(detail.responseUrl, now())
    }
    await journal.write({ ...entry, state: 'withdrawn', at: now() })
  })
}

/** Slack takes it for half an hour after the click; later, or where it does not answer, the note stays until a reload. */
export async function takeNoteAway({ url, at }: { url: string; at: number }, now: number): Promise<void> {
  if (now - at > 30 * 60_000) return
  await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ delete_original: true }),
    signal: AbortSignal.timeout(10_000),
  }).catch(() => {})
}

/** `ref` is where it is: channel and time stamp, and the emoji of a label. */
const placementOf = ({ key, item, detail }: Entry): Placement => ({
  key,
  ref: detail.type === 'label' ? `${item} ${detail.emoji}` : item,
})

const personLeft = 'the person who answers here is not in the channel any more'

const refused = (because: string): Placed => ({ placed: false, because })
