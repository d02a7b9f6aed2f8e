import { type DecayPaths, detectorStep, logDetector, logE, mirrorLogE } from '../stats/e-process.ts'
import { type ClusteredEvidence, clusteredLogE, clusteredStep, noClusters } from './clustered.ts'

/** Useful rate that the gate tests against; the same figure as the target of a proof. */
const target = 0.85
/** Launch, and withdrawal by the mirror, at E >= 20: each is wrong with probability at most 5 %, looked at for ever. */
const evidence = Math.log(20)
/** Verdicts that are told as the last ones. */
const fewRecent = 20
/** Withdrawal by the detector: a skill that stays at 85 % or better is withdrawn at most once in 2,000 verdicts. */
const decay = Math.log(2000)

/**
 * What the verdicts so far say. Plain JSON that can be stored and stepped on later; of constant size but for two counts
 * a person, where people are told apart.
 *
 * `launch` and `withdraw` stay once reached, since both tests hold at every moment; only `launch` may still turn
 * into `withdraw`. A withdrawn skill starts again with a fresh gate.
 */
export interface Gate {
  /** Verdicts, one for each group (conversation, record). */
  n: number
  useful: number
  /** log of the evidence for "more than 85 % useful"; where people are told apart, for people like them. */
  logE: number
  /** log of the evidence for "less than 85 % useful". */
  mirrorLogE: number
  /** log of the evidence for "less than 85 % useful since some moment"; null before the first verdict. */
  detector: number | null
  /** What the detector sums up. */
  paths: DecayPaths
  /** The last verdicts, oldest first: what they say when it leaves after a long good record. */
  recent: readonly boolean[]
  /** Null while no verdict came with a person. */
  clustered: ClusteredEvidence | null
  verdict: 'launch' | 'withdraw' | 'go on'
}

export function gateStart(): Gate {
  return {
    n: 0,
    useful: 0,
    logE: 0,
    mirrorLogE: 0,
    detector: null,
    paths: [],
    recent: [],
    clustered: null,
    verdict: 'go on',
  }
}

/**
 * The gate after one more verdict. Verdicts must come in order, one for each group: its first shown suggestion's.
 *
 * Withdrawal speaks of the people who have seen it, so their verdicts count one by one. A launch speaks of the people
 * who will see it, and there are two cases:
 * - they are others than those of the pilot: give `person`, from the first verdict on. People differ, so a launch then
 *   needs a good record with many people, not many verdicts of a few (`ClusteredEvidence`)
 * - they are the very people of the pilot, or nobody can be told apart: leave `person` out, and verdicts count one by one
 *
 * @param person pseudonym; null is somebody unknown, and all of those are taken for one person
 */
export function gateStep(gate: Gate, useful: boolean, person?: string | null): Gate {
  const n = gate.n + 1
  const k = gate.useful + (useful ? 1 : 0)
  const clustered =
    person === undefined
      ? gate.clustered
      : clusteredStep(gate.clustered ?? noClusters, useful, person ?? '', target)
  const forIt = clustered ? clusteredLogE(clustered, target) : logE(k, n, target)
  const against = mirrorLogE(k, n, target)
  const paths = detectorStep(gate.paths, useful, target)
  const detector = logDetector(paths)
  const withdraw = gate.verdict === 'withdraw' || against >= evidence || detector >= decay
  const launch = gate.verdict === 'launch' || forIt >= evidence
  const verdict = withdraw ? 'withdraw' : launch ? 'launch' : 'go on'
  const recent = [...gate.recent, useful].slice(-fewRecent)
  return { n, useful: k, logE: forIt, mirrorLogE: against, detector, paths, recent, clustered, verdict }
}

/** The gate after all verdicts, oldest first, that count one by one. */
export function gateAfter(verdicts: Iterable<boolean>): Gate {
  let gate = gateStart()
  for (const useful of verdicts) gate = gateStep(gate, useful)
  return gate
}

/** The gate after all verdicts, oldest first, of people who stand for others. */
export function gateAfterPeople(verdicts: Iterable<{ useful: boolean; person: string | null }>): Gate {
  let gate = gateStart()
  for (const { useful, person } of verdicts) gate = gateStep(gate, useful, person)
  return gate
}
