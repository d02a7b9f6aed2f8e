import { type Answer, lastAnswers } from './opinions.ts'
import { fewestPeople, type TimeSaved } from './time-saved.ts'

/** How much time people think it saves, beside what was measured. Never mixed: people are poor judges of it, both ways. */
export interface SelfReport {
  /** Median of the minutes a week that people named; null below five answers. */
  reportedMinutesPerWeek: number | null
  /** From the randomised holdback; null where it cannot be told, or below five people. */
  measuredMinutesPerWeek: number | null
  because: string
}

export function selfReport(
  answers: Iterable<Answer>,
  measured: Pick<TimeSaved, 'hoursPerPersonPerWeek'>,
  until: number,
): SelfReport {
  const minutes = [...lastAnswers(answers, 'minutes', until).values()]
    .map(({ answer }) => Number(answer))
    .filter((each) => Number.isFinite(each) && Math.abs(each) <= 7 * 24 * 60)
    .sort((a, b) => a - b)
  const enough = minutes.length >= fewestPeople
  const middle = minutes.length >> 1
  const reported = !enough
    ? null
    : minutes.length % 2
      ? minutes[middle]!
      : (minutes[middle - 1]! + minutes[middle]!) / 2
  const hours = measured.hoursPerPersonPerWeek
  const measuredMinutes = hours && hours.estimate * 60
  const said = enough
    ? `People think it saves them ${Math.round(reported!)} minutes a week (median of ${minutes.length})`
    : `Fewer than ${fewestPeople} people have said what they think it saves`
  const found =
    measuredMinutes === null
      ? 'it has not been measured per person yet'
      : `measured: ${Math.round(measuredMinutes)} minutes`
  return {
    reportedMinutesPerWeek: reported,
    measuredMinutesPerWeek: measuredMinutes,
    because: `${said}; ${found}.`,
  }
}
