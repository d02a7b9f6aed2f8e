import { createReadStream } from 'node:fs'
import { chmod, chown, open, rename, rm, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Card, Message, Placed, Placement, Suggestion } from '../../contract/index.ts'
import { Fault } from '../../contract/index.ts'
import { cardId, composeCard, composeDraft, notAnswered } from './compose.ts'
import { isLockedByAnother, takeDotlock } from './dotlock.ts'
import type { Journal, JournalEntry } from './journal.ts'
import { keywordFor } from './maildir-keywords.ts'
import { type MboxFile, readFrom } from './mbox-files.ts'
import type { MboxMail, MboxMailbox } from './mbox-mailbox.ts'
import { contentKey, readHead } from './message.ts'

/** The file that was written, and the keyword or the draft in it. */
export type MboxDetail =
  | { type?: 'label'; path: string; keyword: string }
  | {
      type: 'reply'
      path: string
      messageId: string
      /** Hash of the draft's content: another one means that a person has changed it. */
      content: string
      /** Bytes before it that were needed to end what stood there. */
      lead: number
    }

type Reply = Extract<MboxDetail, { type: 'reply' }>

export interface MboxTools {
  mailbox: MboxMailbox
  journal: Journal<MboxDetail>
  find(): Promise<MboxFile[]>
  me: string | null
  now(): number
}

const refused = (because: string): Placed => ({ placed: false, because })
const placementOf = ({ key, detail }: JournalEntry<MboxDetail>): Placement => ({
  key,
  ref: detail.type === 'reply' ? detail.messageId : detail.keyword,
})

/** How long another program may hold a lock until we give up, in milliseconds. */
const lockPatienceMs = 2_000

/**
 * Writes a header line `X-Keywords: inlay/<label>` into the stored message, which is where Dovecot and UW-IMAP keep
 * keywords in an mbox; see the contract's `place`. Throws a Fault `busy` when another program holds the file's lock.
 */
export function placeInMbox(
  tools: MboxTools,
  item: Message,
  { value }: Suggestion<'message'>,
  key: string,
): Promise<Placed> {
  const { mailbox, journal, now } = tools
  return journal.alone(async () => {
    const before = (await journal.read()).get(key)
    if (before?.state === 'placed') return { placed: true, placement: placementOf(before) }
    if (before && before.state !== 'placing') return refused('it was taken away before, and is not put back')
    if (value.type === 'reply') return placeDraft(tools, item, value.text, key, before)
    await mailbox.refreshNow()
    const found = mailbox.standing(item.key, now())
    if (found.state !== 'open') {
      return refused('the message is no longer open: somebody filed, labelled, answered or deleted it first')
    }
    const { path } = found.copy.file
    const keyword = keywordFor(value.label)
    const entry = { key, item: item.key, state: 'placing' as const, at: now(), detail: { path, keyword } }
    return underLock(path, async () => {
      await mailbox.refreshNow()
      const current = mailbox.standing(item.key, now())
      if (current.state !== 'open' || current.copy.file.path !== path) {
        return refused('the message left the file while it was waiting for its lock')
      }
      if (!current.copy.keywords.includes(keyword)) {
        await journal.write(entry)
        await edit(mailbox, path, await headLine(current.copy, keyword))
        current.copy.keywords.push(keyword)
      }
      await journal.write({ ...entry, state: 'placed', at: now() })
      return { placed: true, placement: placementOf(entry) }
    })
  })
}

/** Takes the keyword out again, wherever the message lies by now; see the contract's `withdraw`. */
export function withdrawFromMbox({ mailbox, journal, now }: MboxTools, placement: Placement): Promise<void> {
  return journal.alone(async () => {
    const entry = (await journal.read()).get(placement.key)
    if (!entry || entry.state === 'withdrawn') return
    await journal.write({ ...entry, state: 'withdrawing', at: now() })
    await mailbox.refreshNow()
    if (entry.detail.type === 'reply') {
      await withdrawDraft(mailbox, entry.item, entry.detail)
      await journal.write({ ...entry, state: 'withdrawn', at: now() })
      return
    }
    const { keyword } = entry.detail
    for (const path of new Set(mailbox.mailsOf(entry.item).map(({ file }) => file.path))) {
      await underLock(path, async () => {
        await mailbox.refreshNow()
        for (const mail of mailbox.mailsOf(entry.item)) {
          const change = mail.file.path === path && (await withoutKeyword(mail, keyword))
          if (!change) continue
          await edit(mailbox, path, change)
          mail.keywords = mail.keywords.filter((word) => word !== keyword)
        }
      })
    }
    await journal.write({ ...entry, state: 'withdrawn', at: now() })
  })
}

