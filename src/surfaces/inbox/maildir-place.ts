import { access, link, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Card, Message, Placed, Placement, Suggestion } from '../../contract/index.ts'
import { composeCard, composeDraft, keyHash, notAnswered } from './compose.ts'
import type { Journal, JournalEntry } from './journal.ts'
import { flagsOf, type MailFile, nameOf, pathOf } from './maildir-folders.ts'
import { addKeyword, keywordFor, readKeywords, removeKeyword, withLetter } from './maildir-keywords.ts'
import type { Mailbox } from './maildir-mailbox.ts'

/** What Inlay did for one placement key. */
export type MaildirDetail =
  | {
      type: 'label'
      /** Folder of the file when it was placed, and whether it lay there in `new` without flags. */
      folder: string
      wasNew: boolean
      keyword: string
      lineAdded: boolean
      fileAdded: boolean
    }
  | { type: 'reply'; folder: string; unique: string; sha: string }

export type MaildirJournal = Journal<MaildirDetail>
type Entry = JournalEntry<MaildirDetail>

export interface PlaceTools {
  mailbox: Mailbox
  journal: MaildirJournal
  me: string | null
  now(): number
}

const refused = (because: string): Placed => ({ placed: false, because })

/** Puts a label as a keyword on the message, or an answer as a draft beside it; see the contract's `place`. */
export function placeInMaildir(
  tools: PlaceTools,
  item: Message,
  suggestion: Suggestion<'message'>,
  key: string,
): Promise<Placed> {
  const { journal, mailbox } = tools
  return journal.alone(async () => {
    const before = (await journal.read()).get(key)
    if (before?.state === 'placed') return { placed: true, placement: placementOf(before) }
    if (before && before.state !== 'placing') return refused('it was taken away before, and is not put back')
    await mailbox.refresh()
    const file = inInbox(mailbox, item.key)
    if (!file) {
      return refused('the message is no longer in the inbox: somebody filed, answered or deleted it first')
    }
    const { value } = suggestion
    return value.type === 'label'
      ? placeLabel(tools, item, value.label, key, file, before)
      : placeDraft(tools, item, value.text, key, before)
  })
}

/** Takes a placement away; see the contract's `withdraw`. */
export function withdrawFromMaildir(tools: PlaceTools, placement: Placement): Promise<void> {
  const { journal, mailbox, now } = tools
  return journal.alone(async () => {
    const entry = (await journal.read()).get(placement.key)
    if (!entry || entry.state === 'withdrawn') return
    await journal.write({ ...entry, state: 'withdrawing', at: now() })
    await mailbox.refresh()
    if (entry.detail.type === 'label') await withdrawLabel(tools, entry, entry.detail)
    else await withdrawDraft(mailbox, entry.detail)
    await journal.write({ ...entry, state: 'withdrawn', at: now() })
  })
}

/** Whether a placed suggestion can still be seen; a person who took it away did so without doing the deed. */
export async function isInPlace(mailbox: Mailbox, { item, detail }: Entry): Promise<boolean> {
  if (detail.type === 'reply') {
    // Mail programs save an edited draft under a new name: then any draft counts.
    for (const file of mailbox.files()) {
      if (file.folder.role === 'drafts' && file.unique === detail.unique) return true
    }
    return mailbox.drafts(item).length > 0
  }
  for (const file of mailbox.filesOf(item)) {
    const letter = (await readKeywords(file.folder.path)).get(detail.keyword)
    if (letter && flagsOf(file).includes(letter)) return true
  }
  return false
}

const placementOf = ({ key, detail }: Entry): Placement => ({
  key,
  ref: detail.type === 'label' ? detail.keyword : detail.unique,
})

/** The file of an item while it lies in the inbox and is not marked as deleted. */
function inInbox(mailbox: Mailbox, key: string): MailFile | null {
  const files = mailbox.filesOf(key)
  if (files.some(({ folder }) => folder.role !== 'inbox' && folder.role !== 'gone')) return null
  return files.find((file) => file.folder.role === 'inbox' && !flagsOf(file).includes('T')) ?? null
}

