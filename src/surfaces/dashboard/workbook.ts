import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { Fault, type Surface } from '../../contract/index.ts'
import { readWholeFile } from '../sheet/read-file.ts'
import { removeTemporaries, replaceFile, temporaryName } from '../sheet/replace-file.ts'
import { openBook, parseWorkbook } from '../sheet/workbook.ts'
import { findSpot, type Spot } from '../sheet/workbook-spot.ts'
import { type CommentJournal, commentJournal } from './comment-journal.ts'
import { type Comment, type CommentMedium, commentPlace } from './comment-place.ts'
import { folderVersion } from './folder-version.ts'
import { reportTable } from './report-table.ts'

const settings = z.object({
  path: z
    .string()
    .min(1)
    .describe('The workbook (.xlsx, .xlsm), or a folder of workbooks that are all alike'),
  cell: z
    .string()
    .min(1)
    .describe('Where the comment goes: a cell (Report!B2), a defined name, or the name of a text box'),
  sheet: z
    .string()
    .min(1)
    .optional()
    .describe('The sheet with the table; the first one that is not the comment’s, otherwise'),
})
type Settings = z.infer<typeof settings>

/** Reports as workbooks: the comment in a cell or a text box that the team keeps for it. */
export const workbook: Surface<Settings> = {
  name: 'workbook',
  about: 'Workbooks with a cell or a text box for a comment on one of their sheets.',
  settings,
  hops: 0,
  async open(given, tools) {
    const path = resolve(given.path)
    const single = (await statOf(path)).isFile()
    const folder = single ? dirname(path) : path
    await removeTemporaries(join(folder, 'any'), owner)
    const names = () => (single ? [basename(path)] : workbookNames(folder))
    const journal = commentJournal(tools.folder)
    const medium = workbooks({ ...given, folder, names, single }, journal)
    return { report: commentPlace(medium, journal, tools.now), close: async () => {} }
  },
}

const owner = 'comment'
/** Said in the cell itself, as a cell has no margin. */
const note = '(Suggested by Inlay from the table: keep, reword or clear it.)'

interface WorkbookComment extends Comment {
  path: string
  bytes: Buffer
  spot: Spot & { sheet: string }
}

interface Workbooks {
  folder: string
  names(): string[] | Promise<string[]>
  single: boolean
  cell: string
  sheet?: string | undefined
}

function workbooks(
  { folder, names, single, cell, sheet }: Workbooks,
  journal: CommentJournal,
): CommentMedium<WorkbookComment> {
  return {
    name: `${folder} ${cell}`,
    pollMs: 200,
    async version() {
      if (!single) return `${await folderVersion(folder, owner)} ${journal.version()}`
      const { ino, size, mtimeMs } = await statOf(join(folder, (await names())[0]!))
      return `${ino} ${size} ${mtimeMs} ${journal.version()}`
    },

    async comments() {
      const found: WorkbookComment[] = []
      for (const place of await names()) {
        const path = join(folder, place)
        const bytes = await bytesOf(path, single)
        const spot = bytes && readable(() => findSpot(path, bytes, cell))
        if (spot) found.push({ place, inside: spot.inside, path, bytes, spot })
      }
      return found
    },

    async table({ path, bytes, spot }) {
      return readable(() => {
        const name = sheet ?? otherSheet(path, bytes, spot.sheet)
        const { table } = parseWorkbook(path, bytes, name)
        return table.rows.length === 0 ? null : reportTable(table.columns, table.rows)
      })
    },

    shown: ({ spot }, inside) => spot.shown(inside).replace(note, '').trim(),
    composed: ({ spot }, text) => spot.composed(`${text}\n${note}`),
    isMarked: (inside) => inside.includes('Suggested by Inlay'),
    writtenAt: async ({ path }) => (await stat(path)).mtimeMs,
    refusal: ({ spot }) => spot.refusal,

    async rewrite({ path }, { from, to, kept }, about) {
      const { bytes, version } = await readWholeFile(path, 'unreachable')
      const spot = findSpot(path, bytes, cell)
      if (!spot || spot.inside !== from) return false
      const next = spot.replaced(to, kept)
      return replaceFile({
        path,
        bytes: next.bytes,
        from: version,
        temporary: temporaryName(path, owner),
        beforeRename: async () => about(next.kept),
      })
    },
  }
}

/** Null for a workbook that cannot be read now, or is half written: it may be, later. */
function readable<T>(read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    if (error instanceof Fault && error.kind !== 'bug') return null
    throw error
  }
}

async function bytesOf(path: string, single: boolean): Promise<Buffer | null> {
  try {
    return (await readWholeFile(path, 'unreachable')).bytes
  } catch (error) {
    if (error instanceof Fault && !(single && error.kind === 'unreachable')) return null
    throw error
  }
}

/** The first visible sheet with rows that does not hold the comment; the comment's own where there is none. */
function otherSheet(path: string, bytes: Buffer, own: string): string {
  const { sheets } = openBook(path, bytes)
  const others = sheets.filter(({ name, hidden }) => name !== own && !hidden)
  return others.find(({ name }) => parseWorkbook(path, bytes, name).table.rows.length > 0)?.name ?? own
}

async function statOf(path: string) {
  return stat(path).catch((cause) => {
    throw new Fault('unreachable', `${path} cannot be read: put it back, or name another.`, { cause })
  })
}

async function workbookNames(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((cause) => {
    throw new Fault('unreachable', `The folder ${folder} cannot be read: put it back, or name another.`, {
      cause,
    })
  })
  return names.filter((name) => /\.xls[xm]$/i.test(name) && !/^[.~]/.test(name)).sort()
}
