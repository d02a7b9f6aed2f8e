import { Fault } from '../../contract/index.ts'
import { csvSheet } from './csv-patch.ts'
import { csvSettings, sheetSurface } from './sheet-surface.ts'
import { parseFile } from './table.ts'

/** A CSV file that people keep: scored, sorted and filled where they work, every other byte as it was. */
export const csv = sheetSurface(
  { about: 'A CSV file that people work in: any delimiter, any common encoding.', settings: csvSettings },
  {
    name: 'csv',
    sheetOf(path, bytes) {
      const parsed = parseFile(path, bytes)
      if (parsed.gzipped) {
        throw new Fault(
          'bad-input',
          `${path} is gzipped: nobody works in it so; unpack it and name the unpacked file.`,
        )
      }
      if (parsed.kind === 'csv') return csvSheet(parsed.csv)
      const hint =
        parsed.kind === 'xlsx' ? 'it is a workbook: use the surface xlsx' : 'it is JSON Lines: save it as CSV'
      throw new Fault('bad-input', `${path} cannot be written into as CSV; ${hint}.`)
    },
  },
)
