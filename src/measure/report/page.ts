import type { Absences } from '../noticed.ts'
import type { Opinion } from '../opinions.ts'
import { type Estimate, signed } from '../time-saved.ts'
import { isOut, type SkillReport, type TeamReport } from './team-report.ts'

/** A page before it is put into a format: plain text in every field. */
export interface Page {
  title: string
  /** What a reader in a hurry must know. */
  lead: string
  table: { head: string[]; rows: string[][] }
  sections: { heading: string; lines: string[] }[]
}

/** One page, read in a minute. */
export function pageOf(report: TeamReport): Page {
  const { team, until, skills, moves, overruled, eliminated, hurts } = report
  const sections = [
    {
      heading: 'Shown against a closed proof lock',
      lines: overruled.map(
        ({ deployment, at, because }) => `${deployment}, since ${at.slice(0, 10)}: ${because}`,
      ),
    },
    {
      heading: 'Launched and withdrawn',
      lines: moves.map(
        ({ at, skill, surface, to, because }) =>
          `${new Date(at).toISOString().slice(0, 10)} ${skill} on ${surface}: ${to}. ${because}`,
      ),
    },
    {
      heading: 'Tasks that nobody does by hand any more',
      lines: eliminated.map(({ task, because }) => `${task}: ${because}`),
    },
    { heading: 'What people change in it', lines: skills.flatMap(editLine) },
    { heading: 'Other ways to take the time', lines: skills.flatMap(sensitivityLine) },
    {
      heading: 'From the roll-out, person by person',
      lines: skills
        .filter(({ rolledOut }) => rolledOut.minutesPerItem !== null)
        .map(({ skill, surface, rolledOut }) => `${skill} on ${surface}: ${rolledOut.because}`),
    },
    { heading: 'Would they notice?', lines: skills.flatMap(noticeLine) },
    {
      heading: 'What people think it saves, and what was measured',
      lines: skills
        .filter(({ selfReport }) => selfReport.reportedMinutesPerWeek !== null)
        .map(({ skill, surface, selfReport }) => `${skill} on ${surface}: ${selfReport.because}`),
    },
    {
      heading: 'What hurts next',
      lines: hurts.map(({ what, hoursPerWeek, minutesPerPersonPerWeek: minutes, because }) => {
        const cost =
          hoursPerWeek !== null
            ? `${oneDigit(hoursPerWeek)} hours a week`
            : minutes !== null
              ? `${oneDigit(minutes)} minutes a person a week`
              : 'named as hated'
        return `${what}, ${cost}: ${because}`
      }),
    },
  ]
  return {
    title: `${team}: what Inlay is worth, ${until.slice(0, 10)}`,
    lead: leadOf(report),
    table: {
      head: [
        'skill',
        'stage',
        'saves',
        'useful',
        'as is · edited · rewritten · not used',
        'wrong later',
        'satisfied',
      ],
      rows: skills.map(rowOf),
    },
    sections: sections.filter(({ lines }) => lines.length > 0),
  }
}

function leadOf({ hoursPerPersonPerWeek, hoursPerWeek, eliminated, skills }: TeamReport): string {
  const gone = skills.filter(({ stage }) => stage === 'withdrawn').length
  const none =
    gone === skills.length ? 'Nothing of it is with people any more' : 'People see nothing of it yet'
  const saved = !skills.some(({ stage }) => isOut(stage))
    ? none
    : hoursPerPersonPerWeek
      ? `It saves ${between(hoursPerPersonPerWeek)} hours a person a week`
      : hoursPerWeek
        ? `It saves ${between(hoursPerWeek)} hours a week in all`
        : 'What it saves cannot be told yet'
  const cost = eliminated.reduce((sum, { hoursPerWeek: hours }) => sum + hours, 0)
  const tasks = eliminated.length
    ? ` ${eliminated.length} ${eliminated.length === 1 ? 'kind of task is' : 'kinds of task are'} gone, which cost ${oneDigit(cost)} hours a week.`
    : ''
  const how = hoursPerWeek
    ? ', by comparing work where it helped with work where it was held back at random'
    : ''
  const unmissed = skills.filter(hardlyMissed).map(({ skill, surface, noticed: { people } }) => {
    return ` Nobody would miss ${skill} on ${surface}: it was switched off for ${people} people, and none of them gave a sign of missing it.`
  })
  return `${saved}${how}.${tasks}${unmissed.join('')}`
}

