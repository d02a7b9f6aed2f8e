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
 * A team's deployment waits in `silent` for verdicts on live work that nobody has seen anything of, and for volunteers;
 * one that is its connector's own goes on as soon as the locks open, for whoever connects their own work has said yes
 * to it.
 *
 * @param learned whether there is a model; by default, whether there was a backtest
 * @param gate the verdicts on what was shown since the pilot began; null before
 * @param silent the verdicts on what would have been shown in the silent run, and how many are needed
 * @param volunteers how many have said yes, and how many are needed
 * @param held a person has moved it back, and has not moved it on since
 * @returns the stage (the same one when nothing moves) and why in one sentence
 */
export function stageAfter({
  stage,
  learned,
  locks,
  gate,
  silent,
  volunteers,
  held = false,
}: {
  stage: Stage
  learned?: boolean
  locks: Locks
  gate: Gate | null
  silent?: { gate: Gate | null; needed: number }
  volunteers?: { there: number; needed: number }
  held?: boolean
}): { stage: Stage; because: string } {
  if (stage === 'withdrawn')
    return { stage, because: 'It was withdrawn and stays so until it is set up anew.' }
  if (gate?.verdict === 'withdraw') {
    const last = gate.recent.filter(Boolean).length
    const faded = last / gate.recent.length < 0.85 && gate.useful / gate.n >= 0.85
    const how = faded
      ? `Of the last ${gate.recent.length} shown suggestions only ${last} were useful (${gate.useful} of ${gate.n} in all)`
      : `Only ${gate.useful} of ${gate.n} shown suggestions were useful`
    return {
      stage: 'withdrawn',
      because: `${how}, which is evidence that it is no longer good enough.`,
    }
  }
  if (held) return { stage, because: 'A person moved it here; it goes on when a person moves it on.' }
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
  if (stage === 'silent') {
    const run = silent && silentRun(silent)
    if (run && !run.enough) return { stage, because: run.because }
    if (volunteers && volunteers.there < volunteers.needed) {
      const because = `It waits for volunteers: ${volunteers.there} of ${volunteers.needed} people have said yes.`
      return { stage, because: run ? `${run.because} ${because}` : because }
    }
    const seen = run ? ` ${run.because}` : ''
    const who = volunteers
      ? ` ${volunteers.there} ${volunteers.there === 1 ? 'person has' : 'people have'} volunteered.`
      : ' It is the own work of whoever connected it, who is its volunteer.'
    return { stage: 'pilot', because: `All three locks are open.${seen}${who}` }
  }
  if (stage === 'live') return { stage, because: 'It stays useful.' }
  const verdicts = `${gate?.useful ?? 0} of ${gate?.n ?? 0} shown suggestions were useful`
  return gate?.verdict === 'launch'
    ? { stage: 'live', because: `In the pilot ${verdicts}, which proves it good enough.` }
    : { stage, because: `In the pilot ${verdicts} so far; ${neededMore(gate)}.` }
}

function silentRun({ gate, needed }: { gate: Gate | null; needed: number }) {
  const { useful, n } = gate ?? { useful: 0, n: 0 }
  const bad = gate?.verdict === 'withdraw'
  const because = `In the silent run on live work ${useful} of ${n} suggestions would have been useful.`
  return n < needed
    ? { enough: false, because: `${because} ${needed} verdicts are needed before anybody sees anything.` }
    : { enough: !bad, because: bad ? `${because} That is not good enough.` : because }
}

function neededMore(gate: Gate | null): string {
  if (!gate?.clustered) return 'more verdicts are needed to decide'
  const people = Object.keys(gate.clustered.people).length
  return `they come from ${people} ${people === 1 ? 'person' : 'people'}, and to decide for others more people are needed`
}