async function placeLabel(
  { mailbox, journal, now }: PlaceTools,
  item: Message,
  label: string,
  key: string,
  file: MailFile,
  before: Entry | undefined,
): Promise<Placed> {
  if (file.info !== null && file.info !== '' && !file.info.startsWith('2,')) {
    return refused(`the file name '${nameOf(file)}' ends in flags of a form that no mail program writes`)
  }
  const folder = file.folder.path
  const keyword = keywordFor(label)
  const first = before?.detail.type === 'label' ? before.detail : null
  const entry: Entry & { detail: MaildirDetail & { type: 'label' } } = {
    key,
    item: item.key,
    state: 'placing',
    at: now(),
    detail: {
      type: 'label',
      folder,
      keyword,
      wasNew: first?.wasNew ?? (file.sub === 'new' && file.info === null),
      lineAdded: first?.lineAdded ?? !(await readKeywords(folder)).has(keyword),
      fileAdded: first?.fileAdded ?? !(await exists(join(folder, 'dovecot-keywords'))),
    },
  }
  await journal.write(entry)
  const added = await addKeyword(folder, keyword)
  if (!added) {
    await journal.write({ ...entry, state: 'withdrawn' })
    return refused(`all 26 keywords of this folder are taken, so that '${keyword}' has no room`)
  }
  // A message in `new` has no flags yet. In `cur` without the letter S it is still unread; only the mark "recent",
  // which no person sees, is lost. A keyword cannot stand anywhere else.
  const moved = await reletter(mailbox, item.key, (each) => {
    if (each.folder.path !== folder || flagsOf(each).includes('T')) return null
    return { sub: 'cur', info: `2,${withLetter(flagsOf(each), added.letter, true)}` }
  })
  if (!moved) {
    await dropKeyword(mailbox, journal, entry.detail)
    await journal.write({ ...entry, state: 'withdrawn' })
    return refused('the message left the inbox while the keyword was being put on it')
  }
  await journal.write({ ...entry, state: 'placed', at: now() })
  return { placed: true, placement: placementOf(entry) }
}

async function withdrawLabel(
  { mailbox, journal }: PlaceTools,
  entry: Entry,
  detail: MaildirDetail & { type: 'label' },
): Promise<void> {
  for (const folder of new Set(mailbox.filesOf(entry.item).map((file) => file.folder.path))) {
    const letter = (await readKeywords(folder)).get(detail.keyword)
    if (!letter) continue
    await reletter(mailbox, entry.item, (file) => {
      if (file.folder.path !== folder || !flagsOf(file).includes(letter)) return null
      const flags = withLetter(flagsOf(file), letter, false)
      if (flags === '' && detail.wasNew && folder === detail.folder) return { sub: 'new', info: null }
      return { sub: 'cur', info: `2,${flags}` }
    })
  }
  await dropKeyword(mailbox, journal, detail)
}

/** Takes the keyword out of the folder's list, if Inlay put it there and no message bears it any more. */
async function dropKeyword(
  mailbox: Mailbox,
  journal: MaildirJournal,
  { folder, keyword }: MaildirDetail & { type: 'label' },
) {
  // The first placement of a keyword added the line; a later one may be the last to leave.
  const ours = [...(await journal.read()).values()].flatMap(({ detail }) =>
    detail.type === 'label' && detail.folder === folder ? [detail] : [],
  )
  if (!ours.some((detail) => detail.keyword === keyword && detail.lineAdded)) return
  await removeKeyword(folder, keyword, {
    fileAdded: ours.some(({ fileAdded }) => fileAdded),
    async used(letter) {
      await mailbox.refresh()
      for (const file of mailbox.files()) {
        if (file.folder.path === folder && flagsOf(file).includes(letter)) return true
      }
      return false
    },
  })
}

/** How often a rename that lost against another program's is tried again. */
const attempts = 20

/**
 * Renames the files of an item as `to` says (null leaves a file alone), as often as another program was faster.
 * False when no file is left that wants it.
 */
