import { randomBytes } from 'node:crypto'
import { readdirSync, rmSync } from 'node:fs'
import { mkdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { sheets_v4 } from '@googleapis/sheets'
import { type Cell, Fault, type HealthKeeper } from '../../contract/index.ts'
import { readKept, writeKept } from '../kept.ts'
import { isOwnColumn } from './column-names.ts'
import { openColumnVersions } from './column-versions.ts'
import { parseDate } from './dates.ts'
import type { GoogleSheetsApi } from './google-sheets-calls.ts'
import {
  type GoogleSheet,
  type Layout,
  quotedTitle,
  readLayout,
  readValues,
  sheetFrom,
} from './google-sheets-read.ts'
import {
  finishWrite,
  type GuardedCell,
  type GuardedWrite,
  guardedWrite,
  letters,
  startWrite,
} from './google-sheets-write.ts'
import { openJournal } from './journal.ts'
import { type CellReset, type CellSet, emptiedColumns, type Was } from './patch.ts'
import { filledColumn, type Loaded, planWrite, type Request, type Work } from './plan-write.ts'
import { digest, type Identity, rowKeys } from './row-keys.ts'
import type { SheetFile } from './sheet-file.ts'
import type { Table } from './table.ts'

export interface GoogleDocumentOptions {
  api: GoogleSheetsApi
  spreadsheet: string
  sheet: string | undefined
  folder: string
  health: HealthKeeper
  /** Seconds between two looks while people work; it slows down to one a minute while nothing happens. */
  seconds: number
  identify(table: Table): Identity
}

/** What was beside a value before we marked it. */
interface Before {
  /** We wrote a note. */
  note?: true
  /** We coloured it; its colour before. */
  background?: sheets_v4.Schema$Color | null
}

const mark = {
  note: "Suggested by Inlay. Keep, change or clear it; 'inlay undo' takes it back.",
  background: { red: 0.94, green: 0.92, blue: 1 },
}
const slowest = 60_000
/** Reads until two agree. */
const tries = 5
const noVersion = { inode: 0n, size: 0n, mtimeNs: 0n, ctimeNs: 0n, mode: 0o666, uid: 0, gid: 0 }

type LoadedSheet = Loaded & { sheet: GoogleSheet }

const shared = new Map<string, { users: number; document: Promise<SheetFile> }>()

/** Opens a sheet, or joins those who have it open with the same folder, since its journal is one. */
export async function openGoogleDocument(options: GoogleDocumentOptions): Promise<SheetFile> {
  const { spreadsheet, sheet } = options
  const folder = join(options.folder, digest([spreadsheet, sheet ?? null]))
  const entry = shared.get(folder) ?? { users: 0, document: start({ ...options, folder }) }
  shared.set(folder, entry)
  entry.users++
  const release = () => {
    if (--entry.users === 0) shared.delete(folder)
  }
  const document = await entry.document.catch((error) => {
    release()
    throw error
  })
  let closed = false
  return {
    ...document,
    async close() {
      if (closed) return
      closed = true
      await document.close()
      release()
    },
  }
}

async function start(options: GoogleDocumentOptions): Promise<SheetFile> {
  const { api, spreadsheet, folder, health } = options
  await mkdir(folder, { recursive: true })
  let layout = await findSheet()
  // The journal is opened after it, and sees by the files what became of each write.
  await finishEarlier(() => {})
  const journal = await openJournal(folder)
  const versions = await openColumnVersions(folder)
  const identityPath = join(folder, 'identity.json')
  let identity = await readKept<Identity>(identityPath)
  let queue: Request[] = []
  let draining: Promise<void> | null = null

  /** By its number from the second time on: people rename sheets. */
  async function findSheet(): Promise<Layout> {
    const path = join(folder, 'sheet.json')
    const known = await readKept<{ sheetId: number }>(path)
    const found = await readLayout(api, spreadsheet, known ?? { title: options.sheet })
    if (!known) await writeKept(path, { sheetId: found.ref.sheetId })
    return found
  }

  function pendingFiles(): string[] {
    return readdirSync(folder).filter((name) => /^write-\w+\.json$/.test(name))
  }

  /**
   * What a crash left half-way: a write whose scratch sheet is there was done and is looked over; one whose scratch
   * sheet never came about was not. The journal takes a write for done when its file is gone.
   */
  async function finishEarlier(settle: (path: string, outcome: 'done' | 'abandoned') => void): Promise<void> {
    for (const name of pendingFiles()) {
      const path = join(folder, name)
      const write = await readKept<GuardedWrite & { settled?: boolean }>(path)
      if (!write) continue
      const there = layout.scratch.some(({ sheetId }) => sheetId === write.scratchId)
      if (there) {
        await finishWrite(api, { ...write, ref: layout.ref }, () =>
          writeKept(path, { ...write, settled: true }),
        )
        layout = await findSheet()
      }
      const outcome = there || write.settled ? 'done' : 'abandoned'
      if (outcome === 'done') await unlink(path).catch(() => {})
      settle(path, outcome)
    }
  }

  async function load(): Promise<LoadedSheet> {
    const { writes } = journal
    for (let attempt = 0; attempt < tries; attempt++) {
      layout = await findSheet()
      const shown = await readValues(api, layout.ref, 'shown')
      const typed = await typedOf(shown)
      if (typed) return loadedFrom(shown, typed, writes)
    }
    throw new Fault('busy', `The sheet "${layout.ref.title}" is being changed all the time: try again later.`)
  }

  /** The same once more, as typed. Null where somebody changed it between the two reads. */
  async function typedOf(shown: Cell[][]): Promise<Cell[][] | null> {
    const typed = await readValues(api, layout.ref, 'typed')
    return agree(shown, typed) ? typed : null
  }

  async function loadedFrom(shown: Cell[][], typed: Cell[][], writes: number): Promise<LoadedSheet> {
    const sheet = sheetFrom(layout, shown, typed)
    const keys = rowKeys(sheet.table, await identify(sheet.table))
    const rowOf = new Map(keys.map((key, row) => [key, row]))
    return { sheet, table: sheet.table, version: noVersion as never, keys, rowOf, writes }
  }

  async function identify(table: Table): Promise<Identity> {
    const { key, columns } = identity ?? { key: null, columns: [] }
    const stands =
      key === null ? columns.some((column) => table.columns.includes(column)) : table.columns.includes(key)
    if (identity && stands) return identity
    const decided = options.identify(table)
    if (table.rows.length === 0) return decided
    identity = decided
    await writeKept(identityPath, decided)
    return decided
  }

  /** One read call a look while nothing changes; the rest is read when something did. */
  async function* changes(signal: AbortSignal): AsyncGenerator<Loaded> {
    let last = ''
    let wait = options.seconds * 1000
    while (!signal.aborted) {
      // Not while we write ourselves: what stands there then is in nobody's journal yet.
      const look = await inTurn(spreadsheet, async () => {
        const { writes } = journal
        const shown = await lookOrReuse()
        const now = digest([layout.ref.title, JSON.stringify(shown)])
        if (now === last) return null
        if (last !== '') layout = await findSheet()
        const typed = await typedOf(shown)
        return typed && { now, shown, loaded: await loadedFrom(shown, typed, writes) }
      })
      if (look) {
        last = look.now
        wait = options.seconds * 1000
        health.read(`${look.shown.length} rows of "${layout.ref.title}"`)
        yield look.loaded
        if (signal.aborted) return
      } else wait = Math.min(slowest, wait * 1.5)
      health.waits(`the next look, in ${Math.round(wait / 1000)} s`)
      await sleep(wait, undefined, { signal }).catch(() => {})
    }
  }

  /** Several deployments on one sheet share their looks, so that together they call no more often than one. */
  async function lookOrReuse(): Promise<Cell[][]> {
    const key = lookKey()
    const known = looks.get(key)
    if (known && performance.now() - known.at < options.seconds * 900) return known.shown
    const shown = await readShown()
    looks.set(key, { at: performance.now(), shown })
    return shown
  }

  function lookKey(): string {
    return `${spreadsheet} ${layout.ref.sheetId}`
  }

  /** A sheet that was renamed is looked for by its number. */
  async function readShown(): Promise<Cell[][]> {
    try {
      return await readValues(api, layout.ref, 'shown')
    } catch (cause) {
      if ((cause as { status?: number }).status !== 400) throw cause
      layout = await findSheet()
      return readValues(api, layout.ref, 'shown')
    }
  }

  /** Requests that come within a few milliseconds share one write. */
  function submit(request: Request): void {
    queue.push(request)
    draining ??= drain()
  }

  async function drain(): Promise<void> {
    await sleep(5)
    while (queue.length > 0) {
      const requests = queue
      queue = []
      await inTurn(spreadsheet, () => perform(requests)).catch((error) => {
        for (const { reject } of requests) reject(error)
      })
    }
    draining = null
  }

  async function perform(requests: Request[]): Promise<void> {
    if (pendingFiles().length > 0) {
      layout = await findSheet()
      await finishEarlier((path, outcome) => {
        journal.settle(path, outcome)
        if (outcome === 'abandoned') rmSync(path, { force: true })
      })
    }
    const loaded = await load()
    const work = planWrite(requests, loaded, journal)
    // What was seen before we write is no longer what is there.
    looks.delete(lookKey())
    const { write, was } = await plan(loaded, work)
    const pending = join(folder, `write-${randomBytes(6).toString('hex')}.json`)
    if (write) await writeKept(pending, write)
    journal.intend(
      pending,
      work.placed.map((finish) => finish(was)),
      work.withdrawn,
    )
    let lost: GuardedCell[] = []
    if (write) {
      const settled = () => writeKept(pending, { ...write, settled: true })
      try {
        await startWrite(api, write)
        lost = await finishWrite(api, write, settled)
      } catch (cause) {
        await afterTrouble(pending, write, cause)
      }
      await unlink(pending).catch(() => {})
    }
    journal.settle(pending, 'done')
    if (write && lost.length < write.cells.length) {
      health.did(`wrote ${write.cells.length - lost.length} cells of "${layout.ref.title}"`)
    }
    for (const answer of work.answers) answer()
    queue.unshift(...work.deferred)
  }

  /** Whether the write was done all the same; where it was not, or nobody can tell yet, the cause is thrown. */
  async function afterTrouble(pending: string, write: GuardedWrite, cause: unknown): Promise<void> {
    const found = await findSheet().catch(() => null)
    // Nobody can tell: it stays in the folder, and is looked after before anything else is written.
    if (!found) throw cause
    layout = found
    if (found.scratch.some(({ sheetId }) => sheetId === write.scratchId)) {
      await finishWrite(api, write, () => writeKept(pending, { ...write, settled: true }))
      return
    }
    await unlink(pending).catch(() => {})
    journal.settle(pending, 'abandoned')
    throw cause
  }

  async function plan(loaded: LoadedSheet, work: Work): Promise<{ write: GuardedWrite | null; was: Was[] }> {
    const { sheet, table } = loaded
    const sets = work.sets.filter(({ column }) => column !== filledColumn)
    const resets = work.resets.filter(({ column }) => column !== filledColumn)
    const beside = await besideOf(loaded, sets)
    const headRow = table.headerNumber - 1
    const cells: GuardedCell[] = []
    const heads = new Map<number, Cell>()
    const written = new Set([...sets, ...resets].map(({ column }) => column))
    const witnessed = (identity?.key != null ? [identity.key] : (identity?.columns ?? []))
      .filter((column) => table.columns.includes(column) && !written.has(column))
      .map((column) => sheet.columnNumber(column))
    const typed = (row: number, column: number) => sheet.typed[row]?.[column] ?? null
    const cellFor = ({ row, column }: { row: number; column: string }) => {
      const at = { row: table.rowNumbers[row]! - 1, column: sheet.columnNumber(column) }
      heads.set(at.column, typed(headRow, at.column))
      const witness = witnessed.map((each): [number, Cell] => [each, typed(at.row, each)])
      // Planned on what is shown: what is empty there must be so when it is written.
      const shown = table.columns.includes(column) ? table.rows[row]![table.columns.indexOf(column)] : null
      return { ...at, was: shown === null ? null : typed(at.row, at.column), witness }
    }
    const was: Was[] = work.sets.map((set) => {
      const index = sets.indexOf(set)
      return index < 0 ? '' : JSON.stringify(beside[index])
    })
    for (const [index, set] of sets.entries()) {
      const { note, background } = beside[index]!
      cells.push({
        ...cellFor(set),
        ...valueFor(loaded, set),
        ...(note && { note: mark.note }),
        ...(background !== undefined && { background: mark.background }),
      })
    }
    for (const reset of resets)
      cells.push({ ...cellFor(reset), value: null, ...marksBefore(reset.was), date: false })
    for (const column of new Set(sets.map((set) => set.column))) {
      if (table.columns.includes(column)) continue
      cells.push({
        row: headRow,
        column: sheet.columnNumber(column),
        was: null,
        value: column,
        witness: [],
        note: mark.note,
      })
    }
    for (const column of emptiedColumns(table, sets, resets)) {
      cells.push({
        row: headRow,
        column: sheet.columnNumber(column),
        was: column,
        value: null,
        witness: [],
        note: null,
      })
    }
    const unmark = theirs(loaded, work, resets)
    if (cells.length + unmark.length === 0) return { write: null, was }
    return {
      write: guardedWrite({ ref: layout.ref, cells, unmark, headRow, heads: [...heads] }, layout.columnCount),
      was,
    }
  }

  /** Cells of a placement taken back in which somebody wrote since: their value stays, our mark goes. */
  function theirs(loaded: LoadedSheet, work: Work, resets: CellReset[]): GuardedWrite['unmark'] {
    const cleared = new Set(resets.map(({ row, column }) => `${row}:${column}`))
    return work.withdrawn.flatMap((key) =>
      (journal.placements.get(key)?.cells ?? []).flatMap(({ row: rowKey, column, was }) => {
        const row = loaded.rowOf.get(rowKey)
        const there = row !== undefined && loaded.table.columns.includes(column) && !isOwnColumn(column)
        if (!there || cleared.has(`${row}:${column}`) || was === '') return []
        return [
          {
            row: loaded.table.rowNumbers[row]! - 1,
            column: loaded.sheet.columnNumber(column),
            ...marksBefore(was),
          },
        ]
      }),
    )
  }

  /** What is beside the cells that are to be written: somebody's own note or colour is left alone. */
  async function besideOf(loaded: LoadedSheet, sets: CellSet[]): Promise<Before[]> {
    const people = sets.filter(({ column }) => !isOwnColumn(column))
    const found = new Map<string, sheets_v4.Schema$CellData>()
    if (people.length > 0) {
      const { ref } = layout
      const columns = [...new Set(people.map(({ column }) => loaded.sheet.columnNumber(column)))]
      const rows = people.map(({ row }) => loaded.table.rowNumbers[row]!)
      const [first, last] = [rows.reduce((a, b) => Math.min(a, b)), rows.reduce((a, b) => Math.max(a, b))]
      const answer = await api.call('read notes', 'read', () =>
        api.sheets.spreadsheets.get({
          spreadsheetId: spreadsheet,
          ranges: columns.map(
            (column) => `${quotedTitle(ref.title)}!${letters(column)}${first}:${letters(column)}${last}`,
          ),
          fields:
            'sheets(properties.sheetId,data(startRow,startColumn,rowData.values(note,userEnteredFormat.backgroundColor)))',
        }),
      )
      for (const { startRow = 0, startColumn = 0, rowData = [] } of answer.sheets?.[0]?.data ?? []) {
        for (const [index, { values }] of rowData.entries()) {
          if (values?.[0]) found.set(`${(startRow ?? 0) + index}:${startColumn ?? 0}`, values[0])
        }
      }
    }
    return sets.map(({ row, column }) => {
      const cell = found.get(`${loaded.table.rowNumbers[row]! - 1}:${loaded.sheet.columnNumber(column)}`)
      const colour = cell?.userEnteredFormat?.backgroundColor ?? null
      return {
        ...(!cell?.note && { note: true as const }),
        ...((colour === null || isWhite(colour)) && { background: colour }),
      }
    })
  }

  return {
    path: `https://docs.google.com/spreadsheets/d/${spreadsheet}`,
    folder,
    journal,
    versions,
    load,
    changes,
    place: (request) =>
      new Promise((resolve, reject) => submit({ ...request, type: 'place', resolve, reject })),
    withdraw: (key) => new Promise((resolve, reject) => submit({ type: 'withdraw', key, resolve, reject })),
    close: async () => {
      await draining
    },
  }
}

/** Dates are numbers in a sheet; a text of one is written as such where the column's cells are dates. */
function valueFor(
  { sheet, table }: LoadedSheet,
  { column, value }: CellSet,
): { value: Cell; date?: boolean } {
  const index = table.columns.indexOf(column)
  if (typeof value !== 'string' || index < 0 || isOwnColumn(column)) return { value }
  const at = sheet.columnNumber(column)
  const row = table.rows.findIndex((cells) => cells[index] !== null)
  const typed = row < 0 ? null : (sheet.typed[table.rowNumbers[row]! - 1]?.[at] ?? null)
  const shown = row < 0 ? null : table.rows[row]![index]!
  if (typeof typed !== 'number') return { value }
  if (typeof shown === 'number') {
    const number = Number(value)
    return { value: value.trim() !== '' && Number.isFinite(number) ? number : value }
  }
  const time = parseDate(value, 'day first')
  // Days since 30 December 1899.
  return time === null ? { value } : { value: time / 86_400_000 + 25_569, date: true }
}

/** Whether two reads, one of what is shown and one of what was typed, can be of the same moment. */
function agree(shown: Cell[][], typed: Cell[][]): boolean {
  for (let row = 0; row < Math.max(shown.length, typed.length); row++) {
    const [a = [], b = []] = [shown[row], typed[row]]
    for (let column = 0; column < Math.max(a.length, b.length); column++) {
      const [cell, source] = [a[column] ?? null, b[column] ?? null]
      if (cell === source || (typeof source === 'string' && source.startsWith('='))) continue
      // A date is typed as a number.
      if (typeof source === 'number' && typeof cell === 'string') continue
      return false
    }
  }
  return true
}

function marksBefore(was: Was): Pick<GuardedCell, 'note' | 'background'> {
  const before = (was === '' ? {} : JSON.parse(String(was))) as Before
  return {
    ...(before.note && { note: null }),
    ...(before.background !== undefined && { background: before.background }),
  }
}

function isWhite({ red = 0, green = 0, blue = 0 }: sheets_v4.Schema$Color): boolean {
  return red === 1 && green === 1 && blue === 1
}

/** The last look at each sheet, in this process. */
const looks = new Map<string, { at: number; shown: Cell[][] }>()

const turns = new Map<string, Promise<void>>()

/** One write of a spreadsheet at a time, also when several of its sheets are open. */
async function inTurn<T>(spreadsheet: string, act: () => Promise<T>): Promise<T> {
  const before = turns.get(spreadsheet) ?? Promise.resolve()
  const mine = before.then(act, act)
  const settled = mine.then(
    () => {},
    () => {},
  )
  turns.set(spreadsheet, settled)
  try {
    return await mine
  } finally {
    if (turns.get(spreadsheet) === settled) turns.delete(spreadsheet)
  }
}
