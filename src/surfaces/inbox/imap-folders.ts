import type { ImapFlow, ListResponse } from 'imapflow'
import { type FolderRole, roleOf } from './maildir-folders.ts'

/** A folder of an IMAP account. */
export interface ImapFolder {
  /** As the server takes it, decoded from modified UTF-7. */
  path: string
  /** As a person sees it, levels parted by `/`; empty for the inbox. */
  name: string
  role: FolderRole
  /** Holds a copy of everything (Gmail's All Mail): a message that lies elsewhere too is not archived. */
  everything: boolean
  status: FolderStatus | null
}

/** What tells whether anything in a folder has changed. */
export interface FolderStatus {
  uidValidity: string
  uidNext: number
  messages: number
  modseq: string | null
}

/** Where labels go on servers that allow no keywords: folders of Inlay's own. */
export const labelFolder = 'Inlay'

const specialRoles: Record<string, FolderRole> = {
  '\\Inbox': 'inbox',
  '\\Sent': 'sent',
  '\\Drafts': 'drafts',
  '\\Trash': 'gone',
  '\\Junk': 'gone',
  '\\Archive': 'left',
  '\\All': 'left',
  '\\Flagged': 'other',
  '\\Important': 'other',
}

/** Every selectable folder of the person's own, with its counters, in one round trip where the server can. */
export async function listFolders(
  client: ImapFlow,
  { ignore, drafts }: { ignore: readonly string[]; drafts?: string | undefined },
): Promise<ImapFolder[]> {
  const listed = await client.list({
    statusQuery: { messages: true, uidNext: true, uidValidity: true, highestModseq: true },
    ...(drafts && { specialUseHints: { drafts } }),
  })
  const foreign = [...(client.namespaces?.other || []), ...(client.namespaces?.shared || [])]
    .map(({ prefix }) => prefix)
    .filter((prefix) => prefix !== '')
  const own = client.namespaces?.personal?.[0]?.prefix ?? ''
  const ignored = new Set(ignore.map((name) => name.toLowerCase()))
  return listed.flatMap((entry) => {
    if (entry.flags.has('\\Noselect') || entry.flags.has('\\NonExistent')) return []
    if (foreign.some((prefix) => entry.path.startsWith(prefix))) return []
    const name = nameOf(entry, own)
    if (ignored.has(name.toLowerCase())) return []
    return [
      {
        path: entry.path,
        name,
        role: roleIn(entry, name),
        everything: entry.specialUse === '\\All',
        status: statusOf(entry),
      },
    ]
  })
}

function nameOf({ path, delimiter }: ListResponse, prefix: string): string {
  if (path.toUpperCase() === 'INBOX') return ''
  const own = prefix && path.startsWith(prefix) ? path.slice(prefix.length) : path
  return delimiter ? own.split(delimiter).join('/') : own
}

function roleIn({ specialUse, specialUseSource, flags }: ListResponse, name: string): FolderRole {
  if (name === '') return 'inbox'
  if (name === labelFolder || name.startsWith(`${labelFolder}/`)) return 'other'
  if (flags.has('\\Important')) return 'other'
  // What imapflow guesses from names is left to our own list: a label must not be taken for a special folder.
  const told = specialUse && specialUseSource !== 'name' ? specialRoles[specialUse] : undefined
  return told ?? roleOf(name)
}

function statusOf({ status }: ListResponse): FolderStatus | null {
  if (!status?.uidValidity || status.uidNext === undefined) return null
  const { uidValidity, uidNext, messages = 0, highestModseq } = status
  return {
    uidValidity: String(uidValidity),
    uidNext,
    messages,
    modseq: highestModseq ? String(highestModseq) : null,
  }
}
