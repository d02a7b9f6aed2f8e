import type { Lock, Locks, Pain, Proof, Stage } from '../contract/index.ts'
import type { Gate } from './gate.ts'

/** Minutes a person a week from which a task is worth taking away. */
const painfulMinutes = 30

/** The three conditions, each with its numbers and what would open it. `proof` is null before the first backtest. */
export function locksFor({ hops, pain, proof }: { hops: number; pain: Pain; proof: Proof | null }): Locks {
  return { place: placeLock(hops), pain: painLock(pain), proof: proofLock(proof) }
}

function placeLock(hops: number): Lock {
  const open = hops === 0
  return {
    open,
    numbers: { hops },
    because: open
      ? 'The suggestion appears where the work is done: nothing to open, nothing to copy.'
      : `The suggestion is ${hops} extra ${hops === 1 ? 'step' : 'steps'} (a tab, a copy, a paste) away from where the work is done.`,
    opensWhen:
      'The suggestion lands in the very place where the work is done, with no other tab, copy or paste.',
  }
}

function painLock({ minutesPerPersonPerWeek: minutes, from, named }: Pain): Lock {
  const measured = minutes !== null && minutes >= painfulMinutes
  const cost =
    minutes === null
      ? 'Nobody has measured what the task costs'
      : `The task costs ${oneDigit(minutes)} minutes a person a week${from ? ` (${from})` : ''}`
  return {
    open: measured || named,
    numbers: { minutesPerPersonPerWeek: minutes, needed: painfulMinutes, named },
    because: measured
      ? `${cost}.`
      : named
        ? `${cost}, and the people who do it name it as one they hate.`
        : `${cost}, and the people who do it have not named it as one they hate.`,
    opensWhen: `The task is measured to cost at least ${painfulMinutes} minutes a person a week, or the people who do it name it as one they hate.`,
  }
}

function proofLock(proof: Proof | null): Lock {
  return {
    open: proof?.passed ?? false,
    numbers: {
      coverage: proof?.coverage ?? null,
      usefulRate: proof?.usefulRate ?? null,
      lowerBound: proof?.lowerBound ?? null,
      shown: proof?.shown ?? null,
      judged: proof?.judged ?? null,
    },
    because: proof?.because ?? 'It has not yet been tried on past work.',
    opensWhen: `At least ${Math.round((proof?.target ?? 0.85) * 100)} % of what would be shown is useful, as a lower bound at ${Math.round((proof?.confidence ?? 0.95) * 100)} % confidence, on this team's own past work.`,
  }
}

function oneDigit(value: number): string {
  return String(Math.round(value * 10) / 10)
}

/**
 * Where a deployment stands next. It moves one step at a time, forward only while all three locks are open, and from
 * any stage to `withdrawn` when the gate says so; `withdrawn` is left only by setting it up anew.
 *
 * @param learned whether there is a model; by default, whether there was a backtest
 * @param gate the verdicts on what was shown since the pilot began; null before
 * @returns the stage (the same one when nothing moves) and why in one sentence
 */
export function stageAfter({
  stage,
  learned,
  locks,
  gate,
}: {
  stage: Stage
  learned?: boolean
  locks: Locks
  gate: Gate | null
}): { stage: Stage; because: string } {
  if (stage === 'withdrawn')
    return { stage, because: 'It was withdrawn and stays so until it is set up anew.' }
  if (gate?.verdict === 'withdraw') {
    return {
      stage: 'withdrawn',
      because: `Only ${gate.useful} of ${gate.n} shown suggestions were useful, which is evidence that it is no longer good enough.`,
    }
  }
  if (stage === 'off') {
    return (learned ?? locks.proof.numbers.judged !== null)
      ? {
          stage: 'silent',
          because: 'It has learned from past work and now watches without showing anything.',
        }
      : { stage, because: 'It has not learned yet.' }
  }
  const closed = Object.values(locks).find((lock) => !lock.open)
  if (closed) return { stage, because: closed.because }
  if (stage === 'silent') return { stage: 'pilot', because: 'All three locks are open.' }
  if (stage === 'live') return { stage, because: 'It stays useful.' }
  const verdicts = `${gate?.useful ?? 0} of ${gate?.n ?? 0} shown suggestions were useful`
  return gate?.verdict === 'launch'
    ? { stage: 'live', because: `In the pilot ${verdicts}, which proves it good enough.` }
    : { stage, because: `In the pilot ${verdicts} so far; ${neededMore(gate)}.` }
}

function neededMore(gate: Gate | null): string {
  if (!gate?.clustered) return 'more verdicts are needed to decide'
  const people = Object.keys(gate.clustered.people).length
  return `they come from ${people} ${people === 1 ? 'person' : 'people'}, and to decide for others more people are needed`
}
