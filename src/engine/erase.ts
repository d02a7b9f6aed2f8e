import type { Example } from '../contract/index.ts'
import type { Ledger } from '../ledger/index.ts'
import { pseudonym } from './desk.ts'
import { addLearn } from './jobs.ts'

/**
 * Erases a person's texts, those in what skills have learned included: models are dropped, and learned again without
 * what this person did, or wrote to the team, until now. Until then their skills are silent.
 *
 * @param person pseudonym
 * @returns how many texts were kept of them, beside the models
 */
export async function erasePerson(ledger: Ledger, person: string): Promise<number> {
  const deployments = (await ledger.deployments()).map(({ id }) => id)
  return ledger.transaction(async (tx) => {
    // Whoever is learning now either sees this erasure before it saves, or has saved what is dropped here.
    for (const id of deployments) await tx.hold(id)
    const bodies = await tx.eraseBodies(person)
    const at = Date.now()
    // Also where no text was kept: a tool may still hold some, which must not be learned again.
    const about = new Set([...deployments, ...bodies.keys()])
    await tx.append(
      [...about].map((deployment) => ({
        key: `${deployment}:erased:${person}:${at}`,
        kind: 'erased',
        at,
        deployment,
        item: null,
        person,
        body: { bodies: bodies.get(deployment) ?? 0 },
      })),
    )
    for (const id of deployments) {
      await tx.dropModel(id)
      await addLearn(tx, id)
    }
    return [...bodies.values()].reduce((sum, each) => sum + each, 0)
  })
}

/** Whether an example is by or from a person who was erased from this deployment, and of before. */
export async function erasedFrom(id: string, ledger: Ledger): Promise<(example: Example) => boolean> {
  const until = new Map<string, number>()
  for await (const { person, at } of ledger.facts({ deployment: id, kinds: ['erased'] })) {
    if (person !== null) until.set(person, Math.max(at, until.get(person) ?? 0))
  }
  if (until.size === 0) return () => false
  const key = await ledger.secret('pseudonym')
  return ({ item, deed }) => {
    const sender = item.kind === 'message' && item.from ? pseudonym(key, item.from.address) : null
    return [deed.person, item.person ?? null, sender].some((person) => {
      const end = person === null ? undefined : until.get(person)
      return end !== undefined && (deed.at ?? item.at ?? 0) <= end
    })
  }
}
