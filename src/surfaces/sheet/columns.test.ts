import { describe, expect, test } from 'vitest'
import type { Cell } from '../../contract/index.ts'
import { columnNamed, keyColumn, positiveValue, timeColumn } from './columns.ts'
import { messageExamples, recordExamples } from './examples.ts'
import { identityOf, rowKeys } from './row-keys.ts'
import type { Table } from './table.ts'

function tableWith(columns: Record<string, Cell[]>): Table {
  const names = Object.keys(columns)
  const rows = (columns[names[0]!] ?? []).map((_, row) => names.map((name) => columns[name]![row]!))
  const rowNumbers = Int32Array.from(rows, (_, row) => row + 2)
  const columnNumbers = names.map((_, index) => index)
  const place = { path: 'leads.csv', format: 'csv', sheet: null, headerNumber: 1 } as const
  return { ...place, columns: names, rows, notices: [], rowNumbers, columnNumbers }
}
const days = (...texts: string[]) => texts.map((text) => Date.parse(text))

describe('the time column', () => {
  test.each<[string, Cell[], number[]]>([
    [
      'ISO',
      ['2024-03-04', '2024-03-04 10:11', '2024-03-04T10:11:12.5+02:00'],
      days('2024-03-04T00:00Z', '2024-03-04T10:11Z', '2024-03-04T08:11:12.5Z'),
    ],
    ['points', ['04.03.2024', '13.3.2024 08:05'], days('2024-03-04T00:00Z', '2024-03-13T08:05Z')],
    [
      'month first, as one cell tells',
      ['03/04/2024', '03/13/2024 1:05 PM'],
      days('2024-03-04T00:00Z', '2024-03-13T13:05Z'),
    ],
    [
      'day first, as one cell tells',
      ['03/04/2024', '13/03/2024'],
      days('2024-04-03T00:00Z', '2024-03-13T00:00Z'),
    ],
    [
      'words',
      ['Mon, 4 Mar 2024 10:11:00 +0100', 'March 5, 2024', '06-Mar-2024'],
      days('2024-03-04T09:11Z', '2024-03-05T00:00Z', '2024-03-06T00:00Z'),
    ],
  ])('is found by itself: %s', (_, cells, times) => {
    const other = cells.map((_, i) => `text ${i}`)
    expect(timeColumn(tableWith({ other, when: cells }))).toEqual({ column: 'when', times })
  })

  test('is not guessed between two, nor from numbers or days that do not exist', () => {
    const dates = ['2024-03-04', '2024-03-05']
    expect(timeColumn(tableWith({ a: dates, b: dates }))).toBeNull()
    expect(timeColumn(tableWith({ a: ['1709546400', '1709546401'], b: [2024, 2025] }))).toBeNull()
    expect(timeColumn(tableWith({ a: ['2024-02-30', '2024-13-01'] }))).toBeNull()
    expect(timeColumn(tableWith({ a: ['13/03/2024', '03/13/2024', '14/03/2024', '03/14/2024'] }))).toBeNull()
  })

  test('may be numbers when it is named: seconds, milliseconds, or an order', () => {
    const table = tableWith({
      s: [1_709_546_400, null],
      ms: ['1709546400000', '1709546400001'],
      n: [1, 2],
      x: ['a', 'b'],
    })
    expect(timeColumn(table, 's')!.times).toEqual([1_709_546_400_000, null])
    expect(timeColumn(table, 'ms')!.times).toEqual([1_709_546_400_000, 1_709_546_400_001])
    expect(timeColumn(table, 'n')!.times).toEqual([1, 2])
    expect(() => timeColumn(table, 'x')).toThrow('leads.csv, line 2, column "x": expected a date, found "a"')
  })
})

describe('the value that counts as won', () => {
  test.each<[Cell[], Cell]>([
    [['yes', 'no', null, 'no'], 'yes'],
    [[0, 1, 1, 1], 1],
    [['1.0', '0.0'], '1.0'],
    [[true, false], true],
    [['Closed Won', 'Closed Lost'], 'Closed Won'],
    [['lost', 'kept', 'kept', 'kept'], 'kept'],
    [['renewed', 'renewed', 'left'], 'left'],
    [['yes', 'yes'], 'yes'],
  ])('%j: %s', (values, won) => expect(positiveValue(values)).toBe(won))

  test.each<[Cell[], RegExp]>([
    [['a', 'b'], /the values are "b" \(1\), "a" \(1\); name it/],
    [['won', 'lost', 'open'], /"won" \(1\)/],
    [['no', 'no'], /the values are "no" \(2\)/],
    [[null, null], /all cells are empty/],
  ])('%j is unclear, and the values are told', (values, message) =>
    expect(() => positiveValue(values)).toThrow(message))

  test('may be named, however it is spelled, and must occur', () => {
    expect(positiveValue(['Open', 'Won ', 'Lost'], 'won')).toBe('Won ')
    expect(() => positiveValue(['a', 'b', 'b'], 'c')).toThrow(
      '"c" that should count as won does not occur: the values are "b" (2)',
    )
  })
})

