import { join } from 'node:path'
import type { Random } from '../random.ts'
import type { HandledLetter } from './history.ts'
import { deliver, makeMaildir, uniqueName } from './maildir.ts'
import { writeMime } from './mime.ts'

/** What only the generator knows about one incoming mail; one line of `truth/mail.jsonl`. */
export interface MailTruth {
  /** The unique part of its file's name, the same in every folder. */
  file: string
  id: string
  at: number
  kind: string
  language: string
  /** Where it belongs; null is left alone. */
  label: string | null
  /** Where people put it; null is INBOX. */
  filed: string | null
  person: string | null
  open: boolean
  misfiled: boolean
  ambiguous: boolean
  broken: string | null
}

/** Writes the mailbox and gives the truth of every incoming mail. Lets others run now and then. */
export async function writeMailbox(
  root: string,
  mails: readonly HandledLetter[],
  rng: Random,
  progress: (share: number) => void,
): Promise<MailTruth[]> {
  makeMaildir(root)
  const truth: MailTruth[] = []
  for (const [i, one] of mails.entries()) {
    const { letter } = one
    const bytes = writeMime(letter)
    const name = uniqueName(rng, letter.at, bytes.length)
    const open = one.handledAt === null
    const flags = `${one.answered ? 'R' : ''}S`
    if (open) deliver(root, null, 'new', name, bytes, letter.at)
    else deliver(root, one.folder, 'cur', `${name}:2,${flags}`, bytes, letter.at)
    if (letter.kind !== 'answer') {
      truth.push({
        file: name,
        id: letter.id,
        at: letter.at,
        kind: letter.kind,
        language: letter.language,
        label: letter.label,
        filed: one.folder,
        person: one.person?.address ?? null,
        open,
        misfiled: one.misfiled,
        ambiguous: letter.ambiguous,
        broken: letter.style.broken,
      })
    }
    if (i % 250 === 0) {
      progress(i / mails.length)
      await new Promise((resume) => setImmediate(resume))
    }
  }
  return truth
}

export const mailboxPath = (folder: string) => join(folder, 'mail', 'orders')
