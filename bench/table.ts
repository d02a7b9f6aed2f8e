/** One comparison: Inlay and a peer on the same work in the same run. */
export interface Row {
  /** What is compared, with its unit: "facts appended, facts/s". */
  claim: string
  inlay: number | string
  peer: number | string
  /** Inlay over peer, or how the two compare in words. */
  ratio: number | string
  /** Who the peer is, how much work it was, what is missing. */
  note?: string
}

export interface Table {
  row(row: Row): void
  /** Everything so far as aligned text, one row a line, with a head. */
  print(): void
}

const head = { claim: 'what', inlay: 'Inlay', peer: 'peer', ratio: 'ratio', note: 'note' }
const columns = ['claim', 'inlay', 'peer', 'ratio', 'note'] as const

/** Three significant figures, thousands apart. */
function shown(value: number | string | undefined): string {
  if (typeof value !== 'number') return value ?? ''
  return value.toLocaleString('en', { maximumSignificantDigits: 3 })
}

/** Collects rows and prints them as one table. */
export function newTable(write: (text: string) => void = (text) => console.log(text)): Table {
  const rows: Row[] = []
  return {
    row: (row) => void rows.push(row),
    print() {
      const cells = [head, ...rows].map((row) => columns.map((column) => shown(row[column])))
      const widths = columns.map((_, at) => Math.max(...cells.map((line) => line[at]!.length)))
      for (const line of cells) {
        const aligned = line.map((cell, at) =>
          at >= 1 && at <= 3 ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!),
        )
        write(aligned.join('  ').trimEnd())
      }
    },
  }
}
