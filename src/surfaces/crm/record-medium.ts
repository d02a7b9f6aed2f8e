import type { Cell } from '../../contract/index.ts'

/** One record as its medium holds it now. */
export interface StoredRecord {
  key: string
  /** When it came in, in milliseconds since the epoch; null when the medium does not say. */
  at: number | null
  /** Without the target and without anything that Inlay wrote. */
  fields: Record<string, Cell>
  /** What became of it; null is not known yet. */
  outcome: boolean | null
  /** When that was, in milliseconds since the epoch, and a raw name of who did it; null when the medium does not say. */
  decidedAt: number | null
  decidedBy: string | null
  /** What stands where scores are written. */
  score: Score
}

/** What is written about a record, as text; null is an empty cell. */
export interface Score {
  probability: string | null
  band: string | null
  reasons: string | null
}

export const noScore: Score = { probability: null, band: null, reasons: null }

export interface Page {
  records: StoredRecord[]
  /** Keys that are known to be gone. */
  gone?: string[]
  /** Where to go on once this page has been dealt with; opaque. */
  position: string
}

/** A table or a list of records that people decide, and in which scores can be written. All errors are Faults. */
export interface RecordMedium {
  target: string
  /** Whether nobody but Inlay writes where scores are written, so that a value found there may be replaced. */
  ownsScores: boolean
  /** Every decided record, oldest first where time is known. */
  decided(): AsyncIterable<StoredRecord>
  /** All that changed since a position, everything without one; ends when that is told. */
  changed(since: string | null, signal: AbortSignal): AsyncIterable<Page>
  /** At most `batch` keys: each record that is there, as it is at this moment. */
  read(keys: string[]): Promise<Map<string, StoredRecord>>
  /**
   * At most `batch` records; `was` is what stood there. Gives for each that was not written why not ("somebody was
   * faster"). Writing the same again changes nothing.
   */
  write(rows: { key: string; score: Score; was: Score }[]): Promise<Map<string, string>>
  /** Makes room for scores where there is none yet; a sentence when that is not allowed. */
  prepare(): Promise<string | null>
  /** Records in one call of `read` and `write`. */
  batch: number
  /** Milliseconds between two looks for what has changed. */
  interval: number
  /** Wakes a waiting watch when the medium says by itself that something changed; returns how to stop. */
  listen?(wake: (keys: string[]) => void): Promise<() => Promise<void>>
}