/** Appends a draft to the file for drafts, where mail programs offer it for editing. */
async function placeDraft(
  { mailbox, journal, find, me, now }: MboxTools,
  item: Message,
  text: string,
  key: string,
  before: JournalEntry<MboxDetail> | undefined,
): Promise<Placed> {
  const because = notAnswered(item, me)
  if (because) return refused(because)
  const drafts = (await find()).find(({ role }) => role === 'drafts')
  if (!drafts) return refused('this mailbox has no file for drafts')
  const at = before?.at ?? now()
  const mail = await composeDraft(item, text, { key, me, at })
  const messageId = readHead(mail).id!
  return underLock(drafts.path, async () => {
    await mailbox.refreshNow()
    const found = mailbox.standing(item.key, now())
    if (found.state !== 'open') {
      return refused('the message is no longer open: somebody filed, labelled, answered or deleted it first')
    }
    const begun = mailbox.draftsFor(item.key)
    const ours = begun.find(({ id }) => id === messageId)
    if (begun.some((draft) => draft !== ours)) return refused('somebody has begun an answer already')
    const { size } = await stat(drafts.path)
    const end = await lastBytes(drafts.path, size)
    const lead = size === 0 || end === '\n\n' ? '' : end.endsWith('\n') ? '\n' : '\n\n'
    const body = mail.toString('latin1').replaceAll('\r\n', '\n').trimEnd()
    const stored = `${body.replace(/^(>*From )/gm, '>$1')}\n\n`
    const content = contentKey(Buffer.from(`${body}\n`, 'latin1'))
    const detail: Reply = { type: 'reply', path: drafts.path, messageId, content, lead: lead.length }
    const entry = { key, item: item.key, state: 'placing' as const, at, detail }
    await journal.write(entry)
    if (!ours) {
      const insert = Buffer.from(`${lead}${postmarkAt(at)}${stored}`, 'latin1')
      await rewrite(drafts.path, { at: size, remove: 0, insert })
      await mailbox.refreshNow()
      const placed = mailbox.draftsFor(item.key).find(({ id }) => id === messageId)
      detail.content = (placed && (await mailbox.contentOf(placed))) ?? content
    } else if (before?.detail.type === 'reply') detail.lead = before.detail.lead
    await journal.write({ ...entry, state: 'placed', at: now() })
    return { placed: true, placement: placementOf(entry) }
  })
}

async function lastBytes(path: string, size: number): Promise<string> {
  let text = ''
  for await (const chunk of readFrom(path, Math.max(0, size - 2)))
    text += (chunk as Buffer).toString('latin1')
  return text
}

/** Cuts the draft out again, unless a person has changed it: then it is theirs. */
async function withdrawDraft(mailbox: MboxMailbox, item: string, detail: Reply): Promise<void> {
  await underLock(detail.path, async () => {
    await mailbox.refreshNow()
    const ours = mailbox.draftsFor(item).find(({ id }) => id === detail.messageId)
    if (!ours || (await mailbox.contentOf(ours)) !== detail.content) return
    // A draft that was written after ours needs the bytes before ours as little as we do.
    const at = ours.start - detail.lead
    await rewrite(detail.path, { at, remove: ours.end - at, insert: Buffer.alloc(0) })
    await mailbox.refreshNow()
  })
}

/** The line that begins a message in an mbox (RFC 4155). */
function postmarkAt(at: number): string {
  const [day, date, month, year, time] = new Date(at).toUTCString().split(/[, ]+/)
  return `From inlay ${day} ${month} ${String(Number(date)).padStart(2)} ${time} ${year}\n`
}

/** Appends the card to the inbox as one small mail; one with a key only while there is none of it. */
export async function announceInMbox({ find, me, now }: MboxTools, card: Card): Promise<void> {
  const inbox = (await find()).find(({ role }) => role === 'inbox')!
  const mail = (await composeCard(card, { me, at: now() })).toString('latin1').replaceAll('\r\n', '\n')
  const postmark = postmarkAt(now())
  await underLock(inbox.path, async () => {
    if (card.key && (await holds(inbox.path, cardId(card.key)))) return
    const { size } = await stat(inbox.path)
    const text = `${postmark}${mail.trimEnd().replace(/^(>*From )/gm, '>$1')}\n\n`
    await rewrite(inbox.path, { at: size, remove: 0, insert: Buffer.from(text, 'latin1') })
  })
}

