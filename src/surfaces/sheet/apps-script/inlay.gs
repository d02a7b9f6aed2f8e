/**
 * Inlay in a Google Sheet, at once and without a server: completes columns that people began by hand, the moment a row
 * is typed, and as the function INLAY_FILL. It writes into empty cells alone, marks what it wrote, and never a formula.
 */

/** From this confidence on a cell is filled, as everywhere in Inlay. */
var INLAY_SURE = 0.95
/** A column counts as begun from this many filled cells on; so many are looked at. */
var INLAY_BEGUN = 3
var INLAY_EXAMPLES = 40
var INLAY_NOTE = 'Suggested by Inlay. Keep, change or clear it; the menu Inlay turns it off.'
var INLAY_COLOUR = '#f0ebff'

function onOpen() {
  SpreadsheetApp.getUi()
    .createMenu('Inlay')
    .addItem('Turn on', 'inlayOn')
    .addItem('Turn off', 'inlayOff')
    .addItem('Take back all in this sheet', 'inlayUndo')
    .addToUi()
}

function inlayOn() {
  PropertiesService.getDocumentProperties().setProperty('inlay', 'on')
}

function inlayOff() {
  PropertiesService.getDocumentProperties().deleteProperty('inlay')
}

/** Everything that still is as we wrote it goes, in one step. */
function inlayUndo() {
  var range = SpreadsheetApp.getActiveSheet().getDataRange()
  var notes = range.getNotes()
  for (var r = 0; r < notes.length; r++) {
    for (var c = 0; c < notes[r].length; c++) {
      if (notes[r][c] === INLAY_NOTE) inlayClear(range.getCell(r + 1, c + 1))
    }
  }
}

function inlayClear(cell) {
  cell.setNote('').setBackground(null).clearContent()
}

/** Runs whenever a person types; Google calls it with what they typed. */
function onEdit(event) {
  if (PropertiesService.getDocumentProperties().getProperty('inlay') !== 'on') return
  var edited = event.range
  // What a person types over ours is theirs.
  if (edited.getNote() === INLAY_NOTE) edited.setNote('').setBackground(null)
  var sheet = edited.getSheet()
  // A header, or more rows than can be thought about while somebody waits.
  if (edited.getRow() < 2 || edited.getNumRows() > 20) return
  var range = sheet.getDataRange()
  var shown = range.getDisplayValues()
  var notes = range.getNotes()
  var formulas = range.getFormulas()
  for (var row = edited.getRow(); row < edited.getRow() + edited.getNumRows(); row++) {
    if (row <= shown.length) inlayRow(sheet, shown, notes, formulas, row - 1)
  }
}

function inlayRow(sheet, shown, notes, formulas, row) {
  for (var column = 0; column < shown[0].length; column++) {
    if (shown[0][column] === '' || shown[0][column].indexOf('Inlay: ') === 0) continue
    if (shown[row][column] !== '' || formulas[row][column] !== '') continue
    var value = inlayValue(shown, notes, formulas, row, column)
    // A text that begins so would be run as a formula.
    if (value === null || /^[=+\-@']/.test(value)) continue
    var cell = sheet.getRange(row + 1, column + 1)
    // Somebody may have typed there while it was thought about.
    if (!cell.isBlank() || cell.getFormula() !== '' || cell.getNote() !== '') continue
    cell.setValue(value).setNote(INLAY_NOTE).setBackground(INLAY_COLOUR)
  }
}

/** What stands to reason in this cell, from the rows in which people filled the column; null for silence. */
function inlayValue(shown, notes, formulas, row, column) {
  var rows = []
  for (var r = 1; r < shown.length; r++) {
    if (r !== row && shown[r][column] !== '' && formulas[r][column] === '' && notes[r][column] !== INLAY_NOTE) rows.push(r)
  }
  if (rows.length < INLAY_BEGUN) return null
  // The nearest ones: what people do changes.
  rows.sort(function (a, b) {
    return Math.abs(a - row) - Math.abs(b - row)
  })
  rows = rows.slice(0, INLAY_EXAMPLES)
  var inputs = []
  for (var c = 0; c < shown[0].length; c++) {
    if (c !== column && shown[0][c].indexOf('Inlay: ') !== 0 && shown[row][c] !== '') inputs.push(c)
  }
  if (inputs.length === 0) return null
  var pick = function (r) {
    return inputs.map(function (c) {
      return shown[r][c]
    })
  }
  var examples = rows.map(function (r) {
    return { in: pick(r), out: shown[r][column] }
  })
  var done = inlayComplete(examples, [pick(row)])
  return done.confidence[0] >= INLAY_SURE ? done.best[0] : null
}

/**
 * Completes a column by example. Empty where it is not sure.
 *
 * @param {A2:B4} examplesIn Cells to work from, a row an example.
 * @param {C2:C4} examplesOut What came of each, by hand.
 * @param {A5:B20} inputs Cells to work from where it is not known yet.
 * @return What comes of each.
 * @customfunction
 */
function INLAY_FILL(examplesIn, examplesOut, inputs) {
  var table = function (given) {
    var rows = Array.isArray(given) ? given : [[given]]
    return rows.map(function (row) {
      return row.map(String)
    })
  }
  var outs = table(examplesOut)
  var examples = table(examplesIn)
    .map(function (row, i) {
      return { in: row, out: outs[i] ? outs[i][0] : '' }
    })
    .filter(function (each) {
      return each.out !== ''
    })
  if (examples.length === 0) throw new Error('INLAY_FILL needs at least one example: cells to work from, and what came of them.')
  var done = inlayComplete(examples, table(inputs))
  return done.best.map(function (value, i) {
    return [value !== null && done.confidence[i] >= INLAY_SURE ? value : '']
  })
}
