import type { Change, Fact } from '../contract/index.ts'
import type { Ledger } from '../ledger/index.ts'
import { readTold } from './told.ts'

type Heard = Pick<Change & { type: 'answer' }, 'type' | 'card' | 'person' | 'answer' | 'at'>
type Wished = Pick<Change & { type: 'wish' }, 'type' | 'person' | 'wish' | 'at'>

/**
 * What a person answered or wished, as a fact; null where nobody had asked that, or nobody can tell who answered. A
 * card for one person is answered by that person.
 */
export async function heard(
  id: string,
  change: Heard | Wished,
  now: number,
  ledger: Pick<Ledger, 'facts'>,
): Promise<Fact | null> {
  const at = change.at ?? now
  if (change.type === 'answer') {
    const asked = (await readTold(ledger, id)).asked.find(({ card }) => card === change.card)
    const person = asked?.person ?? change.person
    if (!asked || person === null) return null
    const body = { question: asked.question, answer: change.answer }
    const key = `${id}:answered:${change.card}:${person}:${at}`
    return { key, kind: 'answered', at, deployment: id, item: null, person, body }
  }
  const { person, wish } = change
  const about = { at, deployment: id, item: null, person }
  return wish === 'on' || wish === 'off'
    ? { ...about, key: `${id}:wished:${person}:${at}`, kind: 'wished', body: { wish } }
    : { ...about, key: `${id}:missed:${person}:${at}`, kind: 'missed', body: { how: wish } }
}
