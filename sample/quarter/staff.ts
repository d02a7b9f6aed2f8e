import type { Answered, Change, Question } from '../../src/contract/index.ts'
import { day, hour, minute, second } from '../calendar.ts'
import { random } from '../random.ts'
import type { PlantedDesk } from './desks.ts'
import { deedOf, type Piece } from './work.ts'

/** Without the cursor, which whoever plays the quarter gives. */
type Happening =
  Change<'message'> extends infer Each ? (Each extends unknown ? Omit<Each, 'cursor'> : never) : never

/** What people know on one day. */
export interface Today {
  start: number
  /** The labels placed on the day's work, by its key. */
  placed: ReadonlyMap<string, string>
  /** Questions put to a person that they have not answered. */
  questions: readonly { question: Question; card: string; person: string }[]
  /** For whom it is switched off. */
  without: readonly string[]
}

/** What a desk's people do with the day's work, and what they say; the same on the same seed and placements. */
export function playDay(
  desk: PlantedDesk,
  people: readonly string[],
  pieces: readonly Piece[],
  { seed, number, today }: { seed: number; number: number; today: Today },
): Happening[] {
  const happened: { at: number; change: Happening }[] = []
  for (const piece of pieces) {
    const { key } = piece.message
    const rng = random(`${seed}/quarter staff/${desk.id}/${key}`)
    const placed = today.placed.get(key) ?? null
    const right = placed === piece.label
    const readAt = piece.message.at! + rng.logNormal(20 * minute, 0.4)
    // Who is shown the right label mostly takes it; a wrong one is taken now and then, and mended later.
    const used = placed !== null && rng.chance(right ? 0.94 : 0.08)
    const slip = rng.chance(0.01) ? 'Accounts' : piece.label
    const label = used ? placed : slip
    const pace = used && right ? 1 - desk.saves : placed !== null && !right ? 1.12 : 1
    const seconds = piece.seconds * pace
    const at = readAt + seconds * second
    happened.push({ at, change: { type: 'deed', key, deed: deedOf(piece, { at, label, seconds }) } })
    if (label !== piece.label && rng.chance(0.8)) {
      const later = at + rng.logNormal(2 * hour, 0.4)
      const deed = deedOf(piece, { at: later, label: piece.label, seconds })
      happened.push({ at: later, change: { type: 'deed', key, deed } })
    }
  }
  for (const { question, card, person } of today.questions) {
    const rng = random(`${seed}/quarter answers/${desk.id}/${card}`)
    const answer = answerTo(desk, question, people.indexOf(person), rng)
    const at = today.start + 9 * hour + rng.int(6 * 60) * minute
    if (answer !== null) happened.push({ at, change: { type: 'answer', card, person, answer, at } })
  }
  for (const person of today.without) {
    const rng = random(`${seed}/quarter without/${desk.id}/${person}/${number}`)
    if (pieces.length === 0 || !rng.chance(desk.misses)) continue
    const at = today.start + 11 * hour
    const wish = rng.chance(0.6) ? 'complaint' : 'manual request'
    happened.push({ at, change: { type: 'wish', person, wish, at } })
  }
  return happened
    .filter(({ at }) => at < today.start + day)
    .sort((a, b) => a.at - b.at)
    .map(({ change }) => change)
}

/** Null: they do not answer. */
function answerTo(
  { volunteers, says }: PlantedDesk,
  question: Question,
  place: number,
  rng: ReturnType<typeof random>,
): Answered | null {
  if (question === 'volunteer') return place < volunteers
  if (rng.chance(0.1)) return null
  if (question === 'minutes') return says.minutes * (rng.chance(0.5) ? 1 : 2)
  const yes = { satisfied: says.satisfied, 'would notice': says.notice, 'switch off': says.switchOff }
  return rng.chance(yes[question])
}
