/** One made-up desk of a dozen people or more, and what is planted in its quarter. */
export interface PlantedDesk {
  /** Id of its deployment. */
  id: string
  team: string
  /** What comes in there, in words. */
  about: string
  people: number
  /** Of them, those who say yes to the pilot. */
  volunteers: number
  perDay: number
  /** Median handling time of a short piece of work without help, in seconds. */
  medianSeconds: number
  /** Share of the handling time that a used suggestion saves. */
  saves: number
  /** From this day of the quarter on the work is filed another way, so that what was learned is wrong. */
  movesOn: number | null
  /** Chance that a person for whom it is switched off for a week gives a sign of missing it on one day. */
  misses: number
  /** Chance of a yes to each question; minutes that people say it saves them a week. */
  says: { satisfied: number; notice: number; minutes: number; switchOff: number }
}

/**
 * What must come out of the quarter: the first saves time, the second goes wrong half-way and must leave by itself, and
 * the third is nearly always right, but saves nothing and nobody would notice.
 */
export const plantedDesks: readonly PlantedDesk[] = [
  {
    id: 'triage-made-up-office-1',
    team: 'Service desk',
    about: 'requests that are handed on to the right group',
    people: 16,
    volunteers: 13,
    perDay: 36,
    medianSeconds: 280,
    saves: 0.35,
    movesOn: null,
    misses: 0.35,
    says: { satisfied: 0.9, notice: 0.9, minutes: 60, switchOff: 0.9 },
  },
  {
    id: 'triage-made-up-office-2',
    team: 'Purchasing',
    about: 'mails of suppliers, whose folders change half-way through the quarter',
    people: 16,
    volunteers: 14,
    perDay: 24,
    medianSeconds: 220,
    saves: 0.2,
    movesOn: 45,
    misses: 0.1,
    says: { satisfied: 0.5, notice: 0.5, minutes: 10, switchOff: 0.4 },
  },
  {
    id: 'triage-made-up-office-3',
    team: 'Facilities',
    about: 'notices that nobody has to do anything about',
    people: 16,
    volunteers: 14,
    perDay: 24,
    medianSeconds: 40,
    saves: 0,
    movesOn: null,
    misses: 0,
    says: { satisfied: 0.6, notice: 0.06, minutes: 30, switchOff: 0.95 },
  },
]
