import type { Arm, Proof, Stage, Suggestion } from '../contract/index.ts'
import { keyedShare } from '../stats/keyed-hash.ts'

/** Share of good-enough suggestions that is withheld at random, by stage. */
export const holdbackShares = { pilot: 0.2, live: 0.1 } as const

/**
 * Confidence from which this suggestion is shown; null when its claim is silent, or everything is. Where a proof has
 * thresholds by claim, suggestions without a claim stand under the empty name.
 */
export function thresholdFor(proof: Proof, { claim = '' }: Pick<Suggestion, 'claim'>): number | null {
  return proof.thresholds ? (proof.thresholds[claim] ?? null) : proof.threshold
}

/** Whether it is good enough to be shown: the proof has passed and the confidence reaches the threshold. */
export function wouldShow(proof: Proof, suggestion: Pick<Suggestion, 'claim' | 'confidence'>): boolean {
  const threshold = thresholdFor(proof, suggestion)
  return proof.passed && threshold !== null && suggestion.confidence >= threshold
}

export interface ArmOptions {
  stage: Stage
  /** Never held back. */
  urgent?: boolean
  /** The deployment's secret; whoever does not have it cannot foresee an arm. */
  key: string | Uint8Array
  /** The item's group: a whole conversation has one arm. */
  group: string
  /** Share held back, 0..1; by default that of the stage. */
  holdback?: number
  /** A person sends it on against its closed proof: then what is as sure as the target is shown. */
  overruled?: boolean
  /** Why the item's person may not see it now; null where they may. */
  unseen?: string | null
}

/**
 * What becomes of a suggestion, drawn before anyone sees anything. The same group and key always give the same draw,
 * and a smaller `holdback` only moves groups from held back to shown, so that going live does not reshuffle them.
 *
 * @returns the arm, the threshold it was held against (null for silence on its claim), and why in one sentence
 */
export function armFor(
  proof: Proof,
  suggestion: Pick<Suggestion, 'claim' | 'confidence'>,
  { stage, urgent = false, key, group, holdback, overruled = false, unseen = null }: ArmOptions,
): { arm: Arm; threshold: number | null; because: string } {
  const proven = thresholdFor(proof, suggestion)
  const threshold = overruled && !proof.passed ? (proven ?? proof.target) : proven
  const silent = (because: string) => ({ arm: 'silent' as const, threshold, because })
  if (stage !== 'pilot' && stage !== 'live') return silent(`Nothing is shown in stage ${stage}.`)
  if (!proof.passed && !overruled) return silent('The proof has not passed.')
  const claim = suggestion.claim === undefined ? '' : ` for "${suggestion.claim}"`
  if (threshold === null) return silent(`No threshold is proven${claim}.`)
  const confidence = `Confidence ${threeDigits(suggestion.confidence)}`
  if (!(suggestion.confidence >= threshold)) {
    return silent(`${confidence} is below the threshold ${threeDigits(threshold)}${claim}.`)
  }
  if (unseen !== null) return silent(unseen)
  const reached = `${confidence} reaches the threshold ${threeDigits(threshold)}${claim}`
  if (urgent) return { arm: 'shown', threshold, because: `${reached}; urgent items are never held back.` }
  const share = holdback ?? holdbackShares[stage]
  if (keyedShare(key, group) < share) {
    const because = `${reached}; held back at random (${Math.round(share * 100)} %) so that its effect can be measured.`
    return { arm: 'held back', threshold, because }
  }
  return { arm: 'shown', threshold, because: `${reached}.` }
}

/** Cut, not rounded, so that a confidence just below a threshold never reads as equal to it from above. */
function threeDigits(share: number): string {
  return (Math.floor(share * 1000) / 1000).toFixed(3)
}
