/** What a kind of task cost before, from recorded work. */
export interface TaskBefore {
  task: string
  runsPerWeek: number
  hoursPerWeek: number
}

/** What the logs say of the same kind of task now, over so many weeks. */
export interface TaskNow {
  task: string
  weeks: number
  /** Runs that ended without a person touching them. */
  untouched: number
  /** Runs that people still did by hand, here. */
  byHand: number
  /** Runs of the same task that people did in another place since. */
  elsewhere: number
}

export interface TaskFate {
  task: string
  eliminated: boolean
  /** What it cost before; what is counted where it is eliminated. */
  hoursPerWeek: number
  because: string
}

const fewestWeeks = 2
/** Share of what people did before that may still be done by hand, here or elsewhere. */
const atMost = 0.05

/**
 * Kinds of task that people used to do by hand and that now end without a person touching them. A task that only moved
 * (to a colleague, to another tool) is not eliminated, nor one that has stopped coming in.
 */
export function tasksEliminated(before: readonly TaskBefore[], now: readonly TaskNow[]): TaskFate[] {
  const latest = new Map(now.map((each) => [each.task, each]))
  return before.map(({ task, runsPerWeek, hoursPerWeek }): TaskFate => {
    const fate = (eliminated: boolean, because: string) => ({ task, eliminated, hoursPerWeek, because })
    const seen = latest.get(task)
    if (!seen)
      return fate(
        false,
        "No later logs tell yet whether people still do it by hand; 'inlay shadow LOG --trace' takes them.",
      )
    if (seen.weeks < fewestWeeks)
      return fate(false, `It has been watched for less than ${fewestWeeks} weeks.`)
    if (!(runsPerWeek > 0)) return fate(false, 'It is not known how often it was done by hand before.')
    const weekly = (runs: number) => runs / seen.weeks
    const hand = weekly(seen.byHand)
    const moved = weekly(seen.elsewhere)
    const shown = (perWeek: number) => `${Math.round(perWeek * 10) / 10}`
    if (moved > atMost * runsPerWeek)
      return fate(false, `It has only moved: people now do it elsewhere ${shown(moved)} times a week.`)
    if (hand + moved > atMost * runsPerWeek)
      return fate(
        false,
        `People still do it by hand ${shown(hand)} times a week (${shown(runsPerWeek)} before).`,
      )
    if (weekly(seen.untouched) < runsPerWeek / 2)
      return fate(
        false,
        `It comes in less often: ${shown(weekly(seen.untouched))} times a week (${shown(runsPerWeek)} before).`,
      )
    return fate(
      true,
      `${shown(weekly(seen.untouched))} a week now end without a person touching them; it cost ${shown(hoursPerWeek)} hours a week before.`,
    )
  })
}
