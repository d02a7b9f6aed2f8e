import { appendFileSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** What was put where, and what stood there. */
export interface Put {
  /** Of the placement. */
  key: string
  place: string
  was: string
  put: string
  /** What the medium needs besides to undo it to the byte. */
  kept: string | null
}

export type Line = { type: 'intent'; put: Put } | { type: 'done' | 'withdrawn'; key: string }

/** A surface's own notes of what it placed, one line each, appended before and after it is done. */
export interface CommentJournal {
  /** The surface's private folder. */
  folder: string
  read(): Line[]
  note(line: Line): void
  /** Changes with every line. */
  version(): string
}

export function commentJournal(folder: string): CommentJournal {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'comments.jsonl')
  return {
    folder,
    read() {
      let text = ''
      try {
        text = readFileSync(path, 'utf8')
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      }
      return text.split('\n').flatMap(parsed)
    },
    note: (line) => appendFileSync(path, `${JSON.stringify(line)}\n`),
    version: () => String(statSync(path, { throwIfNoEntry: false })?.size ?? 0),
  }
}

/** The last line of a crash may be half written; what it meant to say was not done yet. */
function parsed(line: string): Line[] {
  try {
    return line === '' ? [] : [JSON.parse(line) as Line]
  } catch {
    return []
  }
}

/** Where each placement stands. */
export function puttingsOf(lines: readonly Line[]) {
  const puts = new Map<string, Put>()
  const done = new Set<string>()
  const withdrawn = new Set<string>()
  for (const line of lines) {
    if (line.type === 'intent') puts.set(line.put.key, line.put)
    else (line.type === 'done' ? done : withdrawn).add(line.key)
  }
  /** The newest placement at a place that was not taken back. */
  const standing = (place: string): Put | undefined =>
    [...puts.values()].findLast((each) => each.place === place && !withdrawn.has(each.key))
  return { puts, done, withdrawn, standing }
}