async function reletter(
  mailbox: Mailbox,
  key: string,
  to: (file: MailFile) => { sub: 'new' | 'cur'; info: string | null } | null,
): Promise<boolean> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const file = mailbox.filesOf(key).find((each) => to(each) !== null)
    if (!file) return false
    const target = { ...file, ...to(file)! }
    if (target.sub === file.sub && target.info === file.info) return true
    // A name with the same unique part can only be the same message, so that nothing can be overwritten.
    const done = await rename(pathOf(file), pathOf(target)).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return false
        throw error
      },
    )
    await mailbox.refresh(!done)
    if (done) return true
  }
  return false
}

async function placeDraft(
  { mailbox, journal, me, now }: PlaceTools,
  item: Message,
  text: string,
  key: string,
  before: Entry | undefined,
): Promise<Placed> {
  const because = notAnswered(item, me)
  if (because) return refused(because)
  const drafts = mailbox.folders().find(({ role }) => role === 'drafts')
  if (!drafts) return refused('this mailbox has no folder for drafts')
  if (mailbox.answerTo(mailbox.idOf(item.key))) return refused('somebody has answered the message already')
  const begun = mailbox.drafts(item.key)
  const ours = before?.detail.type === 'reply' ? before.detail.unique : null
  if (begun.some(({ unique }) => unique !== ours)) return refused('somebody has begun an answer already')
  const at = before?.at ?? now()
  const bytes = await composeDraft(item, text, { key, me, at })
  const unique = ours ?? uniqueName(at, keyHash(key))
  const detail: MaildirDetail = { type: 'reply', folder: drafts.path, unique, sha: keyHash(bytes.toString()) }
  const entry: Entry = { key, item: item.key, state: 'placing', at, detail }
  await journal.write(entry)
  await deliver(drafts.path, 'cur', `${unique}:2,D`, bytes)
  await journal.write({ ...entry, state: 'placed', at: now() })
  return { placed: true, placement: placementOf(entry) }
}

/** Deletes the draft, unless a person has changed it: then it is theirs. */
async function withdrawDraft(mailbox: Mailbox, detail: MaildirDetail & { type: 'reply' }): Promise<void> {
  for (const file of mailbox.files()) {
    if (file.unique !== detail.unique || file.folder.path !== detail.folder) continue
    const bytes = await readFile(pathOf(file)).catch(() => null)
    if (bytes && keyHash(bytes.toString()) === detail.sha) await rm(pathOf(file), { force: true })
  }
}

/** Delivers the card as one small unread mail; one with a key only while there is none of it. */
export function announceInMaildir({ mailbox, journal, me, now }: PlaceTools, card: Card): Promise<void> {
  return journal.alone(async () => {
    await mailbox.refresh()
    const inbox = mailbox.folders().find(({ role }) => role === 'inbox')!
    const at = now()
    const mark = card.key ? `card_${keyHash(card.key)}` : keyHash(card.title + card.text)
    if (card.key && [...mailbox.files()].some((file) => nameOf(file).includes(`.inlay_${mark}`))) return
    const name = uniqueName(at, `${mark}_${process.hrtime.bigint()}`)
    await deliver(inbox.path, 'new', name, await composeCard(card, { me, at }))
  })
}

/** The file name of a delivery (cr.yp.to/proto/maildir.html): time, a name that is unique on the host, the host. */
const uniqueName = (at: number, unique: string) =>
  `${Math.floor(at / 1000)}.inlay_${unique}.${hostname().replace(/[^\w.-]/g, '_') || 'localhost'}`

/** Writes to `tmp` and links into place, so that nobody sees half a file; a file of that name is left alone. */
async function deliver(folder: string, sub: 'new' | 'cur', name: string, bytes: Buffer): Promise<void> {
  const temporary = join(folder, 'tmp', name)
  await writeFile(temporary, bytes, { flush: true, mode: 0o600 })
  try {
    await link(temporary, join(folder, sub, name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await unlink(temporary)
  }
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )
