import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { z } from 'zod'
import { Fault, type Surface } from '../../contract/index.ts'
import { readWholeFile } from '../sheet/read-file.ts'
import { removeTemporaries, replaceFile, temporaryName } from '../sheet/replace-file.ts'
import { readTable } from '../sheet/table.ts'
import { type CommentJournal, commentJournal } from './comment-journal.ts'
import { type Comment, type CommentMedium, commentPlace } from './comment-place.ts'
import { folderVersion } from './folder-version.ts'
import { reportTable } from './report-table.ts'
import { type CommentStretch, markOf, placedText, shownText, stretchesOf } from './report-text.ts'

const settings = z.object({
  path: z
    .string()
    .min(1)
    .describe(
      'The folder with the reports (Markdown or HTML) and, in it or below, the tables that they are about',
    ),
})
type Settings = z.infer<typeof settings>

/** Reports as files: a sentence or two where the report keeps a place for them. */
export const file: Surface<Settings> = {
  name: 'file',
  about: 'A folder of Markdown or HTML reports, each with a place for a comment on its table.',
  settings,
  hops: 0,
  async open({ path }, tools) {
    const folder = resolve(path)
    for (const name of await reportNames(folder)) await removeTemporaries(join(folder, name), owner)
    const journal = commentJournal(tools.folder)
    return { report: commentPlace(reports(folder, journal), journal, tools.now), close: async () => {} }
  },
}

const owner = 'report'

interface FileComment extends Comment {
  path: string
  html: boolean
  text: string
  stretch: CommentStretch
}

function reports(folder: string, journal: CommentJournal): CommentMedium<FileComment> {
  return {
    name: folder,
    pollMs: 200,
    version: async () => `${await folderVersion(folder, owner)} ${journal.version()}`,

    async comments() {
      const found: FileComment[] = []
      for (const name of await reportNames(folder)) {
        const path = join(folder, name)
        const text = await readReport(path)
        if (text === null) continue
        for (const stretch of stretchesOf(text)) {
          const place = stretch.number === 1 ? name : `${name}#${stretch.number}`
          found.push({ place, inside: stretch.inside, path, html: isHtml(name), text, stretch })
        }
      }
      return found
    },

    async table({ stretch }) {
      const path = resolve(folder, stretch.table)
      // A report names its table, and nothing else on this machine.
      if (relative(folder, path).startsWith('..') || !existsSync(path)) return null
      try {
        const { columns, rows } = await readTable(path)
        return reportTable(columns, rows)
      } catch (error) {
        if (error instanceof Fault) return null
        throw error
      }
    },

    shown: ({ html }, inside) => shownText(inside, html),
    composed: ({ html, text }, words, mark) =>
      placedText(words, mark, html, text.includes('\r\n') ? '\r\n' : '\n'),
    isMarked: (inside) => markOf(inside) !== null,
    writtenAt: async ({ path }) => (await stat(path)).mtimeMs,

    async rewrite({ path, stretch }, { from, to }, about) {
      const { bytes, version } = await readWholeFile(path, 'unreachable')
      const text = bytes.toString('utf8')
      const now = stretchesOf(text).find(({ number }) => number === stretch.number)
      if (!now || now.inside !== from) return false
      const after = text.slice(0, now.start) + to + text.slice(now.end)
      return replaceFile({
        path,
        bytes: Buffer.from(after, 'utf8'),
        from: version,
        temporary: temporaryName(path, owner),
        beforeRename: async () => about(null),
      })
    },
  }
}

async function reportNames(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((cause) => {
    throw new Fault('unreachable', `The folder ${folder} cannot be read: put it back, or name another.`, {
      cause,
    })
  })
  return names.filter((name) => /\.(md|markdown|html?)$/i.test(name) && !name.startsWith('.')).sort()
}

const isHtml = (name: string): boolean => /\.html?$/i.test(name)

/** Null where it has gone in this moment, or is not UTF-8: what cannot be written back byte for byte is left alone. */
async function readReport(path: string): Promise<string | null> {
  try {
    const { bytes } = await readWholeFile(path, 'unreachable')
    const text = bytes.toString('utf8')
    return Buffer.from(text, 'utf8').equals(bytes) ? text : null
  } catch (error) {
    if (error instanceof Fault) return null
    throw error
  }
}
