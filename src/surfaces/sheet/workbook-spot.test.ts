import { expect, test } from 'vitest'
import { makeWorkbook } from './workbook.fixture.ts'
import { parseWorkbook } from './workbook.ts'
import { findSpot } from './workbook-spot.ts'

const drawing = `<?xml version="1.0"?><xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><xdr:twoCellAnchor><xdr:sp><xdr:nvSpPr><xdr:cNvPr id="2" name="Other"/></xdr:nvSpPr><xdr:txBody><a:bodyPr/><a:p><a:r><a:t>Mine</a:t></a:r></a:p></xdr:txBody></xdr:sp></xdr:twoCellAnchor><xdr:twoCellAnchor><xdr:sp><xdr:nvSpPr><xdr:cNvPr id="3" name="What changed"/></xdr:nvSpPr><xdr:txBody><a:bodyPr wrap="square"/><a:lstStyle/><a:p><a:endParaRPr lang="en-GB" sz="1400"/></a:p></xdr:txBody></xdr:sp></xdr:twoCellAnchor></xdr:wsDr>`

/** A report sheet with an empty styled cell, a text and a formula, a table, a text box, and a defined name. */
function book(tail = '') {
  const bytes = makeWorkbook({
    sheets: [
      {
        name: 'My Report',
        rows: [
          ['Sales report'],
          ['What changed:', { value: null, style: 3 }],
          ['By hand', { value: null, formula: 'A1' }],
        ],
        tail: `${tail}<drawing r:id="rId1"/>`,
      },
      {
        name: 'Data',
        rows: [
          ['day', 'sales'],
          ['2026-01-05', 3],
        ],
      },
    ],
    parts: {
      'xl/worksheets/_rels/sheet1.xml.rels': `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/drawing" Target="../drawings/drawing1.xml"/></Relationships>`,
      'xl/drawings/drawing1.xml': drawing,
      'xl/unknown/part.xml': '<?xml version="1.0"?><what/>',
    },
  })
  return bytes
}

const said = 'Sales & <co> fell.\nTwo lines.'

test.each([
  ['a styled empty cell', "'My Report'!$B$2"],
  ['a cell that is not there', 'My Report!D1'],
  ['a row that is not there', 'My Report!B9'],
  ['a text box', 'what changed'],
])('%s is written, read back, and undone to the byte', (_, where) => {
  const before = book()
  const spot = findSpot('r.xlsx', before, where)!
  expect(spot.shown(spot.inside)).toBe('')
  const put = spot.replaced(spot.composed(said), null)
  const written = findSpot('r.xlsx', put.bytes, where)!
  expect(written.shown(written.inside)).toBe(said)
  expect(written.inside).toBe(spot.composed(said))
  // Other parts and sheets are as they were, and the workbook still reads.
  expect(parseWorkbook('r.xlsx', put.bytes, 'Data').table.rows).toEqual([['2026-01-05', 3]])
  const again = written.replaced(spot.inside, put.kept)
  expect(again.bytes.equals(before)).toBe(true)
})

test('a style that stood there stays, and a formula counts as what a person wrote', () => {
  const spot = findSpot('r.xlsx', book(), 'My Report!B2')!
  expect(spot.composed('x')).toContain(' s="3"')
  const formula = findSpot('r.xlsx', book(), 'My Report!B3')!
  expect(formula.shown(formula.inside)).toBe('=A1')
  const text = findSpot('r.xlsx', book(), 'My Report!A2')!
  expect(text.shown(text.inside)).toBe('What changed:')
})

test('a protected sheet is a refusal, and what is not there is null', () => {
  const spot = findSpot('r.xlsx', book('<sheetProtection sheet="1"/>'), 'My Report!B2')!
  expect(spot.refusal).toContain('protected')
  expect(findSpot('r.xlsx', book(), 'Nowhere!B2')).toBeNull()
  expect(findSpot('r.xlsx', book(), 'no such box')).toBeNull()
})
