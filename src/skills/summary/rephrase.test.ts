import { expect, test } from 'vitest'
import type { Cell } from '../../contract/index.ts'
import { columnsOfCells } from '../../learn/attribution/metric-columns.ts'
import { seeded } from '../../stats/random.ts'
import { type Rephrase, rephrased } from './rephrase.ts'
import { tellTable } from './summarise.ts'

/** Half a year of weeks in which North falls at the end. */
const { summary, names, untrue } = (() => {
  const rng = seeded(4)
  const rows: Cell[][] = []
  for (let week = 0; week < 30; week++) {
    const date = new Date(Date.UTC(2025, 0, 6) + week * 7 * 86_400_000).toISOString().slice(0, 10)
    for (const region of ['North', 'South', 'West']) {
      const level = region === 'North' && week === 29 ? 300 : 1000
      rows.push([date, region, Math.round(level * (1 + 0.03 * rng.normal()))])
    }
  }
  return tellTable(columnsOfCells(['week', 'region', 'revenue'], rows).table)
})()
const ours = summary.text
const [total, , before] = summary.findings[0]!.numbers.map(({ shown }) => shown)
const ask = (rephrase: Rephrase, patience = 1000) => rephrased(ours, names, untrue, rephrase, patience)

test('other words that say the same are taken', async () => {
  const good = ours.replace('Revenue was', 'In sum, revenue came to').replace(' fell to ', ' dropped to ')
  expect(good).not.toBe(ours)
  expect(await ask(async () => ` ${good}\n`)).toEqual({ text: good, because: null })
})

test.each([
  ['a number is changed', (text: string) => text.replace(total!, '9,999')],
  ['a number is made up', (text: string) => `${text} That is 5 % of all.`],
  ['a number is left out', (text: string) => text.replace(before!, 'what was usual')],
  ['a number is told in words', (text: string) => `${text} It more than halved.`],
  ['the direction is turned', (text: string) => text.replace('below', 'above').replace('fell', 'rose')],
  ['only one direction is turned', (text: string) => text.replace('North fell', 'North rose')],
  ['another part is named', (text: string) => text.replace('North', 'South')],
  ['a stranger is named', (text: string) => `${text} Ask Miller about it.`],
  ['it is denied', (text: string) => text.replace('fell to', 'never fell to')],
  ['a link is put in', (text: string) => `${text} See https://example.com`],
  ['it runs on', (text: string) => text + ' and so on'.repeat(60)],
  ['nothing is left', () => ' '],
])('our own text stands where %s', async (_, lie) => {
  const { text, because } = await ask(async (given) => lie(given))
  expect(text).toBe(ours)
  expect(because).toContain('refused')
})

test('our own text stands where the other words are slow, or fail', async () => {
  expect(await ask(() => new Promise(() => {}), 20)).toMatchObject({
    text: ours,
    because: expect.stringContaining('within'),
  })
  const fails = async () => {
    throw new Error('the model is down')
  }
  expect(await ask(fails)).toMatchObject({
    text: ours,
    because: expect.stringContaining('the model is down'),
  })
})
