import { day, localDate, localMidnight, localWeekday } from '../calendar.ts'
import type { Random } from '../random.ts'
import { plainCsv } from './csv.ts'

const regions = { North: 1.2, South: 1, East: 0.6, West: 0.9 }
const channels = { 'Web shop': 1, Phone: 0.6, 'Field sales': 0.45 }
const goods = {
  'Stretch film': { units: 26, price: 6.4, season: 0.15, growth: 0.12 },
  'Packing tape': { units: 60, price: 1.2, season: 0.35, growth: 0.05 },
  Boxes: { units: 90, price: 0.9, season: 0.4, growth: 0.08 },
  Gloves: { units: 22, price: 7.9, season: -0.1, growth: 0.2 },
  Cleaner: { units: 8, price: 17.5, season: 0.05, growth: -0.1 },
}
/** Demand by weekday, Sunday first. */
const byWeekday = [0.25, 1.25, 1.15, 1.1, 1.05, 0.85, 0.35]

export interface Incident {
  what: string
  where: Record<string, string>
  from: string
  to: string
  effect: { units: number; price: number }
}

/** 18 months of daily sales by region, product and channel, with two incidents planted, and what they are. */
export function salesTable(
  rng: Random,
  now: number,
): { csv: string; rows: string[][]; incidents: Incident[] } {
  const days = 548
  const first = localMidnight(now - days * day + 12 * 3_600_000)
  const dateOf = (index: number) => localDate(first + index * day + 12 * 3_600_000)
  const incidents = [
    {
      what: 'Stretch film in the North collapses for two weeks',
      where: { region: 'North', product: 'Stretch film' },
      // Whole weeks, as the team reports them.
      start: days - 35,
      days: 14,
      effect: { units: 0.14, price: 1 },
    },
    {
      what: 'A price error in the web shop: revenue rises while units fall',
      where: { channel: 'Web shop' },
      start: days - 91,
      days: 14,
      effect: { units: 0.72, price: 2.2 },
    },
  ]
  const rows: string[][] = []
  for (let i = 0; i < days; i++) {
    const noon = first + i * day + 12 * 3_600_000
    const date = dateOf(i)
    const season = Math.cos((2 * Math.PI * (dayOfYear(date) - 330)) / 365)
    for (const [region, size] of Object.entries(regions)) {
      for (const [product, { units: base, price, season: swing, growth }] of Object.entries(goods)) {
        for (const [channel, share] of Object.entries(channels)) {
          const expected =
            base *
            size *
            share *
            byWeekday[localWeekday(noon)]! *
            (1 + swing * season) *
            (1 + (growth * i) / 365)
          const cells: Record<string, string> = { region, product, channel }
          const hit = incidents.filter(
            (one) =>
              i >= one.start &&
              i < one.start + one.days &&
              Object.entries(one.where).every(([column, value]) => cells[column] === value),
          )
          const unitsEffect = hit.reduce((product, one) => product * one.effect.units, 1)
          const priceEffect = hit.reduce((product, one) => product * one.effect.price, 1)
          const mean = expected * unitsEffect
          const units = Math.max(0, Math.round(mean + Math.sqrt(mean * 1.6) * rng.normal()))
          const revenue = units * price * priceEffect * (1 + 0.01 * rng.normal())
          rows.push([
            date,
            region,
            product,
            channel,
            String(units),
            revenue.toFixed(2),
            (expected * price * 1.02).toFixed(2),
          ])
        }
      }
    }
  }
  return {
    rows,
    csv: plainCsv(['date', 'region', 'product', 'channel', 'units', 'revenue', 'plan'], rows),
    incidents: incidents.map(({ what, where, start, days: length, effect }) => ({
      what,
      where: where as Record<string, string>,
      from: dateOf(start),
      to: dateOf(start + length - 1),
      effect,
    })),
  }
}

function dayOfYear(date: string): number {
  return Math.round((Date.parse(date) - Date.parse(`${date.slice(0, 4)}-01-01`)) / day) + 1
}
