import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Fact } from '../contract/index.ts'
import { freshLedger } from '../ledger/testing.ts'
import { readLogText, shadow, withAnswers } from '../shadow/index.ts'
import { keepCosts } from './pain-from-shadow.ts'
import { answersIn, sayOfRoutine } from './routine-answers.ts'
import { tracedText, traceInLedger } from './trace-tasks.ts'

const day = 24 * 3600 * 1000
const start = Date.UTC(2026, 0, 5)

/** Mails filed by hand on working days, ten a day, and in the evening as many looks at the news. */
function work({ from, days, tool, file }: { from: number; days: number; tool: string; file: boolean }) {
  const rows: string[] = []
  const add = (at: number, app: string, event: string, element: string, value = '') =>
    rows.push(`${new Date(at).toISOString()},ada,${app},${event},${element},${value}`)
  for (let d = 0; d < days; d++) {
    if (d % 7 > 4) continue
    for (let n = 0; n < 10; n++) {
      const at = from + d * day + 8 * 3_600_000 + n * 1_200_000
      if (file) {
        add(at, tool, 'openMail', 'inbox')
        add(at + 9000, tool, 'readMail', 'subject', `order ${d}-${n}`)
        add(at + 20_000, tool, 'openMenu', 'labels')
        add(at + 31_000, tool, 'changeField', 'label', 'Orders')
        add(at + 40_000, tool, 'submit', 'label form')
      }
      const evening = from + d * day + 16 * 3_600_000 + n * 240_000
      add(evening, 'Browser', 'openPage', 'news')
      add(evening + 40_000, 'Browser', 'clickLink', 'headline')
      add(evening + 80_000, 'Browser', 'closePage', 'news')
    }
  }
  return shadow(
    readLogText('x.csv', `timestamp,person,application,event,element,value\n${rows.join('\n')}\n`),
  )
}

const before = work({ from: start, days: 14, tool: 'Outlook', file: true })
const later = { from: start + 60 * day, days: 21, tool: 'Outlook', file: true }
const about = { deployment: 'triage-imap-1', item: null, person: null }

async function costed(untouched: number) {
  const { ledger } = await freshLedger()
  await keepCosts(ledger, { id: about.deployment, skill: 'triage', surface: 'imap' }, before)
  const lock = { open: true, numbers: {}, because: '', opensWhen: '' }
  const locks = { place: lock, pain: lock, proof: lock }
  const pain = { minutesPerPersonPerWeek: 60, from: null, named: false }
  const out = start + 40 * day
  const body = { arm: 'shown' as const, useful: true, similarity: 1, outcome: 'used' as const, seconds: null }
  const facts: Fact[] = [
    {
      ...about,
      at: start,
      key: 'connected',
      kind: 'connected',
      body: { team: 'Orders', surface: 'imap', skill: 'triage', pain },
    },
    {
      ...about,
      at: out,
      key: 'staged',
      kind: 'staged',
      body: { from: 'silent', to: 'pilot', because: '', locks },
    },
    ...Array.from({ length: untouched }, (_, n): Fact[] => {
      const did = { ...about, at: later.from + day + n * 1000, item: `m${n}` }
      return [
        { ...did, key: `did ${n}`, kind: 'did', body: { seconds: null, secondsFrom: null } },
        { ...did, key: `judged ${n}`, kind: 'judged', body },
      ]
    }).flat(),
  ]
  await ledger.append(facts)
  return ledger
}

test('a task that only the skill does now is gone, with the hours that it cost; what was never its own stays', async () => {
  const ledger = await costed(140)
  const [traced, ...more] = await traceInLedger(ledger, work({ ...later, file: false }))
  expect(more).toEqual([])
  expect(traced!.tasks).toHaveLength(1)
  expect(traced!.tasks[0]).toMatchObject({ eliminated: true })
  expect(traced!.tasks[0]!.task).toContain('Outlook')
  expect(traced!.tasks[0]!.hoursPerWeek).toBeCloseTo((50 * 40) / 3600, 1)
  expect(tracedText([traced!])).toContain('gone')
  const facts = []
  for await (const fact of ledger.facts({ kinds: ['costed', 'traced'] })) facts.push(fact.kind)
  expect(facts).toEqual(['costed', 'traced'])
})

test('one that is done by hand as before, or in another tool since, is not', async () => {
  const ledger = await costed(140)
  const [hand] = await traceInLedger(ledger, work(later))
  expect(hand!.tasks[0]).toMatchObject({ eliminated: false })
  expect(hand!.tasks[0]!.because).toContain('still do it by hand 50 times a week (50 before)')
  const [moved] = await traceInLedger(ledger, work({ ...later, tool: 'Ticket Desk' }))
  expect(moved!.tasks[0]!.because).toContain('only moved: people now do it elsewhere 50 times a week')
})

test('logs from before, or of nothing that was measured, are refused', async () => {
  const ledger = await costed(0)
  await expect(traceInLedger(ledger, before)).rejects.toThrow('before any skill went to people')
  await expect(traceInLedger(ledger, work({ ...later, from: start + 39 * day }))).rejects.toThrow(
    'give logs from after that day',
  )
  const { ledger: empty } = await freshLedger()
  await expect(traceInLedger(empty, work(later))).rejects.toThrow('inlay build --shadow')
})

test('what people say of a routine is a fact of nobody, found again in later logs, and stands nowhere else', async () => {
  const { ledger } = await freshLedger()
  const folder = mkdtempSync(join(tmpdir(), 'inlay-said-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const routine = before.routines.find(({ tools }) => tools.includes('Outlook'))!.id
  const say = (question: 'hated' | 'why', answer: boolean | string) =>
    sayOfRoutine(ledger, folder, before, { routine, question, answer })
  await say('hated', true)
  await say('why', 'The boss wants it.')
  await expect(
    sayOfRoutine(ledger, folder, before, { routine: 'r', question: 'hated', answer: true }),
  ).rejects.toThrow(routine)
  const { opportunities, routines } = withAnswers(work(later), await answersIn(ledger))
  const hated = opportunities.filter((each) => each.hated)
  expect(hated).toHaveLength(1)
  expect(hated[0]!.answers).toEqual({ why: 'The boss wants it.' })
  expect(routines.find(({ id }) => id === hated[0]!.routine)!.tools).toEqual(['Outlook'])
  for await (const { person, item } of ledger.facts()) expect([person, item]).toEqual([null, null])
  const kept = await ledger.projections()
  expect(await ledger.standing()).toEqual([])
  await ledger.rebuild()
  expect(await ledger.projections()).toEqual(kept)
  expect(existsSync(join(folder, 'routines-were-spoken-of'))).toBe(true)
})
