import type { Proof } from './proof.ts'

/** A proof that passed, for tests; what matters to a test is given. */
export function madeUpProof(given: Partial<Proof> = {}): Proof {
  return {
    threshold: 0.7,
    coverage: 0.6,
    usefulRate: 0.93,
    lowerBound: 0.9,
    shown: 300,
    judged: 500,
    target: 0.85,
    confidence: 0.95,
    passed: true,
    because: 'It is proven.',
    ...given,
  }
}
