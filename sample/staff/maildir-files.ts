import { readdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { type Folder, folderPath, folders } from '../mail/maildir.ts'

/** A mail where it lies now. `info` is what follows the colon, '' in `new`. */
export interface FoundMail {
  folder: Folder | null
  part: 'new' | 'cur'
  name: string
  flags: string
}

/** Finds a mail by the unique part of its name, first in the folders given. Null when it is gone. */
export function findMail(
  root: string,
  unique: string,
  where: readonly (Folder | null)[] = [null, ...folders],
): FoundMail | null {
  for (const folder of where) {
    for (const part of ['new', 'cur'] as const) {
      const name = list(join(folderPath(root, folder), part)).find((one) => one.split(':')[0] === unique)
      if (name) return { folder, part, name, flags: /:2,(.*)$/.exec(name)?.[1] ?? '' }
    }
  }
  return null
}

const list = (path: string): string[] => {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

/** Names of all mails in `new` of the inbox. */
export const newMails = (root: string) => list(join(root, 'new')).filter((name) => !name.startsWith('.'))

/**
 * Renames a mail: other flags, another folder, or both; `to.flags` is given the flags it has. Tries again when
 * another program renamed it meanwhile. False when it is not in `from` (any more).
 */
export function moveMail(
  root: string,
  unique: string,
  from: readonly (Folder | null)[],
  to: { folder?: Folder | null; flags(before: string): string },
): boolean {
  for (let attempt = 0; attempt < 20; attempt++) {
    const found = findMail(root, unique, from)
    if (!found) return false
    const target = to.folder === undefined ? found.folder : to.folder
    const name = `${unique}:2,${[...new Set(to.flags(found.flags))].sort().join('')}`
    try {
      renameSync(
        join(folderPath(root, found.folder), found.part, found.name),
        join(folderPath(root, target), 'cur', name),
      )
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  return false
}

/** Letter → keyword of a folder, as Dovecot keeps them in `dovecot-keywords`. */
function keywords(root: string, folder: Folder | null): Map<string, string> {
  try {
    const text = readFileSync(join(folderPath(root, folder), 'dovecot-keywords'), 'utf8')
    return new Map(
      [...text.matchAll(/^(\d+) (.+)$/gm)].map(([, index, name]) => [
        String.fromCharCode(97 + Number(index)),
        name!,
      ]),
    )
  } catch {
    return new Map()
  }
}

/** The label that Inlay's keyword on this mail names, and its letter; null where there is none. */
export function suggestedLabel(root: string, mail: FoundMail): { label: string; letter: string } | null {
  const names = keywords(root, mail.folder)
  for (const letter of mail.flags.match(/[a-z]/g) ?? []) {
    const name = names.get(letter)
    if (name?.startsWith('inlay/')) return { label: name.slice('inlay/'.length), letter }
  }
  return null
}

/** Flags without keywords: their letters mean something else in another folder. */
export const withoutKeywords = (flags: string) => flags.replace(/[a-z]/g, '')
