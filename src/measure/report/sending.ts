import { createHash } from 'node:crypto'
import type { Fact } from '../../contract/index.ts'
import { formatReports } from './formats.ts'
import type { TeamReport } from './team-report.ts'

const week = 7 * 24 * 3600 * 1000
/** The epoch began on a Thursday; weeks end with Sunday, UTC. */
const firstMonday = 4 * 24 * 3600 * 1000

/**
 * The moment up to which a weekly report is due: the end of the last full week, unless the last report reached it.
 * Weeks that passed while nothing ran are not sent after; the newest one stands for them.
 *
 * @param lastUntil `until` of the team's last `reported` fact; null before the first
 * @returns milliseconds since the epoch; null where nothing is due
 */
export function reportDue(lastUntil: number | null, now: number): number | null {
  const until = Math.floor((now - firstMonday) / week) * week + firstMonday - 1
  return lastUntil !== null && lastUntil >= until ? null : until
}

/**
 * The fact that a report went out. It marks the place among the facts up to which the report was made: append it right
 * after reading them, and `teamReports` makes the same report again from what stands before it.
 *
 * @param deployment one of the team's
 */
export function reportedFact(
  report: TeamReport,
  { deployment, to, at }: { deployment: string; to: string; at: number },
): Fact<'reported'> {
  const until = Date.parse(report.until)
  const sha256 = createHash('sha256')
    .update(formatReports([report], 'markdown'))
    .digest('hex')
  return {
    key: `${deployment}:reported:${report.team}:${until}:${to}`,
    kind: 'reported',
    at,
    deployment,
    item: null,
    person: null,
    body: { team: report.team, until, to, sha256 },
  }
}
