import fc from 'fast-check'
import { expect, test } from 'vitest'
import { columnsOfCells, numberOf } from './metric-columns.ts'
import { parseMetricCsv } from './metric-csv.ts'

const read = (text: string, roles = {}) => parseMetricCsv('t.csv', Buffer.from(text), roles)!

test('reads the same columns as from cells, with empty cells, CRLF and blank lines', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.constantFrom('North', 'Süd', ''),
          fc.oneof(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), fc.integer(), fc.constant('')),
        ),
        { minLength: 1, maxLength: 30 },
      ),
      fc.constantFrom('\n', '\r\n', '\n\n'),
      (rows, newline) => {
        const text = `region,amount${newline}${rows.map((row) => `${row[0]},${row[1]}`).join(newline)}${newline}`
        const table = read(text, { texts: ['region'], numbers: ['amount'] })
        const cells = rows.map(([region, amount]) => [region || null, amount === '' ? null : String(amount)])
        const same = columnsOfCells(['region', 'amount'], cells, {
          texts: ['region'],
          numbers: ['amount'],
        }).table
        expect(table.rows).toBe(same.rows)
        expect(table.columns[0]).toEqual(same.columns[0])
        const [got, want] = [table.columns[1], same.columns[1]] as { numbers: Float64Array }[]
        for (let row = 0; row < rows.length; row++) {
          const [a, b] = [got!.numbers[row]!, want!.numbers[row]!]
          if (Number.isNaN(b)) expect(a).toBeNaN()
          else expect(Math.abs(a - b)).toBeLessThanOrEqual(4e-16 * Math.abs(b))
        }
      },
    ),
  )
})

test('says which line and column holds no number, and which columns there are', () => {
  const text = 'day,amount\n2026-01-01,5\n2026-01-02,five\n'
  expect(() => read(text, { numbers: ['amount'] })).toThrow(
    't.csv, line 3, column "amount": "five" is not a number',
  )
  expect(() => read(text, { numbers: ['sum'] })).toThrow('no column "sum"; it has day, amount')
  expect(() => read('a,b\n', {})).toThrow('no rows')
})

test('leaves quotes, other encodings and other formats to the reader of sheets', () => {
  for (const text of ['a,b\n"x, y",1\n', '{"a":1}\n{"a":2}\n', 'name\nonly one column\n'])
    expect(read(text)).toBeNull()
  expect(parseMetricCsv('t.csv', Buffer.from('a,b\n\xe4,1\n', 'latin1'))).toBeNull()
})

test.each([
  ['1,234.50', 1234.5],
  ['1.234,50', 1234.5],
  ["1'234", 1234],
  ['€ 12', 12],
  ['12 €', 12],
  ['(120)', -120],
  ['−5,5', -5.5],
  ['12 %', 12],
  ['3e5', 300000],
  ['n/a', Number.NaN],
])('reads %s as a number', (text, value) => {
  expect(numberOf(text)).toEqual(value)
})
