import { surfaceConformance } from '../conformance.suite.ts'
import { csv } from './csv.ts'
import { csvHand, messageMedium, recordMedium, tableMedium } from './sheet-medium.fixture.ts'

surfaceConformance(csv, {
  message: () => messageMedium(csvHand),
  record: () => recordMedium(csvHand),
  table: () => tableMedium(csvHand),
})
