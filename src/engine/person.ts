import {
  type Answered,
  type Deployment,
  Fault,
  type Question,
  type Stage,
  type Wish,
} from '../contract/index.ts'
import type { Ledger } from '../ledger/index.ts'
import { locksFor } from '../prove/locks.ts'
import { moveByPerson, type PersonMove } from '../prove/person-move.ts'
import { heard } from './hear.ts'
import { addAsk, addWithdraw } from './jobs.ts'
import { readTold } from './told.ts'

/** A question that nobody has answered yet, or that was put to everybody. */
export interface OpenQuestion {
  deployment: string
  card: string
  question: Question
  /** Pseudonym of whom it was put to; null: everybody. */
  person: string | null
  at: number
}

/** Questions older than this are no longer waited for, in milliseconds. */
const patience = 30 * 24 * 3600 * 1000

export async function openQuestions(ledger: Ledger, now: number): Promise<OpenQuestion[]> {
  const open: OpenQuestion[] = []
  for (const { id } of await ledger.deployments()) {
    const { asked, answered } = await readTold(ledger, id)
    for (const { question, card, person, at } of asked) {
      if (card === null || now - at > patience) continue
      const done = answered.some(
        (each) => each.question === question && each.person === person && each.at >= at,
      )
      if (!done) open.push({ deployment: id, card, question, person, at })
    }
  }
  return open
}

/**
 * Takes a person's click on a card, made outside of the tool; whoever runs the loop acts on it at once.
 *
 * @param person who clicked, where the card went to everybody
 * @returns the question that it answered; null where there is no such card
 */
export async function answerCard(
  ledger: Ledger,
  { card, person, answer, at }: { card: string; person: string | null; answer: Answered; at: number },
): Promise<Question | null> {
  for (const { id } of await ledger.deployments()) {
    const fact = await heard(id, { type: 'answer', card, person, answer, at }, at, ledger)
    if (fact?.kind !== 'answered') continue
    await ledger.transaction(async (tx) => {
      await tx.append([fact])
      await addAsk(tx, id)
    })
    return fact.body.question
  }
  return null
}

/** Takes what a person wants or misses, said outside of the tool. */
export async function wishFor(
  ledger: Ledger,
  deployment: string,
  { person, wish, at }: { person: string; wish: Wish; at: number },
): Promise<void> {
  const fact = await heard(deployment, { type: 'wish', person, wish, at }, at, ledger)
  await ledger.transaction(async (tx) => {
    await tx.append([fact!])
    await addAsk(tx, deployment)
  })
}

/**
 * Moves a deployment as a person wants it, as far as `moveByPerson` lets them, and records it. What nobody has dealt
 * with is taken back when it no longer goes to people.
 *
 * @param dryRun only says what would happen
 */
export async function moveAsPerson(
  ledger: Ledger,
  { id, pain }: Deployment,
  {
    hops,
    wanted,
    why,
    anyway = false,
    dryRun = false,
    at,
  }: { hops: number; wanted: Stage; why: string; anyway?: boolean; dryRun?: boolean; at: number },
): Promise<PersonMove> {
  const standing = await ledger.standingOf(id)
  const from = standing?.stage ?? 'off'
  const locks = locksFor({ hops, pain, proof: standing?.proof ?? null })
  const move = moveByPerson({ stage: from, wanted, locks, why, anyway })
  if (!move.moved || dryRun) return move
  const added = await ledger.transaction(async (tx) => {
    const key = `${id}:staged:${from}:${standing?.stagedAt ?? 0}`
    const body = { from, to: wanted, because: move.because, locks, by: 'person' as const }
    const count = await tx.append([
      { key, kind: 'staged', at, deployment: id, item: null, person: null, body },
    ])
    const out = (stage: Stage) => stage === 'pilot' || stage === 'live'
    if (count && out(from) && !out(wanted)) await addWithdraw(tx, id, move.because)
    if (count) await addAsk(tx, id)
    return count
  })
  if (!added)
    throw new Fault('busy', `${id} moved by itself at the same moment; look at 'inlay status' and try again.`)
  return move
}