/** Whether these (ASCII) characters stand in the file. */
async function holds(path: string, wanted: string): Promise<boolean> {
  let tail = ''
  for await (const chunk of createReadStream(path, { encoding: 'latin1' })) {
    const text = tail + chunk
    if (text.includes(wanted)) return true
    tail = text.slice(-wanted.length)
  }
  return false
}

/** Runs `work` while we hold the file's lock, as mail programs do. */
async function underLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`
  await takeDotlock(lock, lockPatienceMs)
  try {
    if (await isLockedByAnother(path)) {
      throw new Fault('busy', `another program has locked '${path}'; nothing was changed, try again later`)
    }
    return await work()
  } finally {
    await unlink(lock).catch(() => {})
  }
}

interface Edit {
  /** Byte offset in the file. */
  at: number
  remove: number
  insert: Buffer
}

async function edit(mailbox: MboxMailbox, path: string, change: Edit): Promise<void> {
  await rewrite(path, change)
  await mailbox.edited(path, change.at, change.insert.length - change.remove)
}

/** Our header line after the last line of the message's head, ending as that line does. */
async function headLine(mail: MboxMail, keyword: string): Promise<Edit> {
  const head = await storedHead(mail)
  const newline = head.includes('\r\n') ? '\r\n' : '\n'
  return { at: mail.head + head.length, remove: 0, insert: Buffer.from(`X-Keywords: ${keyword}${newline}`) }
}

/** Our line, or our word in a line that another program has made of several; null when there is none. */
async function withoutKeyword(mail: MboxMail, keyword: string): Promise<Edit | null> {
  const head = await storedHead(mail)
  for (const line of head.matchAll(/^x-keywords:(.*\r?\n(?:[ \t].*\r?\n)*)/gim)) {
    const words = line[1]!.split(/[\s,]+/).filter((word) => word !== '')
    if (!words.includes(keyword)) continue
    const at = mail.head + line.index
    if (words.length === 1) return { at, remove: line[0].length, insert: Buffer.alloc(0) }
    const word = line[0].indexOf(keyword)
    const space = /\s/.test(line[0][word - 1] ?? '') ? 1 : 0
    return { at: at + word - space, remove: keyword.length + space, insert: Buffer.alloc(0) }
  }
  return null
}

/** The head as it is stored, every line with its end, without the empty line after it. */
async function storedHead({ file, head, end: next }: MboxMail): Promise<string> {
  let text = ''
  for await (const chunk of readFrom(file.path, head, next)) {
    text += (chunk as Buffer).toString('latin1')
    // The first empty line; not `^` with the flag m, which also stands between CR and LF.
    const end = text.search(/(?<![^\n])\r?\n/)
    if (end >= 0) return text.slice(0, end)
  }
  return text
}

/**
 * Writes the file anew beside the old one and renames it over, so that nobody ever sees half of it and a crash
 * changes nothing. Memory stays bounded. Throws a Fault `busy`, and changes nothing, when the file was changed
 * meanwhile by a program that does not honour the lock.
 */
async function rewrite(path: string, { at, remove, insert }: Edit): Promise<void> {
  const before = await stat(path)
  const temporary = join(dirname(path), `.${basename(path)}.inlay.tmp`)
  const target = await open(temporary, 'w', before.mode & 0o777)
  try {
    if (at > 0) for await (const chunk of readFrom(path, 0, at)) await target.write(chunk as Buffer)
    await target.write(insert)
    for await (const chunk of readFrom(path, at + remove)) await target.write(chunk as Buffer)
    await target.sync()
    await target.close()
    await chmod(temporary, before.mode & 0o7777)
    if (process.getuid?.() === 0) await chown(temporary, before.uid, before.gid)
    const now = await stat(path)
    if (now.mtimeMs !== before.mtimeMs || now.size !== before.size || now.ino !== before.ino) {
      throw new Fault('busy', `'${path}' was written by another program meanwhile; nothing was changed`)
    }
    await rename(temporary, path)
  } finally {
    await target.close().catch(() => {})
    await rm(temporary, { force: true })
  }
}
