import { createHash } from 'node:crypto'
import type { Address, Example, Message, MessageDeed } from '../../src/contract/index.ts'
import { day, hour, isWorkday, localMidnight, minute } from '../calendar.ts'
import type { Letter } from '../letters/letter.ts'
import { companyMail } from '../make.ts'
import { type Random, random } from '../random.ts'
import type { PlantedDesk } from './desks.ts'

/** The quarter has so many days, and before it so many pieces of work were done that are learned from. */
export const quarterDays = 91
const learnedFrom = 700

/** One piece of work, and how it goes without help. */
export interface Piece {
  message: Message
  /** Where it belongs on the day on which it comes in. */
  label: string
  /** Pseudonym of who does it. */
  person: string
  /** Handling time in seconds, without help. */
  seconds: number
}

export interface PlantedWork {
  people: string[]
  history(): Example<'message'>[]
  /** The work of one day of the quarter, in order of time; the same whenever it is asked for. */
  piecesOf(number: number): Piece[]
  /** When the day begins, in milliseconds since the epoch. */
  startOf(number: number): number
}

/** All the work of a desk, from a seed: `end` is when the quarter ends, in milliseconds since the epoch. */
export function plantedWork(desk: PlantedDesk, { seed, end }: { seed: number; end: number }): PlantedWork {
  const { write } = companyMail(seed)
  const first = localMidnight(end - quarterDays * day)
  const people = Array.from({ length: desk.people }, (_, n) => pseudonymOf(`${seed}/${desk.id}/${n}`))
  const startOf = (number: number) => first + number * day

  const pieceAt = (name: string, at: number, moved: boolean): Piece => {
    const rng = random(`${seed}/quarter/${desk.id}/${name}`)
    let letter = write.open(rng, at)
    // What belongs nowhere, or here as well as there, is no work of these desks.
    while (!letter.label || letter.ambiguous) letter = write.open(rng, at)
    const person = people[rng.int(people.length)]!
    const message = { ...messageOf(letter, `${name}.${letter.id}`), person }
    return {
      message,
      label: moved ? movedTo(letter.label) : letter.label,
      person,
      seconds: longest(rng, desk.medianSeconds, message.text),
    }
  }

  return {
    people,
    startOf,
    history: () =>
      Array.from({ length: learnedFrom }, (_, n): Example<'message'> => {
        const at = first - (learnedFrom - n) * 90 * minute
        const piece = pieceAt(`before ${n}`, at, false)
        const deed = deedOf(piece, { at: at + hour, label: piece.label, seconds: piece.seconds })
        return { item: piece.message, deed }
      }),
    piecesOf(number) {
      const start = startOf(number)
      if (!isWorkday(start + 12 * hour)) return []
      const moved = desk.movesOn !== null && number >= desk.movesOn
      return Array.from({ length: desk.perDay }, (_, n) =>
        pieceAt(`${number}.${n}`, start + 8 * hour + (n * 8 * hour) / desk.perDay, moved),
      )
    },
  }
}

export function deedOf(
  { person }: Pick<Piece, 'person'>,
  { at, label, seconds }: { at: number; label: string; seconds: number },
): MessageDeed {
  const rounded = Math.round(seconds * 10) / 10
  return { kind: 'message', label, reply: null, at, person, seconds: rounded, secondsFrom: 'open to sent' }
}

/** Long texts take longer, and people fetch coffee. */
function longest(rng: Random, median: number, text: string): number {
  const words = text.split(/\s+/).length
  return rng.logNormal(median * Math.sqrt(words / 60), 0.4)
}

/** Half of the folders have new names from one day to the next. */
function movedTo(label: string): string {
  const moved: Record<string, string> = {
    Orders: 'Sales north',
    Delivery: 'Logistics',
    Prices: 'Sales south',
    Returns: 'Logistics',
  }
  return moved[label] ?? label
}

function messageOf(letter: Letter, key: string): Message {
  const address = ({ name, address }: { name: string; address: string }): Address => ({
    name,
    address: address.toLowerCase(),
  })
  return {
    kind: 'message',
    key,
    group: key,
    at: letter.at,
    subject: letter.subject,
    text: letter.text,
    from: address(letter.from),
    to: [address(letter.to)],
    cc: [],
    inReplyTo: null,
    references: [],
    attachments: [],
    automated: false,
  }
}

function pseudonymOf(name: string): string {
  return `p-${createHash('sha256').update(name).digest('hex').slice(0, 16)}`
}
