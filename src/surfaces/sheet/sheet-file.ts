import { mkdir, realpath, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Fault, type Placed } from '../../contract/index.ts'
import { readKept, writeKept } from '../kept.ts'
import { isOwnColumn } from './column-names.ts'
import { type ColumnVersions, openColumnVersions } from './column-versions.ts'
import { type Journal, openJournal } from './journal.ts'
import type { Memory, Sheet } from './patch.ts'
import { type Loaded, type PlaceRequest, planWrite, type Request, sameText, type Work } from './plan-write.ts'
import { type FileVersion, readWholeFile } from './read-file.ts'
import { refuseWhileOpen, removeTemporaries, replaceFile, temporaryName } from './replace-file.ts'
import { digest, type Identity, rowKeys } from './row-keys.ts'
import type { Table } from './table.ts'

/** Reads the bytes of one format; throws a Fault for any other. */
export interface SheetFormat {
  name: 'csv' | 'xlsx'
  sheetOf(path: string, bytes: Buffer, sheet?: string): Sheet
}

/** One file that is open, shared by all who have it open in this process, since its journal is one. */
export interface SheetFile {
  path: string
  /** Private folder of this file and sheet. */
  folder: string
  journal: Journal
  versions: ColumnVersions
  /** The file as it is now. Throws a Fault while it cannot be read. */
  load(): Promise<Loaded>
  /** Answers when the placement is durable. */
  place(request: Pick<PlaceRequest, 'key' | 'kind' | 'item' | 'plan'>): Promise<Placed>
  withdraw(key: string): Promise<void>
  /** What it holds now, then each time that it has changed, where it is no file that can be watched as one. */
  changes?(signal: AbortSignal): AsyncIterable<Loaded>
  /** Waits for writes under way. */
  close(): Promise<void>
}

export interface SheetFileOptions {
  path: string
  sheet: string | undefined
  format: SheetFormat
  /** The surface's private folder. */
  folder: string
  /** Decides by what rows are told apart, once the file has rows; kept from then on. */
  identify(table: Table): Identity
}

const shared = new Map<string, { users: number; file: Promise<SheetFile> }>()

/** Opens a file, or joins those who have it open. Throws a Fault (`unreachable`) when it is not there. */
export async function openSheetFile(options: SheetFileOptions): Promise<SheetFile> {
  const path = await realpath(resolve(options.path)).catch((cause) => {
    throw new Fault('unreachable', `There is no file ${options.path}: check the name and the folder.`, {
      cause,
    })
  })
  const owner = digest([path, options.sheet ?? null])
  const folder = join(options.folder, owner)
  const entry = shared.get(folder) ?? { users: 0, file: startFile({ ...options, path, folder }, owner) }
  shared.set(folder, entry)
  entry.users++
  const release = () => {
    if (--entry.users === 0) shared.delete(folder)
  }
  const file = await entry.file.catch((error) => {
    release()
    throw error
  })
  let closed = false
  async function close() {
    if (closed) return
    closed = true
    await file.close()
    release()
  }
  return { ...file, close }
}

