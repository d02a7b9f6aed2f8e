import { chmod, readFile, rename, rm, stat, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { takeDotlock } from './dotlock.ts'

/**
 * IMAP keywords the way Dovecot keeps them in a Maildir (doc.dovecot.org, "Maildir mailbox format"): a file
 * `dovecot-keywords` in the folder with lines `index name`, and the letter `a` + index among a file name's flags.
 */

/** Small letters that a file name has for keywords. */
const slots = 26

/**
 * The keyword for a label, `inlay/<label>`: characters that an IMAP atom does not allow (RFC 9051, `atom-specials`)
 * become `_`, and it is cut to the 50 characters that Dovecot allows.
 */
export function keywordFor(label: string): string {
  return `inlay/${label.replace(/[^\x21-\x7e]|[(){%*"\\\]]/g, '_')}`.slice(0, 50)
}

/** Adds or removes letters and keeps the flags in ASCII order, as the format wants. */
export function withLetter(flags: string, letter: string, present: boolean): string {
  const letters = new Set(flags)
  if (present) letters.add(letter)
  else letters.delete(letter)
  return [...letters].sort().join('')
}

/** Keyword → letter in this folder; empty where the folder has none. */
export async function readKeywords(folder: string): Promise<Map<string, string>> {
  const text = await readFile(join(folder, 'dovecot-keywords'), 'utf8').catch(() => '')
  const letters = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [, index, name] = /^(\d+) (.+)$/.exec(line) ?? []
    if (name && Number(index) < slots) letters.set(name, letterOf(Number(index)))
  }
  return letters
}

const letterOf = (index: number) => String.fromCharCode(97 + index)

export interface AddedKeyword {
  letter: string
  /** Whether the line, and whether the file, was not there before. */
  lineAdded: boolean
  fileAdded: boolean
}

/** Makes sure that the folder knows the keyword; null when all 26 letters are taken by others. */
export async function addKeyword(folder: string, keyword: string): Promise<AddedKeyword | null> {
  const known = (await readKeywords(folder)).get(keyword)
  if (known) return { letter: known, lineAdded: false, fileAdded: false }
  return underDotlock<AddedKeyword | null>(folder, async (text) => {
    // Read again: somebody may have added it before we had the lock.
    const letters = await readKeywords(folder)
    const there = letters.get(keyword)
    if (there) return { result: { letter: there, lineAdded: false, fileAdded: false } }
    const taken = new Set(letters.values())
    const index = Array.from({ length: slots }, (_, slot) => slot).find((slot) => !taken.has(letterOf(slot)))
    if (index === undefined) return { result: null }
    const before = text === null || text === '' || text.endsWith('\n') ? (text ?? '') : `${text}\n`
    return {
      result: { letter: letterOf(index), lineAdded: true, fileAdded: text === null },
      text: `${before}${index} ${keyword}\n`,
    }
  })
}

/** Takes out the keyword's line unless it is `used`, and the file with it if it is empty then and was ours. */
export async function removeKeyword(
  folder: string,
  keyword: string,
  options: { used(letter: string): Promise<boolean>; fileAdded: boolean },
): Promise<void> {
  if (!(await readKeywords(folder)).has(keyword)) return
  await underDotlock(folder, async (text) => {
    const letter = (await readKeywords(folder)).get(keyword)
    if (text === null || !letter || (await options.used(letter))) return { result: undefined }
    const index = letter.charCodeAt(0) - 97
    const kept = text.replace(new RegExp(`^${index} .*\\n?`, 'm'), '')
    return { result: undefined, text: kept === '' && options.fileAdded ? null : kept }
  })
}

/**
 * Dovecot's dotlock: `dovecot-keywords.lock`, made so that only one can make it, is the lock and the new file in
 * one; renaming it over the old one is the write. `text` in the answer is what to write, null to delete, absent to
 * leave it. Throws a Fault `busy` when another program keeps the lock.
 */
async function underDotlock<T>(
  folder: string,
  change: (text: string | null) => Promise<{ result: T; text?: string | null }>,
): Promise<T> {
  const path = join(folder, 'dovecot-keywords')
  const lock = `${path}.lock`
  await takeDotlock(lock)
  let held = true
  try {
    const before = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null
      throw error
    })
    const { result, text } = await change(before)
    if (text === null) await rm(path, { force: true })
    if (typeof text === 'string') {
      // The mail server runs as somebody else at times: who could read the file before can read it after.
      const mode = (await stat(before === null ? folder : path)).mode & 0o666
      await writeFile(lock, text, { flush: true })
      await chmod(lock, mode).catch(() => {})
      await rename(lock, path)
      held = false
    }
    return result
  } finally {
    if (held) await unlink(lock).catch(() => {})
  }
}
