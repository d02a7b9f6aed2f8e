import { describe, expect, test } from 'vitest'
import type { Fact } from '../../contract/index.ts'
import { formatReports, reportFormats } from './formats.ts'
import { day, fact, locksOf, quarter, start } from './made-up-facts.fixture.ts'
import { teamReports } from './team-report.ts'

const end = start + 100 * day
const facts = quarter({ deployment: 'triage-1' })
const one = async (given: Fact[], until = end) => (await teamReports(given, { until }))[0]!

describe('the figures', () => {
  test('a planted saving comes out, per person and week, for a team of five and more', async () => {
    const report = await one(facts)
    // 40 items a day, about four fifths of them shown and saving a minute each, for six people.
    const truth = (40 * 7 * 0.8) / 60 / 6
    expect(Math.abs(report.hoursPerPersonPerWeek!.estimate / truth - 1)).toBeLessThan(0.15)
    expect(report.hoursPerPersonPerWeek!.low).toBeLessThan(truth)
    expect(report.hoursPerPersonPerWeek!.high).toBeGreaterThan(truth)
    expect(report.people).toBe(6)
    expect(report.skills[0]!.times).toContain('open to sent')
    expect(report.skills[0]!.time.timed.shown).toBeLessThan(report.skills[0]!.time.shown)
  })

  test('urgent items are never held back, so they are not compared', async () => {
    const report = await one(facts)
    const urgent = facts.filter((each) => each.kind === 'seen' && each.body.urgent).length
    const { shown, heldBack } = report.skills[0]!.time
    expect(shown + heldBack).toBe(40 * 90 - urgent)
  })

  test('what went out, what was withdrawn, what was overruled and what hurts next are told', async () => {
    const about = { deployment: 'triage-1', at: end - day }
    const waiting = quarter({ deployment: 'score-1', days: 0 }).slice(0, 3)
    const report = await one([
      ...facts,
      ...waiting,
      fact(
        'staged',
        { from: 'pilot', to: 'live', because: 'Maja sent it on.', locks: locksOf(false) },
        about,
      ),
      fact(
        'costed',
        {
          tasks: [
            { task: 'file the order', runsPerWeek: 50, hoursPerWeek: 4 },
            { task: 'chase', runsPerWeek: 9, hoursPerWeek: 2 },
          ],
        },
        about,
      ),
      fact(
        'traced',
        { tasks: [{ task: 'file the order', weeks: 4, untouched: 200, byHand: 1, elsewhere: 0 }] },
        about,
      ),
    ])
    expect(report.overruled).toMatchObject([{ deployment: 'triage-1', because: 'Maja sent it on.' }])
    expect(report.moves.map(({ to }) => to)).toEqual(['live'])
    expect(report.eliminated.map(({ task }) => task)).toEqual(['file the order'])
    expect(report.hurts.map(({ what }) => what)).toEqual(['chase', 'triage on maildir (score-1)'])
    const text = formatReports([report], 'text')
    for (const said of ['Shown against a closed proof lock', 'Maja sent it on.', '4 hours a week', 'chase'])
      expect(text).toContain(said)
    const back = fact(
      'staged',
      { from: 'live', to: 'withdrawn', because: 'Bad.', locks: locksOf(true) },
      { ...about, at: end - 1 },
    )
    expect((await one([...facts, back])).moves.at(-1)).toMatchObject({ to: 'withdrawn', because: 'Bad.' })
  })

  test('dead weight: people would not notice, and did not', async () => {
    const people = [0, 1, 2, 3, 4, 5].map((i) => `p-${i}`)
    const at = end - 10 * day
    const asked = people.flatMap((person) => [
      fact('answered', { question: 'would notice', answer: false }, { deployment: 'triage-1', at, person }),
      fact('answered', { question: 'minutes', answer: 25 }, { deployment: 'triage-1', at, person }),
      fact('switchedOff', { until: at + 5 * day }, { deployment: 'triage-1', at, person }),
    ])
    const report = await one([...facts, ...asked])
    expect(report.skills[0]).toMatchObject({ wouldNotice: { share: 0 }, noticed: { share: 0, people: 6 } })
    expect(report.skills[0]!.selfReport.reportedMinutesPerWeek).toBe(25)
    expect(formatReports([report], 'text')).toContain('0 % of 6 say yes; switched off for 6, 0 % missed it')
    const few = await one([...facts, ...asked.slice(0, 12)])
    expect(few.skills[0]).toMatchObject({ wouldNotice: { share: null }, noticed: { share: null } })
    expect(formatReports([few], 'text')).not.toContain('say yes')
  })
})

