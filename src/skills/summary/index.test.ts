import { expect, test } from 'vitest'
import type { Cell, Example, Report } from '../../contract/index.ts'
import { seeded } from '../../stats/random.ts'
import { summary } from './index.ts'
import { judgeComment } from './judge-comment.ts'

/** Weekly amounts of two regions; North falls in the last one where `fall`. */
function report(key: string, fall: boolean): Report {
  const rng = seeded(key)
  const rows: Cell[][] = []
  for (let week = 0; week < 30; week++) {
    const date = new Date(Date.UTC(2025, 0, 6) + week * 7 * 86_400_000).toISOString().slice(0, 10)
    for (const region of ['North', 'South', 'West']) {
      const level = region === 'North' && week === 29 && fall ? 300 : 1000
      rows.push([date, region, Math.round(level * (1 + 0.04 * rng.normal()))])
    }
  }
  return { kind: 'report', key, group: key, at: null, columns: ['week', 'region', 'revenue'], rows }
}

const tools = { seed: 1 }
const wrote = (item: Report, text: string): Example<'report'> => ({
  item,
  deed: { kind: 'report', text, at: null, person: null, seconds: null, secondsFrom: null },
})

test('writes what changed, and believes itself as far as people wrote the same', async () => {
  const found = Array.from({ length: 6 }, (_, i) =>
    wrote(report(`w${i}`, true), 'Weak week: North lost its largest customer.'),
  )
  const missed = Array.from({ length: 6 }, (_, i) =>
    wrote(report(`w${i}`, true), 'The Paris fair was a success for Belgium.'),
  )
  const sure = await summary.suggest(await summary.learn(found, tools), report('new', true), tools)
  const unsure = await summary.suggest(await summary.learn(missed, tools), report('new', true), tools)
  expect(sure!.value.text).toContain('North fell to')
  expect(sure!.confidence).toBeGreaterThan(0.8)
  expect(unsure!.confidence).toBeLessThan(0.2)
})

test('says in one line that nothing happened, and nothing at all of a table without numbers', async () => {
  const model = await summary.learn([], tools)
  const quiet = await summary.suggest(model, report('steady', false), tools)
  expect(quiet!.value.text).toMatch(/^Nothing out of the ordinary: [^\n]*\.$/)
  const words: Report = { ...report('x', false), columns: ['who'], rows: [['Ada'], ['Grace']] }
  expect(await summary.suggest(model, words, tools)).toBeNull()
})

test('an LLM may choose other words, and what it changes is refused', async () => {
  const model = await summary.learn([], tools)
  const plain = await summary.suggest(model, report('new', true), tools)
  const write =
    (other: (text: string) => string) =>
    async ({ text }: { text?: string }) => ({
      text: other(text!),
      sureness: 1,
      leftOut: [],
    })
  const said = async (other: (text: string) => string) =>
    (await summary.suggest(model, report('new', true), { ...tools, write: write(other) }))!.value.text
  expect(await said((text) => text.replace('fell to', 'dropped to'))).toContain('dropped to')
  expect(await said((text) => text.replace('fell to', 'rose to'))).toBe(plain!.value.text)
})

test('saves and loads, and refuses damaged bytes', async () => {
  const model = await summary.learn([wrote(report('a', true), 'North is down.')], tools)
  expect(summary.load(summary.save(model))).toEqual(model)
  expect(() => summary.load(new Uint8Array([1, 2, 3]))).toThrow('must learn again')
})

test.each([
  ['North fell to 300 from 1,000.', 'Bad week in North after the strike', true],
  ['North fell to 300 from 1,000.', 'South grew thanks to the fair', false],
  ['Nothing out of the ordinary: revenue was 5.', 'Nothing special this week.', true],
  ['North fell to 300 from 1,000.', 'Nothing special this week.', false],
])('of "%s" where people wrote "%s", useful is %s', (ours, theirs, useful) => {
  expect(judgeComment(ours, theirs)!.useful).toBe(useful)
})
