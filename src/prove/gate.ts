import { type DecayPaths, detectorStep, logDetector, logE, mirrorLogE } from '../stats/e-process.ts'

/** Useful rate that the gate tests against; the same figure as the target of a proof. */
const target = 0.85
/** Launch, and withdrawal by the mirror, at E >= 20: each is wrong with probability at most 5 %, looked at for ever. */
const evidence = Math.log(20)
/** Withdrawal by the detector: a skill that stays at 85 % or better is withdrawn at most once in 2,000 verdicts. */
const decay = Math.log(2000)

/**
 * What the verdicts so far say. Plain JSON, of constant size: it can be stored and stepped on later.
 *
 * `launch` and `withdraw` stay once reached, since both tests hold at every moment; only `launch` may still turn
 * into `withdraw`. A withdrawn skill starts again with a fresh gate.
 */
export interface Gate {
  /** Verdicts, one for each group (conversation, record). */
  n: number
  useful: number
  /** log of the evidence for "more than 85 % useful". */
  logE: number
  /** log of the evidence for "less than 85 % useful". */
  mirrorLogE: number
  /** log of the evidence for "less than 85 % useful since some moment"; null before the first verdict. */
  detector: number | null
  /** What the detector sums up. */
  paths: DecayPaths
  verdict: 'launch' | 'withdraw' | 'go on'
}

export function gateStart(): Gate {
  return { n: 0, useful: 0, logE: 0, mirrorLogE: 0, detector: null, paths: [], verdict: 'go on' }
}

/** The gate after one more verdict. Verdicts must come in order, one for each group: its first shown suggestion's. */
export function gateStep(gate: Gate, useful: boolean): Gate {
  const n = gate.n + 1
  const k = gate.useful + (useful ? 1 : 0)
  const forIt = logE(k, n, target)
  const against = mirrorLogE(k, n, target)
  const paths = detectorStep(gate.paths, useful, target)
  const detector = logDetector(paths)
  const withdraw = gate.verdict === 'withdraw' || against >= evidence || detector >= decay
  const launch = gate.verdict === 'launch' || forIt >= evidence
  const verdict = withdraw ? 'withdraw' : launch ? 'launch' : 'go on'
  return { n, useful: k, logE: forIt, mirrorLogE: against, detector, paths, verdict }
}

/** The gate after all verdicts, oldest first. */
export function gateAfter(verdicts: Iterable<boolean>): Gate {
  let gate = gateStart()
  for (const useful of verdicts) gate = gateStep(gate, useful)
  return gate
}