describe('columns and keys', () => {
  test('a column that is not there is a fault with the nearest name and all names', () => {
    const table = tableWith({ Status: ['a'], city: ['b'], 'Inlay: why': ['c'] })
    expect(columnNamed(table, 'status')).toBe(0)
    expect(() => columnNamed(table, 'stauts')).toThrow(
      'leads.csv has no column "stauts". Did you mean "Status"? It has "Status", "city".',
    )
    expect(() => columnNamed(table, 'revenue')).toThrow('has no column "revenue". It has')
  })

  test('the key column is named like one and differs in every row', () => {
    expect(keyColumn(tableWith({ name: ['a', 'b'], 'Ticket ID': ['1', '2'] }))).toBe('Ticket ID')
    expect(keyColumn(tableWith({ leadId: ['1', '2'], email: ['a', 'b'] }))).toBe('leadId')
    expect(keyColumn(tableWith({ email: ['a@x', 'b@x'], paid: ['1', '2'] }))).toBe('email')
    expect(keyColumn(tableWith({ id: ['1', '1'], name: ['a', 'b'] }))).toBeNull()
    expect(keyColumn(tableWith({ id: ['1', null], width: ['a', 'b'] }))).toBeNull()
  })

  test('keys follow their rows, tell twins apart, and carry no address', () => {
    const table = tableWith({ a: ['x', 'y', 'x'], b: [1, 2, 1] })
    const keys = rowKeys(table, identityOf(table, []))
    expect(new Set(keys).size).toBe(3)
    expect(keys[2]).toBe(`${keys[0]} (2)`)
    const turned = tableWith({ a: ['y', 'x', 'x'], b: [2, 1, 1] })
    expect(rowKeys(turned, identityOf(turned, []))).toEqual([keys[1], keys[0], keys[2]])
    const named = tableWith({ email: ['ada@example.org', 'bob@example.org'] })
    expect(rowKeys(named, identityOf(named, [])).join()).not.toContain('@')
    const numbered = tableWith({ id: ['L-1', 'L-2'] })
    expect(rowKeys(numbered, identityOf(numbered, []))).toEqual(['L-1', 'L-2'])
  })
})

describe('examples', () => {
  const table = tableWith({
    id: ['1', '2', '3'],
    when: ['2024-03-05', '2024-03-04', null],
    text: ['Hello', 'Bye', null],
    team: ['sales', null, null],
    won: ['yes', 'no', null],
    'Inlay: team': ['support', null, null],
  })

  test('of messages: one a row, in the rows’ order; an empty label is a message left alone', () => {
    const examples = messageExamples(table, { text: 'text', label: 'team' })
    expect(examples.map(({ item, deed }) => [item.key, item.at, item.text, deed.label])).toEqual([
      ['1', Date.UTC(2024, 2, 5), 'Hello', 'sales'],
      ['2', Date.UTC(2024, 2, 4), 'Bye', null],
      ['3', null, '', null],
    ])
    expect(messageExamples(table, { text: 'text', label: null })[0]!.deed.label).toBeNull()
    expect(() => messageExamples(table, { text: 'text', label: 'text' })).toThrow(
      'both the text and the label',
    )
  })

  test('of records: the other columns as fields, never those that Inlay wrote', () => {
    const examples = recordExamples(table, { target: 'won' })
    expect(examples.map(({ deed }) => deed.value)).toEqual([true, false, null])
    expect(Object.keys(examples[0]!.item.fields)).toEqual(['id', 'when', 'text', 'team'])
    expect(
      Object.keys(recordExamples(table, { target: null, without: 'won' })[0]!.item.fields),
    ).not.toContain('won')
    expect(recordExamples(table, { target: 'won', positive: 'no' }).map(({ deed }) => deed.value)).toEqual([
      false,
      true,
      null,
    ])
    expect(() => recordExamples(table, { target: 'text' })).toThrow(
      'leads.csv, column "text": It is not plain',
    )
  })
})
