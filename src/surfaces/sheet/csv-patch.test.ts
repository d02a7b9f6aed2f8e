import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { csvSheet } from './csv-patch.ts'
import { parseCsv } from './csv-table.ts'
import { decode, type Encoding, encode } from './encoding.ts'
import type { CellSet, Memory } from './patch.ts'

const sheetOf = (bytes: Uint8Array) => csvSheet(parseCsv('x.csv', decode(bytes)))

/** Sets cells, then puts them back in another order and in several steps; gives the file after each. */
function thereAndBack(bytes: Uint8Array, steps: CellSet[][], backwards: boolean) {
  let current: Buffer = Buffer.from(bytes)
  let memory: Memory | null = null
  const done = steps.map((sets) => {
    const patched = sheetOf(current).patch({ sets, resets: [] }, memory)
    current = patched.bytes
    memory = patched.memory
    return sets.map(({ row, column }, i) => ({ row, column, was: patched.was[i]! }))
  })
  const placed = current
  for (const resets of backwards ? done.toReversed() : done) {
    const patched = sheetOf(current).patch({ sets: [], resets }, memory)
    current = patched.bytes
    memory = patched.memory
  }
  return { placed, restored: current, memory }
}

const encodings: [Encoding, boolean][] = [
  ['utf-8', false],
  ['utf-8', true],
  ['utf-16le', true],
  ['utf-16be', false],
  ['windows-1252', false],
]

describe('patching CSV', () => {
  const plain = fc.string({ unit: fc.constantFrom('a', 'é', '7', '.', '-'), minLength: 1, maxLength: 6 })
  const odd = fc.string({
    unit: fc.constantFrom('a', 'ß', ' ', ',', ';', '\t', '|', '"', '\n'),
    minLength: 1,
    maxLength: 6,
  })
  const cell = fc.oneof(
    plain,
    fc.constant(''),
    fc.constant('""'),
    odd.map((text) => `"${text.replaceAll('"', '""')}"`),
  )
  const file = fc.record({
    rows: fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), { minLength: 2, maxLength: 8 }),
    delimiter: fc.constantFrom(',', ';', '\t', '|'),
    newline: fc.constantFrom('\n', '\r\n', '\r'),
    encoding: fc.constantFrom(...encodings),
    final: fc.boolean(),
    blank: fc.boolean(),
    value: fc.oneof(
      plain,
      odd.filter((text) => text.trim() === text && text !== ''),
    ),
    picks: fc.array(fc.nat(), { minLength: 1, maxLength: 5 }),
    backwards: fc.boolean(),
  })

  test('places what was meant, leaves every other byte, and comes back byte for byte', () => {
    fc.assert(
      fc.property(
        file,
        ({ rows, delimiter, newline, encoding: [encoding, bom], final, blank, value, picks, backwards }) => {
          const lines = [['key', 'größe', 'note'], ...rows].map((row) => row.join(delimiter))
          if (blank) lines.splice(2, 0, '')
          const bytes = encode(lines.join(newline) + (final ? newline : ''), encoding, bom)
          const { table } = sheetOf(bytes)
          const targets = [...new Set(picks.map((pick) => pick % table.rows.length))]
          const steps = targets.map((row): CellSet[] => {
            const sets = [
              { row, column: 'Inlay: note', value },
              { row, column: 'Inlay: why', value: 'because' },
            ]
            const empty = table.columns.find((_, index) => table.rows[row]![index] === null)
            return empty === undefined ? sets : [...sets, { row, column: empty, value }]
          })
          const { placed, restored, memory } = thereAndBack(bytes, steps, backwards)
          const after = sheetOf(placed).table
          for (const { row, column, value } of steps.flat()) {
            expect(after.rows[row]![after.columns.indexOf(column)]).toBe(value)
          }
          for (const [row, cells] of table.rows.entries()) {
            for (const [index, cell] of cells.entries())
              if (cell !== null) expect(after.rows[row]![index]).toBe(cell)
          }
          expect(restored.equals(Buffer.from(bytes))).toBe(true)
          expect(memory).toBeNull()
        },
      ),
      { numRuns: 200 },
    )
  })

  test.each([
    ['ragged rows', 'id,text\r\n1,"a, b"\r\n2\r\n\r\n3,c,extra\r\n4,d'],
    ['trailing delimiters', 'id;text;\n1;a;\n2;b;\n3;;\n'],
    ['one column', 'text\nplain\nwith, comma\n'],
    ['everything quoted', '"id","text"\n"1","a"\n"2",""\n"3","c"\n'],
    ['a separator line', 'sep=;\r\nid;text\r\n1;1,5\r\n2;2,5\r\n3;x\r\n'],
  ])('comes back byte for byte: %s', (_, text) => {
    const bytes = Buffer.from(text)
    const rows = sheetOf(bytes).table.rows.map((_, row) => row)
    const steps = rows.map((row) => [
      { row, column: 'Inlay: a', value: `v${row}` },
      { row, column: 'Inlay: b', value: 'w' },
    ])
    const { placed, restored } = thereAndBack(bytes, steps, false)
    expect(sheetOf(placed).table.columns.slice(-2)).toEqual(['Inlay: a', 'Inlay: b'])
    expect(restored.toString()).toBe(text)
  })

  test('quotes as the file does', () => {
    const place = (text: string, value: string) =>
      sheetOf(Buffer.from(text))
        .patch({ sets: [{ row: 0, column: 'Inlay: a', value }], resets: [] }, null)
        .bytes.toString()
    expect(place('a,b\n1,2\n', 'x')).toBe('a,b,Inlay: a\n1,2,x\n')
    expect(place('a,b\n1,2', 'x, "y"')).toBe('a,b,Inlay: a\n1,2,"x, ""y"""')
    expect(place('"a";"b"\n"1";"2"\n', 'x')).toBe('"a";"b";"Inlay: a"\n"1";"2";"x"\n')
    expect(place('a,b\n"say \\"hi, you\\"",2\n', 'x"y')).toBe('a,b,Inlay: a\n"say \\"hi, you\\"",2,"x\\"y"\n')
  })

  test('keeps a column of ours in which a person has written', () => {
    const sheet = sheetOf(Buffer.from('a,b,Inlay: a\n1,2,x\n3,4,mine\n'))
    const { bytes, memory } = sheet.patch(
      { sets: [], resets: [{ row: 0, column: 'Inlay: a', was: '' }] },
      null,
    )
    expect(bytes.toString()).toBe('a,b,Inlay: a\n1,2,\n3,4,mine\n')
    expect(memory).not.toBeNull()
  })

  test('does not write where no delimiter is free', () => {
    expect(sheetOf(Buffer.from('text\na, b\nc; d\ne\tf\ng|h\n')).refusal).toContain('one column')
    expect(sheetOf(encode('name;città\n1;Forlì\n', 'windows-1252', false)).writable('日本')).toBe(false)
  })
})
