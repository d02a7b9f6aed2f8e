import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { alone } from '../alone.ts'
import { growingLines } from '../growing-lines.ts'

/**
 * `placing` is written before the medium is touched and `placed` after, `withdrawing` and `withdrawn` likewise, so
 * that a crash half-way is finished by whoever comes next, and our own hand is never taken for a person's.
 */
export type JournalState = 'placing' | 'placed' | 'removed' | 'withdrawing' | 'withdrawn'

/** What Inlay did to the medium for one placement key, and what it needs to undo it. */
export interface JournalEntry<Detail> {
  key: string
  item: string
  state: JournalState
  /** Milliseconds since the epoch. */
  at: number
  detail: Detail
}

/** What a surface placed, by placement key: a file of JSON lines in its private folder; the last line of a key counts. */
export interface Journal<Detail> {
  /** Everything that is written now, also by another process. */
  read(): Promise<ReadonlyMap<string, JournalEntry<Detail>>>
  write(entry: JournalEntry<Detail>): Promise<void>
  /** As `read`, without a copy: what it gives changes as the journal grows. */
  live(): Promise<ReadonlyMap<string, JournalEntry<Detail>>>
  /** As `write`, in one write for all. */
  writeAll(entries: JournalEntry<Detail>[]): Promise<void>
  /**
   * Runs `work` while nobody else with the same folder does, in this process or another. Throws a Fault of kind
   * `busy` when another process holds it for more than half a minute.
   */
  alone<T>(work: () => Promise<T>): Promise<T>
}

export async function openJournal<Detail>(folder: string): Promise<Journal<Detail>> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, 'placements.jsonl')
  const entries = new Map<string, JournalEntry<Detail>>()
  const readOn = growingLines<JournalEntry<Detail>>(path, (entry) => void entries.set(entry.key, entry))
  return {
    async read() {
      await readOn()
      return new Map(entries)
    },
    async live() {
      await readOn()
      return entries
    },
    writeAll: (all) =>
      appendFile(path, all.map((entry) => `\n${JSON.stringify(entry)}\n`).join(''), { flush: true }),
    // The line before may have been cut short by a crash; then this one is not to stick to it.
    write: (entry) => appendFile(path, `\n${JSON.stringify(entry)}\n`, { flush: true }),
    alone: (work) => alone(join(folder, 'placements.lock'), work),
  }
}
