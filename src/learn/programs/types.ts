/** The inputs of one row, as text, in column order. */
export type Row = readonly string[]

/** One row with the output that a person typed for it. */
export interface Shown {
  in: Row
  out: string
}

/**
 * A piece of a program: a function from a row to a string, evaluated once on all sample rows. Programs are
 * concatenations of atoms. A lower cost is a likelier meaning.
 */
export interface Atom {
  cost: number
  /** The value on each sample row, the examples first; null where the atom does not apply. */
  values: readonly (string | null)[]
  run(row: Row): string | null
  /** In words, with `{0}`, `{1}` … for the names of the input columns. */
  words: string
  /** As a formula for Excel and Sheets, with `{0}`, `{1}` … for the cells; null where there is no short one. */
  formula: string | null
  /** Set for constants: they say nothing about the row. */
  constant?: boolean
  /** Digits in it that were taken from the first example and from nowhere else. */
  frozen?: number
}

/** What all atoms are made from: the examples' rows first, then a sample of the distinct other rows. */
export interface Sample {
  rows: readonly Row[]
  /** The outputs of the first `outs.length` rows. */
  outs: readonly string[]
  /** Outputs of examples that are not asked for here, as another branch gives them: they still tell the column's style. */
  others: readonly string[]
}
