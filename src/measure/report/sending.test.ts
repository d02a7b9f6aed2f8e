import { expect, test } from 'vitest'
import { formatReports } from './formats.ts'
import { day, quarter, start } from './made-up-facts.fixture.ts'
import { reportDue, reportedFact } from './sending.ts'
import { teamReports } from './team-report.ts'

test('a report is due once a week, for the week that ended with Sunday', () => {
  // 5 January 2026 is a Monday.
  expect(reportDue(null, start)).toBe(start - 1)
  expect(reportDue(start - 1, start + 6 * day)).toBeNull()
  expect(reportDue(start - 1, start + 7 * day)).toBe(start + 7 * day - 1)
  expect(reportDue(start - 1, start + 30 * day)).toBe(start + 28 * day - 1)
  // A clock that jumped back sends nothing twice.
  expect(reportDue(start + 7 * day - 1, start)).toBeNull()
})

test('the fact that it went out has its digest, and the same key for the same report', async () => {
  const facts = quarter({ deployment: 'triage-1', days: 20 })
  const until = start + 14 * day - 1
  const [report] = await teamReports(facts, { until })
  const about = { deployment: 'triage-1', to: 'mail', at: until + 1000 }
  const sent = reportedFact(report!, about)
  const [again] = await teamReports([...facts, sent], { until })
  expect(reportedFact(again!, { ...about, at: until + 5 * day })).toMatchObject({
    key: sent.key,
    body: sent.body,
  })
  expect(formatReports([again!], 'html')).toBe(formatReports([report!], 'html'))
})