/** Dead weight: no saving that shows, few who say that they would notice, and nobody who did when it was off. */
function hardlyMissed({ stage, time, wouldNotice, noticed }: SkillReport): boolean {
  const saves = (time.minutesPerItem?.low ?? 0) > 0
  return (
    isOut(stage) && !saves && noticed.share === 0 && wouldNotice.share !== null && wouldNotice.share < 0.5
  )
}

function rowOf({ skill, surface, stage, since, shrunk, quality, satisfied }: SkillReport): string[] {
  const { total, kept, taken, foundWrong, usefulRate, lowerBound } = quality
  const share = (n: number) => `${Math.round((n / total) * 100)} %`
  const before = isOut(stage) ? '' : ', while people saw it'
  return [
    `${skill} on ${surface}`,
    since === null ? stage : `${stage} since ${since.slice(0, 10)}`,
    shrunk.hoursPerPersonPerWeek
      ? `${between(shrunk.hoursPerPersonPerWeek)} h a person a week${before}`
      : shrunk.hoursPerWeek
        ? `${between(shrunk.hoursPerWeek)} h a week in all${before}`
        : 'not known yet',
    // The bound is cut, not rounded: 84.96 % must not read as 85 %.
    usefulRate === null
      ? 'no verdict yet'
      : `${Math.round(usefulRate * 100)} % (≥ ${Math.floor(lowerBound! * 100)} %)`,
    total === 0
      ? '–'
      : [kept['as is'], kept['lightly edited'], kept.rewritten, kept.discarded + kept.ignored]
          .map(share)
          .join(' · '),
    taken === 0 ? '–' : `${Math.round((foundWrong / taken) * 1000) / 10} %`,
    percentOf(satisfied) ?? 'fewer than 5 answers',
  ]
}

function editLine({ skill, surface, quality }: SkillReport): string[] {
  const kinds = Object.entries(quality.edits).sort(([, a], [, b]) => b - a)
  if (kinds.length === 0) return []
  const shares = kinds.map(([kind, n]) => `${kind} ${Math.round((n / quality.counts.edited) * 100)} %`)
  return [`${skill} on ${surface}, of what was edited: ${shares.join(', ')}.`]
}

function sensitivityLine({ skill, surface, sensitivity }: SkillReport): string[] {
  if (sensitivity.length === 0) return []
  const all = sensitivity.map(({ source, minutesPerItem }) => `${source} ${signed(minutesPerItem.estimate)}`)
  return [`${skill} on ${surface}, minutes an item by source: ${all.join(', ')}.`]
}

function noticeLine({ skill, surface, wouldNotice, noticed }: SkillReport): string[] {
  const said = percentOf(wouldNotice)
  if (said === null && noticed.share === null) return []
  const answers = said === null ? 'fewer than 5 have answered' : `${said} of ${wouldNotice.people} say yes`
  const { people, share, complaints, manualRequests, lostMinutesPerItem, byWeek, byDay } = noticed
  if (share === null) return [`${skill} on ${surface}: ${answers}. ${noticed.because}`]
  const split =
    byWeek && byDay
      ? `; of those without it for a week ${absenceOf(byWeek)}, on single days ${absenceOf(byDay)}${byWeek.people + byDay.people > people! ? ' (some had both)' : ''}`
      : ''
  const lost = lostMinutesPerItem === null ? '' : `, ${signed(lostMinutesPerItem)} minutes an item`
  return [
    `${skill} on ${surface}: ${answers}; switched off for ${people}, ${Math.round(share * 100)} % missed it (${counted(complaints!, 'complaint')}, ${counted(manualRequests!, 'request')} by hand${lost})${split}.`,
  ]
}

function absenceOf({ people, share, lostMinutesPerItem }: Absences): string {
  const lost = lostMinutesPerItem === null ? '' : ` (${signed(lostMinutesPerItem)} minutes an item)`
  return `${Math.round(share * people)} of ${people}${lost}`
}

function counted(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}

function percentOf({ share }: Opinion): string | null {
  return share === null ? null : `${Math.round(share * 100)} %`
}

function between({ estimate, low, high }: Estimate): string {
  return `${oneDigit(estimate, 2)} (${oneDigit(low, 2)} to ${oneDigit(high, 2)})`
}

function oneDigit(value: number, digits = 1): string {
  const rounded = Math.round(value * 10 ** digits) / 10 ** digits
  return String(rounded === 0 ? 0 : rounded)
}
