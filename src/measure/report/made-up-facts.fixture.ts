import type { Fact, FactBodies, FactKind, Lock, Locks } from '../../contract/index.ts'
import { madeUpProof } from '../../contract/proof.fixture.ts'
import { seeded } from '../../stats/random.ts'

export const day = 24 * 3600 * 1000
export const start = Date.UTC(2026, 0, 5)

const lock = (open: boolean): Lock => ({
  open,
  numbers: {},
  because: open ? 'It is open.' : 'Only 71 % of it is proven useful.',
  opensWhen: 'At least 85 % is useful.',
})
export const locksOf = (proof: boolean): Locks => ({
  place: lock(true),
  pain: lock(true),
  proof: lock(proof),
})

const proof = madeUpProof()

let serial = 0
export function fact<Name extends FactKind>(
  kind: Name,
  body: FactBodies[Name],
  about: { deployment: string; at: number; item?: string; person?: string },
): Fact {
  const { deployment, at, item = null, person = null } = about
  return { key: `${kind} ${serial++}`, kind, at, deployment, item, person, body } as unknown as Fact
}

/**
 * A quarter of a team's work with one skill: two minutes an item without it, `saves` seconds less with it; a third of
 * the times unknown.
 */
export function quarter({
  deployment,
  team = 'Orders',
  saves = 60,
  people = 6,
  perDay = 40,
  days = 90,
  useful = 0.95,
  seed = deployment,
}: {
  deployment: string
  team?: string
  saves?: number
  people?: number
  perDay?: number
  days?: number
  useful?: number
  seed?: string
}): Fact[] {
  const random = seeded(seed)
  const about = (at: number) => ({ deployment, at })
  const pain = { minutesPerPersonPerWeek: 90, from: 'recorded work', named: true }
  const facts: Fact[] = [
    fact('connected', { team, surface: 'maildir', skill: 'triage', pain }, about(start)),
    fact('proved', { proof }, about(start + 1)),
    fact(
      'staged',
      { from: 'off', to: 'silent', because: 'It has learned.', locks: locksOf(true) },
      about(start + 2),
    ),
    fact(
      'staged',
      { from: 'silent', to: 'pilot', because: 'All locks are open.', locks: locksOf(true) },
      about(start + 3),
    ),
  ]
  for (let i = 0; i < perDay * days; i++) {
    const at = start + 10_000 + Math.round((i / perDay) * day)
    const item = `${deployment} ${i}`
    const urgent = random.uniform() < 0.02
    const arm = urgent || random.uniform() >= 0.2 ? 'shown' : 'held back'
    const took = random.logNormal(Math.log(120), 0.4) + saves - (arm === 'shown' ? saves : 0)
    const seconds = random.uniform() < 1 / 3 ? null : took
    const good = random.uniform() < useful
    const done = { deployment, at: at + 3_600_000, item, person: `p-${random.integer(people)}` }
    facts.push(
      fact('seen', { group: item, urgent }, { deployment, at, item }),
      fact(
        'decided',
        { arm, stage: 'pilot', threshold: 0.7, because: '', holdback: 0.2 },
        { deployment, at, item },
      ),
      fact('did', { seconds, secondsFrom: 'open to sent' }, done),
      fact(
        'judged',
        {
          arm,
          useful: good,
          similarity: good ? 1 : 0,
          outcome: arm === 'shown' ? (good ? 'used' : 'ignored') : null,
          seconds,
        },
        done,
      ),
    )
  }
  return facts
}
