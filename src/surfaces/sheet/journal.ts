import { appendFileSync, closeSync, existsSync, fsyncSync, openSync, readFileSync, unlinkSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Kind } from '../../contract/index.ts'
import type { Was } from './patch.ts'

/** One cell that Inlay wrote. */
export interface JournalCell {
  /** Key of the row, not its index: rows move. */
  row: string
  column: string
  text: string
  was: Was
}

export interface JournalPlacement {
  key: string
  kind: Kind
  /** Key of the item. */
  item: string
  cells: JournalCell[]
}

type Line =
  | { type: 'intent'; temporary: string; placed: JournalPlacement[]; withdrawn: string[] }
  | { type: 'done' | 'abandoned'; temporary: string }

export interface Journal {
  placements: Map<string, JournalPlacement>
  /** Keys that were placed and taken back. */
  withdrawn: Set<string>
  /** Number of writes that are known to have reached the file. */
  writes: number
  /** The write after which each placement stood in the file. */
  placedAt: Map<string, number>
  /** Says what a write will do, durably, when its temporary file stands and before it replaces the file. */
  intend(temporary: string, placed: JournalPlacement[], withdrawn: string[]): void
  settle(temporary: string, outcome: 'done' | 'abandoned'): void
}

/**
 * What Inlay wrote into one file, append-only. A write is intended (with the name of its temporary file), then done
 * or abandoned. After a crash between the two the temporary file tells: it is there as long as it has not become
 * the file itself.
 */
export async function openJournal(folder: string): Promise<Journal> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, 'journal.jsonl')
  const intents = new Map<string, Line & { type: 'intent' }>()
  const journal: Journal = {
    placements: new Map(),
    withdrawn: new Set(),
    writes: 0,
    placedAt: new Map(),
    intend(temporary, placed, withdrawn) {
      const line = { type: 'intent', temporary, placed, withdrawn } as const
      append(path, line)
      intents.set(temporary, line)
    },
    settle(temporary, outcome) {
      append(path, { type: outcome, temporary })
      apply({ type: outcome, temporary })
    },
  }

  function apply(line: Line): void {
    if (line.type === 'intent') {
      intents.set(line.temporary, line)
      return
    }
    const intent = intents.get(line.temporary)
    intents.delete(line.temporary)
    if (!intent || line.type === 'abandoned') return
    journal.writes++
    for (const key of intent.withdrawn) {
      journal.placements.delete(key)
      journal.withdrawn.add(key)
    }
    for (const placement of intent.placed) {
      journal.placements.set(placement.key, placement)
      journal.placedAt.set(placement.key, journal.writes)
    }
  }

  if (existsSync(path) && !readFileSync(path, 'utf8').endsWith('\n')) appendFileSync(path, '\n')
  for (const line of readLines(path)) apply(line)
  for (const { temporary } of [...intents.values()]) {
    const unfinished = existsSync(temporary)
    if (unfinished) unlinkSync(temporary)
    journal.settle(temporary, unfinished ? 'abandoned' : 'done')
  }
  return journal
}

function readLines(path: string): Line[] {
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return line === '' ? [] : [JSON.parse(line) as Line]
      } catch {
        // The last line of a crash may be half written; what it meant to say was not done yet.
        return []
      }
    })
}

function append(path: string, line: Line): void {
  const handle = openSync(path, 'a')
  try {
    appendFileSync(handle, `${JSON.stringify(line)}\n`)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
