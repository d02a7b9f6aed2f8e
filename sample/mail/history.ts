import { day, hour, isWorkday, localMidnight, minute } from '../calendar.ts'
import { mailboxDesk, type Person } from '../company.ts'
import { type Correspondence, confusable, habits } from '../letters/correspondence.ts'
import type { Letter } from '../letters/letter.ts'
import type { Label } from '../letters/phrasebook.ts'
import type { Random } from '../random.ts'
import type { Folder } from './maildir.ts'

/** A letter and what became of it. */
export interface HandledLetter {
  letter: Letter
  /** Where it lies now; null is INBOX. */
  folder: Folder | null
  /** Who dealt with it; null while nobody has. */
  person: Person | null
  /** When it was filed or left alone; null while nobody has. */
  handledAt: number | null
  answered: boolean
  misfiled: boolean
}

/** Days of mail before `now`. */
const span = 122 * day
/** Mails that lie unread in the inbox at `now`. */
const openMails = 11

/**
 * Four months of the team mailbox, oldest first: what came in, where people put it and what they answered.
 * About 2,500 mails come in; the volume grows by about a third over the time.
 */
export function mailHistory(rng: Random, write: Correspondence, now: number): HandledLetter[] {
  const handled: HandledLetter[] = []
  const deal = (letter: Letter) => {
    if (letter.at >= now) return
    const person = rng.weighted([
      [mailboxDesk[0]!, 40],
      [mailboxDesk[1]!, 34],
      [mailboxDesk[2]!, 26],
    ] as const)
    const handledAt = letter.at + rng.logNormal(35 * minute, 0.9)
    if (handledAt >= now) return
    const choice = whereTo(rng, letter, person)
    const answered = isAnswered(rng, letter, person)
    handled.push({ letter, person, handledAt, answered, ...choice })
    let answer: Letter | null = null
    if (answered) {
      answer = write.answer(rng, letter, person, handledAt + rng.logNormal(12 * minute, 0.8))
      if (answer.at >= now) return
      handled.push({
        letter: answer,
        folder: 'Sent',
        person,
        handledAt: answer.at,
        answered: false,
        misfiled: false,
      })
    }
    if (letter.customer && letter.topic && rng.chance(answer ? 0.4 : 0.05)) {
      const pause = rng.logNormal(answer ? 5 * hour : 30 * hour, 0.8)
      deal(write.next(rng, letter, answer, (answer?.at ?? handledAt) + pause))
    }
  }

  const from = localMidnight(now - span)
  for (let midnight = from; midnight < now; midnight += day) {
    const growth = 0.85 + (0.33 * (midnight - from)) / span
    const expected = (isWorkday(midnight + 12 * hour) ? 22 : 1) * growth
    const count = Math.max(0, Math.round(expected + Math.sqrt(expected) * rng.normal()))
    for (let i = 0; i < count; i++) deal(write.open(rng, midnight + timeOfDay(rng)))
  }
  for (let i = 0; i < openMails; i++) {
    const letter = write.open(rng, now - Math.round(rng.between(1, 45 * 60) * 1000))
    handled.push({ letter, folder: null, person: null, handledAt: null, answered: false, misfiled: false })
  }
  return handled.sort((a, b) => a.letter.at - b.letter.at)
}

function timeOfDay(rng: Random): number {
  const at = rng.chance(0.55) ? 9.6 + 1.4 * rng.normal() : 14.2 + 1.9 * rng.normal()
  return Math.round(Math.min(23.9, Math.max(0.1, at)) * hour)
}

/** Where a person puts a letter: mostly where it belongs. Also what they do when they judge live mail by hand. */
export function whereTo(
  rng: Random,
  letter: Letter,
  person: Person,
): { folder: Folder | null; misfiled: boolean } {
  if (letter.label === null) {
    if (letter.kind === 'newsletter' && rng.chance(0.15)) return { folder: 'Trash', misfiled: false }
    if (letter.kind === 'notice' && rng.chance(0.08)) return { folder: 'Archive', misfiled: false }
    if (letter.topic && rng.chance(0.04)) return { folder: letter.topic, misfiled: true }
    return { folder: null, misfiled: false }
  }
  // The newest of the desk knows the customers least.
  const slips = person.first === 'Ines' ? 0.035 : person.first === 'Jonas' ? 0.02 : 0.013
  if (rng.chance(slips)) return { folder: rng.pick(confusable[letter.label]), misfiled: true }
  if (rng.chance(0.006)) return { folder: null, misfiled: true }
  return { folder: letter.label, misfiled: false }
}

/** Half of what is about something is answered by mail; what there is a ready answer for, nearly always. */
export function isAnswered(rng: Random, letter: Letter, person: Person): boolean {
  if (!letter.topic || letter.kind === 'thanks') return false
  const ready = habits.some(
    (habit) =>
      habit.label === letter.topic && habit.ask === letter.ask && habit.people.includes(person.first),
  )
  const share: Record<Label, number> = {
    Orders: 0.5,
    Delivery: 0.55,
    Invoices: 0.5,
    Returns: 0.55,
    Prices: 0.6,
    Complaints: 0.45,
    Products: 0.6,
    Accounts: 0.5,
  }
  return rng.chance(ready ? 0.92 : share[letter.topic])
}
