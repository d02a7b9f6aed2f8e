import type { Answered, Question, Stage } from '../contract/index.ts'
import type { Ledger } from '../ledger/index.ts'
import type { People } from '../prove/audience.ts'

/** What was told about one deployment apart from its items: who said what, what was asked, how it moved. */
export interface Told {
  people: People
  /** Who agreed to a week without it. */
  consenting: ReadonlySet<string>
  asked: { question: Question; card: string | null; person: string | null; at: number }[]
  answered: { question: Question; person: string; answer: Answered; at: number }[]
  /** Who has had the walkthrough's card; '' where it went to everybody. */
  announcedTo: ReadonlySet<string>
  /** When the silent run and the pilot last began. */
  silentSince: number | null
  pilotSince: number | null
  /** A person has moved it back, and has not moved it on since. */
  held: boolean
}

const kinds = ['asked', 'answered', 'wished', 'switchedOff', 'announced', 'staged'] as const
const ladder: readonly Stage[] = ['off', 'silent', 'pilot', 'live']

export async function readTold(ledger: Pick<Ledger, 'facts'>, deployment: string): Promise<Told> {
  const volunteers = new Set<string>()
  const off = new Set<string>()
  const consenting = new Set<string>()
  const switchedOff: { person: string; from: number; until: number }[] = []
  const announcedTo = new Set<string>()
  const told = { silentSince: null, pilotSince: null, held: false } as Pick<
    Told,
    'silentSince' | 'pilotSince' | 'held'
  >
  const asked: Told['asked'] = []
  const answered: Told['answered'] = []
  const set = (of: Set<string>, person: string, yes: boolean) => (yes ? of.add(person) : of.delete(person))
  for await (const fact of ledger.facts({ deployment, kinds })) {
    const { at, person } = fact
    if (fact.kind === 'asked') {
      asked.push({ question: fact.body.question, card: fact.body.card ?? null, person, at })
    } else if (fact.kind === 'announced') {
      if (fact.body.stage === undefined) announcedTo.add(person ?? '')
    } else if (fact.kind === 'staged') {
      const { from, to, by } = fact.body
      if (to === 'silent') told.silentSince = at
      if (to === 'pilot') told.pilotSince = at
      told.held = by === 'person' && ladder.indexOf(to) < ladder.indexOf(from)
    } else if (person === null) continue
    else if (fact.kind === 'answered') {
      const { question, answer } = fact.body
      answered.push({ question, answer, person, at })
      if (question === 'volunteer') set(volunteers, person, answer === true)
      if (question === 'switch off') set(consenting, person, answer === true)
    } else if (fact.kind === 'wished') {
      set(volunteers, person, fact.body.wish === 'on')
      set(off, person, fact.body.wish === 'off')
      // Whoever wants it back has it back.
      for (const span of switchedOff)
        if (fact.body.wish === 'on' && span.person === person && at >= span.from && at < span.until)
          span.until = at
    } else if (fact.kind === 'switchedOff') switchedOff.push({ person, from: at, until: fact.body.until })
  }
  return { people: { volunteers, off, switchedOff }, consenting, announcedTo, asked, answered, ...told }
}
