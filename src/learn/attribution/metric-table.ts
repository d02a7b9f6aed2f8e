/** One column of a metric table: numbers (NaN is empty), or codes into its distinct texts (−1 is empty). */
export type MetricColumn =
  | { name: string; numbers: Float64Array }
  | { name: string; codes: Int32Array; values: string[] }

/** A metric table, column by column. Dates are ISO 8601 texts. */
export interface MetricTable {
  rows: number
  columns: MetricColumn[]
}
