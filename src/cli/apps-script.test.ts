import { createContext, runInContext } from 'node:vm'
import { expect, test } from 'vitest'
import { appsScript } from './apps-script.ts'

/** As much of Google's objects as the script touches, over cells in memory. */
function google(rows: string[][]) {
  const cells = rows.map((row) =>
    row.map((value) => ({ value, formula: '', note: '', background: null as string | null })),
  )
  const properties = new Map<string, string>()
  const menu: string[] = []
  const range = (row: number, column: number, height = 1) => {
    const cell = cells[row - 1]![column - 1]!
    const self = {
      getRow: () => row,
      getNumRows: () => height,
      getSheet: () => sheet,
      getNote: () => cell.note,
      isBlank: () => cell.value === '',
      getFormula: () => cell.formula,
      setValue: (value: string) => Object.assign(cell, { value }) && self,
      setNote: (note: string) => Object.assign(cell, { note }) && self,
      setBackground: (background: string | null) => Object.assign(cell, { background }) && self,
      clearContent: () => Object.assign(cell, { value: '' }) && self,
    }
    return self
  }
  const sheet = {
    getDataRange: () => ({
      getDisplayValues: () => cells.map((row) => row.map(({ value }) => value)),
      getNotes: () => cells.map((row) => row.map(({ note }) => note)),
      getFormulas: () => cells.map((row) => row.map(({ formula }) => formula)),
      getCell: range,
    }),
    getRange: range,
  }
  const context = createContext({
    SpreadsheetApp: {
      getActiveSheet: () => sheet,
      getUi: () => ({
        createMenu(name: string) {
          menu.push(name)
          const self = { addItem: (label: string) => menu.push(label) && self, addToUi() {} }
          return self
        },
      }),
    },
    PropertiesService: {
      getDocumentProperties: () => ({
        getProperty: (name: string) => properties.get(name) ?? null,
        setProperty: (name: string, value: string) => properties.set(name, value),
        deleteProperty: (name: string) => properties.delete(name),
      }),
    },
  })
  runInContext(appsScript(), context)
  const run = (code: string) => runInContext(code, context)
  /** A person types, and Google tells the script. */
  function type(row: number, column: number, value: string): void {
    cells[row - 1]![column - 1]!.value = value
    Object.assign(context, { event: { range: range(row, column) } })
    run('onEdit(event)')
  }
  return { cells, menu, run, type }
}

const people = () => [
  ['name', 'mail', 'first'],
  ['Ada Byron', 'ada@example.org', 'Ada'],
  ['Carl Gauss', 'carl@example.org', 'Carl'],
  ['Emmy Noether', 'emmy@example.org', 'Emmy'],
  ['Sofia Kowalewska', 'sofia@example.org', 'Sofia'],
  ['', '', ''],
  ['', '', ''],
]

test('a row that is typed is completed at once, with a quiet mark, once it was turned on', () => {
  const { cells, type, run, menu } = google(people())
  run('onOpen()')
  expect(menu).toEqual(['Inlay', 'Turn on', 'Turn off', 'Take back all in this sheet'])
  type(6, 1, 'Maria Agnesi')
  expect(cells[5]![2]!.value).toBe('')
  run('inlayOn()')
  type(6, 1, 'Maria Agnesi')
  expect(cells[5]![2]).toEqual({
    value: 'Maria',
    formula: '',
    note: expect.stringContaining('Suggested by Inlay'),
    background: '#f0ebff',
  })
  run('inlayOff()')
  type(7, 1, 'Max Born')
  expect(cells[6]![2]!.value).toBe('')
})

test('what people typed, formulas and cells with a note of theirs are left alone; undo takes back ours alone', () => {
  const { cells, type, run } = google(people())
  run('inlayOn()')
  cells[5]![2]!.value = 'M.'
  type(6, 1, 'Maria Agnesi')
  expect(cells[5]![2]!.value).toBe('M.')
  cells[6]![2]!.formula = '=""'
  type(7, 1, 'Max Born')
  expect(cells[6]![2]!.value).toBe('')
  cells[6]![2]!.formula = ''
  cells[6]![2]!.note = 'ask him'
  type(7, 1, 'Max Born')
  expect(cells[6]![2]!.value).toBe('')
  cells[6]![2]!.note = ''
  type(7, 1, 'Max Born')
  expect(cells[6]![2]!.value).toBe('Max')
  run('inlayUndo()')
  expect(cells[6]![2]).toEqual({ value: '', formula: '', note: '', background: null })
  expect(cells[5]![2]!.value).toBe('M.')
})

test('what a person types over ours is theirs, and no longer marked', () => {
  const { cells, type, run } = google(people())
  run('inlayOn()')
  type(6, 1, 'Maria Agnesi')
  type(6, 3, 'Maria Gaetana')
  expect(cells[5]![2]).toEqual({ value: 'Maria Gaetana', formula: '', note: '', background: null })
})

test('nothing that would be run as a formula is written', () => {
  const { cells, type, run } = google([
    ['a', 'b'],
    ['x', '=x'],
    ['y', '=y'],
    ['z', '=z'],
    ['', ''],
  ])
  run('inlayOn()')
  type(5, 1, 'w')
  expect(cells[4]![1]!.value).toBe('')
})

test('the custom function completes a range, and says what it needs', () => {
  const { run } = google([['a']])
  const filled = run(
    `INLAY_FILL([['Ada Byron'], ['Carl Gauss'], ['Emmy Noether']], [['A. Byron'], ['C. Gauss'], ['E. Noether']], [['Max Born'], ['']])`,
  )
  expect(JSON.parse(JSON.stringify(filled))).toEqual([['M. Born'], ['']])
  expect(() => run(`INLAY_FILL([['a']], [['']], [['b']])`)).toThrow('needs at least one example')
})

test('it stays silent where the examples tell nothing', () => {
  const { cells, type, run } = google([
    ['a', 'b'],
    ['x', '17'],
    ['y', '4'],
    ['z', '23'],
    ['', ''],
  ])
  run('inlayOn()')
  type(5, 1, 'w')
  expect(cells[4]![1]!.value).toBe('')
})