async function startFile(options: SheetFileOptions, owner: string): Promise<SheetFile> {
  const { path, folder, format } = options
  await mkdir(folder, { recursive: true })
  const journal = await openJournal(folder)
  await removeTemporaries(path, owner)
  const versions = await openColumnVersions(folder)
  const identityPath = join(folder, 'identity.json')
  const memoryPath = join(folder, 'memory.json')
  let identity = await readKept<Identity>(identityPath)
  let cache: Loaded | null = null
  let queue: Request[] = []
  let running: Promise<void> | null = null

  async function load(): Promise<Loaded> {
    if (cache && (await isStillVersion(path, cache.version))) return cache
    const { writes } = journal
    const { bytes, version } = await readWholeFile(path, 'unreachable')
    const sheet = format.sheetOf(path, bytes, options.sheet)
    const keys = rowKeys(sheet.table, await identify(sheet.table))
    const rowOf = new Map(keys.map((key, row) => [key, row]))
    cache = { sheet, table: sheet.table, version, keys, rowOf, writes }
    return cache
  }

  async function identify(table: Table): Promise<Identity> {
    const { key, columns } = identity ?? { key: null, columns: [] }
    const holds =
      key === null ? columns.some((column) => table.columns.includes(column)) : table.columns.includes(key)
    if (identity && holds) return identity
    const decided = options.identify(table)
    if (table.rows.length === 0) return decided
    identity = decided
    await writeKept(identityPath, decided)
    return decided
  }

  /** Requests that come within a few milliseconds share one write. */
  function submit(request: Request): void {
    queue.push(request)
    running ??= (async () => {
      await new Promise((wake) => setTimeout(wake, 5))
      while (queue.length > 0) {
        const batch = queue
        queue = []
        await inTurn(path, () => perform(batch))
      }
      running = null
    })()
  }

  async function perform(batch: Request[]): Promise<void> {
    try {
      for (let attempt = 1; ; attempt++) {
        const loaded = await loadToWrite(load)
        const work = planWrite(batch, loaded, journal)
        if (await write(loaded, work)) {
          for (const answer of work.answers) answer()
          queue.unshift(...work.deferred)
          return
        }
        if (attempt === 5) {
          throw new Fault(
            'busy',
            `${path} is being changed all the time by another program: try again later.`,
          )
        }
      }
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }

  /** False when another program changed the file meanwhile. */
  async function write(loaded: Loaded, work: Work): Promise<boolean> {
    const temporary = temporaryName(path, owner)
    if (work.sets.length + work.resets.length === 0) {
      if (work.placed.length + work.withdrawn.length > 0) {
        journal.intend(temporary, placementsOf(work, []), work.withdrawn)
        journal.settle(temporary, 'done')
      }
      return true
    }
    await refuseWhileOpen(path)
    // Without a column of ours in the file, what is remembered is of an earlier time.
    const remembered = loaded.table.columns.some(isOwnColumn) ? await readKept<Memory>(memoryPath) : null
    const { bytes, was, memory } = loaded.sheet.patch(work, remembered)
    verify(loaded.table, format.sheetOf(path, bytes, options.sheet).table, work)
    const written = async () => {
      // Written before the file is and deleted after it: too much memory does no harm, too little would.
      if (memory) await writeKept(memoryPath, memory)
      journal.intend(temporary, placementsOf(work, was), work.withdrawn)
    }
    const abandoned = () => journal.settle(temporary, 'abandoned')
    const replaced = await replaceFile({ path, bytes, from: loaded.version, temporary, written, abandoned })
    if (replaced) journal.settle(temporary, 'done')
    if (replaced && !memory) await writeKept(memoryPath, null)
    return replaced
  }

  return {
    path,
    folder,
    journal,
    versions,
    load,
    place: (request) =>
      new Promise((resolve, reject) => submit({ ...request, type: 'place', resolve, reject })),
    withdraw: (key) => new Promise((resolve, reject) => submit({ type: 'withdraw', key, resolve, reject })),
    close: async () => {
      await running
    },
  }
}

const turns = new Map<string, Promise<void>>()

/** One write of a file at a time, also when it is open under several settings. */
async function inTurn(path: string, act: () => Promise<void>): Promise<void> {
  const mine = (turns.get(path) ?? Promise.resolve()).then(act)
  turns.set(path, mine)
  await mine
  if (turns.get(path) === mine) turns.delete(path)
}

function placementsOf(work: Work, was: (string | number)[]) {
  return work.placed.map((finish) => finish(was))
}

/** A file that does not parse just now is being written by somebody. */
async function loadToWrite(load: () => Promise<Loaded>): Promise<Loaded> {
  try {
    return await load()
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'bad-input') throw error
    throw new Fault('busy', `It cannot be written into now: ${error.message}`, { cause: error })
  }
}

async function isStillVersion(path: string, version: FileVersion): Promise<boolean> {
  const now = await stat(path, { bigint: true }).catch(() => null)
  return (
    now !== null &&
    now.ino === version.inode &&
    now.size === version.size &&
    now.mtimeNs === version.mtimeNs &&
    now.ctimeNs === version.ctimeNs
  )
}

/** A last look before anything is written: what was there is there still, and what was meant to be written is. */
function verify(before: Table, after: Table, { sets, resets }: Work): void {
  const bug = (what: string) =>
    new Fault(
      'bug',
      `${before.path} was not changed, since the change would not have come out right (${what}).`,
    )
  if (after.rows.length !== before.rows.length) throw bug('rows')
  for (const { row, column, value } of sets) {
    const cell = after.rows[row]![after.columns.indexOf(column)] ?? null
    if (!sameText(cell, String(value))) throw bug(`row ${before.rowNumbers[row]}, column ${column}`)
  }
  const touched = new Set([...sets, ...resets].map(({ row, column }) => `${row}:${column}`))
  for (const [index, column] of before.columns.entries()) {
    const now = after.columns.indexOf(column)
    if (now < 0 && isOwnColumn(column)) continue
    for (let row = 0; row < before.rows.length; row++) {
      if ((after.rows[row]![now] ?? null) === before.rows[row]![index] || touched.has(`${row}:${column}`))
        continue
      throw bug(`row ${before.rowNumbers[row]}, column ${column}`)
    }
  }
}