test('the same skill in several teams: what says little by itself is drawn towards the others', async () => {
  const teams = ['a', 'b', 'c'].flatMap((team) => quarter({ deployment: team, team, days: 60 }))
  const few = quarter({ deployment: 'few', team: 'few', days: 8 })
  const reports = await teamReports([...teams, ...few], { until: end })
  const [skill] = reports.find(({ team }) => team === 'few')!.skills
  expect(skill!.shrunk.ownWeight).toBeLessThan(0.5)
  const off = (minutes: number) => Math.abs(minutes - 1)
  expect(off(skill!.shrunk.minutesPerItem!.estimate)).toBeLessThan(off(skill!.time.minutesPerItem!.estimate))
})

test('several ways to take the time stand side by side, and so do the kinds of edits', async () => {
  const more = facts.flatMap((each): Fact[] => {
    if (each.kind === 'did' && each.body.seconds !== null) {
      const bySource = { 'gap capped at 60 s': Math.min(60, each.body.seconds) }
      return [{ ...each, body: { ...each.body, bySource } }]
    }
    return [each]
  })
  const shown = more.filter((each) => each.kind === 'judged' && each.body.outcome === 'used').slice(0, 40)
  const edits = shown.flatMap((each): Fact[] => {
    if (each.kind !== 'judged') return []
    const about = { deployment: each.deployment, at: each.at + 1, item: each.item! }
    return [
      {
        ...each,
        key: `${each.key} again`,
        at: each.at + 1,
        body: { ...each.body, outcome: 'edited', similarity: 0.8 },
      },
      fact('edited', { kinds: ['wording'], similarity: 0.8 }, about),
    ]
  })
  const report = await one([...more, ...edits])
  expect(report.skills[0]!.sensitivity.map(({ source }) => source)).toEqual([
    'gap capped at 60 s',
    'open to sent',
  ])
  expect(report.skills[0]!.quality.kept['lightly edited']).toBe(40)
  const text = formatReports([report], 'text')
  expect(text).toContain('of what was edited: wording 100 %')
  expect(text).toContain('minutes an item by source: gap capped at 60 s')
})

describe('a report of a past date', () => {
  const then = start + 60 * day
  const told = facts.filter(({ at }) => at <= then)
  const later = facts.filter(({ at }) => at > then)

  test.each(
    reportFormats,
  )('made again from all facts is what was sent, byte for byte, as %s', async (format) => {
    const sent = formatReports(await teamReports(told, { until: then }), format)
    expect(formatReports(await teamReports([...told, ...later], { until: then }), format)).toBe(sent)
    expect(formatReports(await teamReports(facts, { until: end }), format)).not.toBe(sent)
  })

  test('what was told late of an earlier time does not change what was sent, and can be asked for', async () => {
    const sent = await one(told, then)
    const sending = fact(
      'reported',
      { team: 'Orders', until: then, to: 'mail', sha256: '' },
      { deployment: 'triage-1', at: then + 1000 },
    )
    const late = quarter({ deployment: 'triage-1', days: 20, saves: -300, seed: 'late' }).slice(4)
    const all = [...told, sending, ...late, ...later]
    expect(await one(all, then)).toEqual(sent)
    const [known] = await teamReports(all, { until: then, asSent: false })
    expect(known).not.toEqual(sent)
    // Another date was never sent: what is known now of it counts.
    expect(await one(all, then + 1)).not.toEqual(sent)
  })

  test('before anything was connected there is none', async () => {
    expect(await teamReports(facts, { until: start - 1 })).toEqual([])
    expect(await teamReports([], { until: end })).toEqual([])
    expect(await teamReports(facts, { until: end, team: 'Sales' })).toEqual([])
  })
})

