import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Shown } from '../src/learn/programs/types.ts'
import { seeded } from '../src/stats/random.ts'
import { readTable } from '../src/surfaces/sheet/table.ts'

const data = resolve(import.meta.dirname, '../../shared/data')
const tables = [
  'score/leads/train.csv.gz',
  'score/bank/train.csv.gz',
  'triage/it-tickets/train.csv',
  'triage/github-issues/train.csv.gz',
  'summary/additive/103714.csv.gz',
  'summary/rates/2020-08-06+12_07_00.csv',
]
const draws = 4
const most = { rows: 1500, asked: 40, beside: 5, letters: 300 }
const fewest = 9

/**
 * Columns beside some others, none of which they are made from: each of the public tables four times, forty of its rows that have a value, with different cells in one to
 * five of the columns after it. Empty where the tables are not there.
 */
export async function looseColumns(): Promise<Shown[][]> {
  const random = seeded('loose columns')
  const loose: Shown[][] = []
  for (const file of tables) {
    const path = resolve(data, file)
    if (!existsSync(path)) continue
    const { columns, rows } = await readTable(path)
    const text = rows
      .slice(0, most.rows)
      .map((row) => row.map((cell) => String(cell ?? '').slice(0, most.letters)))
    for (let draw = 0; draw < draws; draw++) {
      for (const column of columns.keys()) {
        const beside = Math.min(1 + random.integer(most.beside), columns.length - 1)
        const distinct = new Map<string, Shown>()
        for (const row of random.shuffle(text)) {
          const cells = Array.from(
            { length: beside },
            (_, i) => row[(column + 1 + i) % columns.length] as string,
          )
          const key = JSON.stringify(cells)
          if (row[column] && !distinct.has(key)) distinct.set(key, { in: cells, out: row[column] })
          if (distinct.size === most.asked) break
        }
        if (distinct.size >= fewest) loose.push([...distinct.values()])
      }
    }
  }
  return loose
}
