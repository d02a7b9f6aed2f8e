import { fillFrom } from '../src/learn/programs/complete.ts'
import { expectedCalibrationError } from '../src/learn/scoring-metrics.ts'

/** What came of cells that were not given: how many, how sure of each guess and whether it was right, what would be shown. */
export interface Told {
  cells: number
  confidence: number[]
  right: number[]
  shown: number
  shownRight: number
}

/** Of one, two and three examples. */
export const nothingTold = (): Told[] =>
  [1, 2, 3].map(() => ({ cells: 0, confidence: [], right: [], shown: 0, shownRight: 0 }))

/** One guess more. */
export function addGuess(told: Told, right: boolean, confidence: number): void {
  told.confidence.push(confidence)
  told.right.push(right ? 1 : 0)
  if (confidence < fillFrom) return
  told.shown++
  if (right) told.shownRight++
}

export const calibrationError = ({ right, confidence }: Told): string =>
  expectedCalibrationError(Uint8Array.from(right), Float64Array.from(confidence))?.toFixed(3) ?? '-'
