import { Fault } from '../../contract/index.ts'
import { sheetSurface, xlsxSettings } from './sheet-surface.ts'
import { parseFile } from './table.ts'
import { workbookSheet } from './workbook-patch.ts'

/** A workbook that people keep: scored, sorted and filled where they work, all else in it as it was. */
export const xlsx = sheetSurface(
  {
    about: 'An Excel workbook (.xlsx, .xlsm) that people work in; written while nobody has it open.',
    settings: xlsxSettings,
  },
  {
    name: 'xlsx',
    sheetOf(path, bytes, sheet) {
      const parsed = parseFile(path, bytes, bytes[0] === 0x50 ? sheet : undefined)
      if (parsed.gzipped) {
        throw new Fault(
          'bad-input',
          `${path} is gzipped: nobody works in it so; unpack it and name the unpacked file.`,
        )
      }
      if (parsed.kind === 'xlsx') return workbookSheet(parsed.workbook)
      const hint =
        parsed.kind === 'csv' ? 'it is CSV: use the surface csv' : 'it is JSON Lines: save it as a workbook'
      throw new Fault('bad-input', `${path} cannot be written into as a workbook; ${hint}.`)
    },
  },
)
