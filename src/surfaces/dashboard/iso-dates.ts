import { dayOrder, parseDate } from '../sheet/dates.ts'

/** Dates of any style as ISO 8601, where all texts of a column are dates; else as they are. */
export function datesAsIso(values: string[]): string[] {
  if (values.length === 0 || !/\d/.test(values[0]!) || !/[-/.\s]/.test(values[0]!)) return values
  const order = dayOrder(values)
  if (order === null) return values
  const instants: number[] = []
  for (const value of values) {
    const instant = parseDate(value, order)
    if (instant === null) return values
    instants.push(instant)
  }
  const days = instants.every((instant) => instant % 86_400_000 === 0)
  return instants.map((instant) => new Date(instant).toISOString().slice(0, days ? 10 : 19))
}
