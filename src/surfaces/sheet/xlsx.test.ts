import { surfaceConformance } from '../conformance.suite.ts'
import { messageMedium, recordMedium, tableMedium, xlsxHand } from './sheet-medium.fixture.ts'
import { xlsx } from './xlsx.ts'

surfaceConformance(xlsx, {
  message: () => messageMedium(xlsxHand),
  record: () => recordMedium(xlsxHand),
  table: () => tableMedium(xlsxHand),
})
