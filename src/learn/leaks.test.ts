import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { describe, expect, test } from 'vitest'
import type { Cell } from '../contract/index.ts'
import { seeded } from '../stats/random.ts'
import { leakOf } from './leaks.ts'

const random = seeded('leaks')
/** Milliseconds for the real tables, on a slow machine. */
const patience = 120_000
const n = 2000
/** Three in ten are won; how likely, a legitimate field says. */
const hours = Array.from({ length: n }, () => random.logNormal(1, 1))
const truth = Uint8Array.from(hours, (h) => (random.uniform() < 0.1 + 0.5 * (h / (h + 5)) ? 1 : 0))
const column = (cell: (won: boolean, row: number) => Cell): Cell[] =>
  Array.from(truth, (y, row) => cell(y === 1, row))
const one = <T>(...values: T[]): T => values[random.integer(values.length)]!

describe('a field that is only known after the outcome is found and named:', () => {
  const planted: Record<string, Cell[]> = {
    'the outcome under another name': column((won) => (won ? 'signed' : 'declined')),
    'the outcome, with one in fifty written down wrongly': column((won) =>
      won !== random.uniform() < 0.02 ? 'A7' : 'B2',
    ),
    'a date that only winners have, and not all of them': column((won) =>
      won && random.uniform() < 0.6 ? `2024-05-${1 + random.integer(28)}` : null,
    ),
    'a note that only losers have': column((won) =>
      !won && random.uniform() < 0.4 ? one('too dear', 'no answer', 'rival') : null,
    ),
    'an amount that is above nothing only for winners': column((won) =>
      (won ? random.logNormal(7, 1) : 0).toFixed(0),
    ),
    'codes of which some mean won and others lost': column((won) =>
      one(won ? 'K1' : 'K7', won ? 'K3' : 'K9', 'K4', 'K5'),
    ),
    'a number that was given out by outcome': column((won, row) => (won ? 50_000 : 10_000) + row),
    'an ID whose form gives the outcome away': column((won, row) => `${won ? 'CUST' : 'LEAD'}-${row}`),
  }
  for (const [kind, cells] of Object.entries(planted)) {
    test(kind, () => {
      const leak = leakOf('field', cells, truth)
      expect(leak).toMatchObject({ field: 'field' })
      expect(leak!.because).toMatch(/outcome|came of it/)
    })
  }

  test('a field that by its name changes until the outcome, and goes with it', () => {
    const cells = column((won) => (won === random.uniform() < 0.65 ? 'mail opened' : 'called'))
    for (const name of [
      'Last Activity',
      'lastModified',
      'Deal stage',
      'lead_quality',
      'Status',
      'Letzte Aktivität',
    ]) {
      expect(leakOf(name, cells, truth), name).not.toBeNull()
    }
    for (const name of [
      'Source',
      'Last name',
      'Total visits',
      'Statute',
      'Score sheet',
      'marital status',
      'Funding stage',
      'Previous outcome',
      'Closing time',
      'credit score',
    ]) {
      expect(leakOf(name, cells, truth), name).toBeNull()
    }
  })
})

describe('no alarm is raised', () => {
  test('by strong fields that are known before, nor by noise under a suspicious name', () => {
    expect(leakOf('hours on site', hours, truth)).toBeNull()
    const strong = Array.from({ length: n }, () => random.normal())
    const byIt = Uint8Array.from(strong, (z) => (random.uniform() < 1 / (1 + Math.exp(-4 * z)) ? 1 : 0))
    expect(leakOf('fit', strong, byIt)).toBeNull()
    expect(
      leakOf(
        'referred',
        column((won) => random.uniform() < (won ? 0.5 : 0.04)),
        truth,
      ),
    ).toBeNull()
    expect(
      leakOf(
        'phone',
        column((won) => (random.uniform() < (won ? 0.9 : 0.5) ? '555' : null)),
        truth,
      ),
    ).toBeNull()
    expect(
      leakOf(
        'Status',
        column(() => one('open', 'new', 'seen')),
        truth,
      ),
    ).toBeNull()
    expect(
      leakOf(
        'id',
        column((_, row) => `L-${row}`),
        truth,
      ),
    ).toBeNull()
    expect(
      leakOf(
        'row',
        column((_, row) => row),
        truth,
      ),
    ).toBeNull()
    expect(
      leakOf(
        'empty',
        column(() => null),
        truth,
      ),
    ).toBeNull()
  })

  test('by a small group that is pure by chance', () => {
    const few = 40
    const cells = Array.from({ length: few }, (_, row) => (row < 6 ? 'fair' : one('web', 'call')))
    expect(
      leakOf(
        'source',
        cells,
        Uint8Array.from({ length: few }, (_, row) => (row < 6 || row % 3 === 0 ? 1 : 0)),
      ),
    ).toBeNull()
  })
})

describe('on real tables', () => {
  const data = resolve(import.meta.dirname, '../../../shared/data/score')
  const leaksIn = (name: string): string[] => {
    const rows: Record<string, string>[] = parse(
      gunzipSync(readFileSync(resolve(data, name, 'train.csv.gz'))),
      { columns: true },
    )
    const won = Uint8Array.from(rows, (row) => Number(row.y))
    return Object.keys(rows[0]!)
      .filter(
        (field) =>
          field !== 'y' &&
          leakOf(
            field,
            rows.map((row) => row[field]!),
            won,
          ),
      )
      .sort()
  }

  test.skipIf(!existsSync(data))(
    'calls of a bank and untouched leads hold no leak (needs shared/data/score)',
    () => {
      expect(leaksIn('bank')).toEqual([])
      expect(leaksIn('leads')).toEqual([])
    },
    patience,
  )

  test.skipIf(!existsSync(data))(
    'what people filled in after contact is named (needs shared/data/score)',
    () => {
      expect(leaksIn('leads-with-leaks')).toEqual([
        'Asymmetrique Activity Index',
        'Asymmetrique Activity Score',
        'Asymmetrique Profile Index',
        'Asymmetrique Profile Score',
        'Last Activity',
        'Last Notable Activity',
        'Lead Profile',
        'Lead Quality',
        'Tags',
      ])
    },
    patience,
  )
})