describe('bad input', () => {
  test('a team of four sees totals only, and nobody is told from another', async () => {
    const report = await one(quarter({ deployment: 'small', people: 4 }))
    expect(report).toMatchObject({ people: 'fewer than 5', hoursPerPersonPerWeek: null })
    expect(report.hoursPerWeek).not.toBeNull()
    expect(formatReports([report], 'json')).not.toContain('p-')
  })

  test('nobody in one arm gives no figure, and says why', async () => {
    const held = new Set(
      facts.flatMap((each) => (each.kind === 'decided' && each.body.arm === 'held back' ? [each.item] : [])),
    )
    const shownOnly = facts.filter(({ item }) => item === null || !held.has(item))
    const report = await one(shownOnly)
    expect(report.hoursPerWeek).toBeNull()
    expect(report.skills[0]!.time.because).toContain('at least 20 of each')
    expect(formatReports([report], 'text')).toContain('cannot be told yet')
  })

  test('negative times and a clock that jumps are left out and change nothing else', async () => {
    const mad = [-5, Number.NaN, 9 * 3600, 1e12].flatMap((seconds, i) => {
      const item = `mad ${i}`
      const at = start + 30 * day
      return [
        fact(
          'decided',
          { arm: 'shown', stage: 'pilot', threshold: 0.7, because: '', holdback: 0.2 },
          { deployment: 'triage-1', at, item },
        ),
        fact(
          'did',
          { seconds, secondsFrom: 'open to sent' },
          { deployment: 'triage-1', at: i ? at : start - 9999 * day, item, person: 'p-1' },
        ),
      ]
    })
    const clean = await one(facts)
    const report = await one([...facts, ...mad])
    expect(report.skills[0]!.time.leftOut).toEqual({ impossible: 2, tooLong: 2 })
    expect(report.hoursPerPersonPerWeek!.estimate).toBeCloseTo(clean.hoursPerPersonPerWeek!.estimate, 9)
  })

  test('a deployment stopped for a month saves as much a week as before', async () => {
    const halfway = start + 45 * day
    const stopped = facts.map((each) => (each.at > halfway ? { ...each, at: each.at + 30 * day } : each))
    const report = await one(stopped, end + 30 * day)
    const through = await one(facts)
    expect(report.hoursPerWeek!.estimate / through.hoursPerWeek!.estimate).toBeCloseTo(1, 1)
  })

  test('a person in two teams counts in each, with the work done there', async () => {
    const both = [...facts, ...quarter({ deployment: 'score-1', team: 'Sales', saves: 0 })]
    const [orders, sales] = await teamReports(both, { until: end })
    expect(orders).toEqual(await one(facts))
    expect(sales!.team).toBe('Sales')
    expect(sales!.hoursPerWeek!.low).toBeLessThan(0)
    expect(sales!.hoursPerWeek!.high).toBeGreaterThan(0)
  })

  test('an erased person changes no figure, and facts that nobody knows are passed over', async () => {
    const gone = fact('erased', { bodies: 12 }, { deployment: 'triage-1', at: end - 1, person: 'p-1' })
    const unknown = { ...gone, key: 'x', kind: 'from a newer program' } as unknown as Fact
    expect(await one([...facts, gone, unknown])).toEqual(await one(facts))
  })

  test('names cannot break a page: markup, table marks and control characters', async () => {
    const named = quarter({ deployment: 'evil', team: '<script>|*x*[\u202e' + '\u001b[2J', days: 30 })
    const [report] = await teamReports(named, { until: end })
    const html = formatReports([report!], 'html')
    expect(html).not.toContain('<script>')
    expect(formatReports([report!], 'markdown')).toContain('\\<script\\>\\|\\*x\\*\\[')
    for (const format of ['text', 'markdown', 'html'] as const)
      expect(formatReports([report!], format)).not.toMatch(/[\u001b\u202e]/)
  })
})

test('a report is read in a minute and counts neither logins nor use', async () => {
  const text = formatReports([await one(facts)], 'text')
  expect(text.split(/\s+/).length).toBeLessThan(250)
  expect(text).not.toMatch(/log ?in|usage|messages? sent|active users/i)
})
