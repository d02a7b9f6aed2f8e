import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import iconv from 'iconv-lite'
import { Fault } from '../../contract/index.ts'

/** What a folder is for. Only `label` folders are labels; `left` is Archive, where mail lies that was left alone. */
export type FolderRole = 'inbox' | 'label' | 'left' | 'sent' | 'drafts' | 'gone' | 'other'

export interface Folder {
  /** As a person sees it, levels parted by `/`; empty for the inbox. */
  name: string
  role: FolderRole
  path: string
}

/** One message file. `unique` is its name without flags: it stays while flags change. */
export interface MailFile {
  unique: string
  /** What stands after the colon (`2,FS`), or null where there is none. */
  info: string | null
  sub: 'new' | 'cur'
  folder: Folder
}

export const pathOf = (file: MailFile) => join(file.folder.path, file.sub, nameOf(file))
export const nameOf = ({ unique, info }: Pick<MailFile, 'unique' | 'info'>) =>
  info === null ? unique : `${unique}:${info}`
/** The letters of a file's info part: capitals are flags, small letters keywords. */
export const flagsOf = ({ info }: Pick<MailFile, 'info'>) => (info?.startsWith('2,') ? info.slice(2) : '')

/** Names of special folders as mail programs make them, in the languages that we know; compared without case. */
const roles: Array<[FolderRole, RegExp]> = [
  [
    'sent',
    /^(sent|sent[ _-](items|messages|mail)|gesendet\w*|gesendete (objekte|elemente)|envoyés?|enviados)$/,
  ],
  ['drafts', /^(drafts?|entwürfe|brouillons|borradores)$/],
  ['gone', /^(trash|deleted([ _-](items|messages))?|bin|junk([ _-]e?-?mail)?|spam|papierkorb|corbeille)$/],
  ['left', /^(archives?|archiv|all mail)$/],
  ['other', /^(templates?|vorlagen|outbox|postausgang)$/],
]

/** The role of a folder by its name: `Sent`, `INBOX/Trash` and `Archive/2024` are special, `Orders` is a label. */
export function roleOf(name: string): FolderRole {
  const parts = name.toLowerCase().split('/')
  const top = parts[0] === 'inbox' || parts[0] === '[gmail]' ? (parts[1] ?? '') : parts[0]!
  for (const [role, pattern] of roles) if (pattern.test(top)) return role
  return 'label'
}

const isFolder = (entries: Set<string>) => entries.has('cur') && entries.has('new')

/**
 * Every mail folder under a Maildir: Maildir++ (`.Orders.Urgent`) and nested folders (`Orders/Urgent`, Dovecot's fs
 * layout), also mixed. `looked` holds the directories whose change means to look again.
 */
export async function findFolders(root: string, ignore: readonly string[] = []) {
  const folders: Folder[] = []
  const looked: string[] = []
  const ignored = new Set(ignore.map((name) => name.toLowerCase()))

  async function visit(path: string, name: string, depth: number): Promise<void> {
    const entries = await readdir(path, { withFileTypes: true }).catch(() => null)
    if (!entries) return
    looked.push(path)
    const directories = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
    if (isFolder(new Set(directories))) {
      const inbox = name === '' || name.toLowerCase() === 'inbox'
      const role = inbox ? 'inbox' : roleOf(name)
      if (!ignored.has(name.toLowerCase())) folders.push({ name: inbox ? '' : name, role, path })
    }
    if (depth === 8) return
    for (const entry of directories.sort()) {
      if (['cur', 'new', 'tmp'].includes(entry)) continue
      const plusPlus = path === root && entry.startsWith('.')
      if (entry.startsWith('.') && !plusPlus) continue
      const inner = plusPlus ? entry.slice(1).replaceAll('.', '/') : entry
      await visit(join(path, entry), join(name, iconv.decode(Buffer.from(inner), 'utf-7-imap')), depth + 1)
    }
  }
  await visit(root, '', 0)
  return { folders, looked }
}

/** What changed between two scans: files that are new or were renamed, and files that are no longer there. */
export interface ScanChanges {
  added: MailFile[]
  removed: MailFile[]
}

/** Coarsest time that file systems in use give a directory (HFS+, ext3, some NFS: 1 s; FAT: 2 s). */
const mtimeGrainMs = 2_000

/** A Maildir's files, kept up to date by reading only those directories again whose modification time moved. */
export interface Listing {
  readonly folders: readonly Folder[]
  files(): Iterable<MailFile>
  /** Rescans; `all` reads every directory again. Throws a Fault `unreachable` when the Maildir is gone. */
  scan(all?: boolean): Promise<ScanChanges>
}

export function listMaildir(root: string, ignore: readonly string[] = []): Listing {
  let folders: Folder[] = []
  let looked: string[] = []
  const held = new Map<string, Map<string, MailFile>>()
  const mtimes = new Map<string, number>()

  /** True once after a change, and as long as a further change might not show in the modification time. */
  async function moved(path: string): Promise<boolean> {
    const before = Date.now()
    const mtime = await stat(path).then(
      (found) => found.mtimeMs,
      () => -1,
    )
    const same = mtimes.get(path) === mtime && mtime < before - mtimeGrainMs
    mtimes.set(path, mtime)
    return !same
  }

  async function scan(all = false): Promise<ScanChanges> {
    const changes: ScanChanges = { added: [], removed: [] }
    let again = all || looked.length === 0
    for (const path of looked) if (await moved(path)) again = true
    if (again) {
      const found = await findFolders(root, ignore)
      if (!found.folders.some(({ role }) => role === 'inbox')) throw unreachable(root)
      folders = found.folders
      looked = found.looked
      const paths = new Set(folders.flatMap(directoriesOf))
      for (const [path, files] of held) {
        if (paths.has(path)) continue
        changes.removed.push(...files.values())
        held.delete(path)
      }
    }
    for (const folder of folders) {
      for (const sub of ['new', 'cur'] as const) {
        const path = join(folder.path, sub)
        if ((await moved(path)) || all) await rescan(path, folder, sub, changes)
      }
    }
    return changes
  }

  async function rescan(path: string, folder: Folder, sub: 'new' | 'cur', changes: ScanChanges) {
    const before = held.get(path) ?? new Map<string, MailFile>()
    const now = new Map<string, MailFile>()
    for (const name of await readdir(path).catch(() => [])) {
      if (name.startsWith('.')) continue
      const colon = name.indexOf(':')
      const unique = colon < 0 ? name : name.slice(0, colon)
      const info = colon < 0 ? null : name.slice(colon + 1)
      const known = before.get(unique)
      const file = known && known.info === info ? known : { unique, info, sub, folder }
      if (file !== known) changes.added.push(file)
      now.set(unique, file)
    }
    for (const [unique, file] of before) if (!now.has(unique)) changes.removed.push(file)
    held.set(path, now)
  }

  function* files() {
    for (const directory of held.values()) yield* directory.values()
  }
  return {
    get folders() {
      return folders
    },
    files,
    scan,
  }
}

const directoriesOf = (folder: Folder) => [join(folder.path, 'new'), join(folder.path, 'cur')]

export const unreachable = (root: string) =>
  new Fault('unreachable', `there is no Maildir at '${root}' (a folder with 'cur' and 'new'); check the path`)
