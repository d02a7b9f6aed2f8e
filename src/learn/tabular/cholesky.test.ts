import { expect, test } from 'vitest'
import { seeded } from '../../stats/random.ts'
import { solveInPlace } from './cholesky.ts'

test('the solution of a positive definite system satisfies it', () => {
  const n = 12
  const random = seeded(1)
  const root = Array.from({ length: n }, () => Array.from({ length: n }, () => random.normal()))
  const a = Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_, j) =>
      root.reduce((sum, line) => sum + line[i]! * line[j]!, i === j ? 1 : 0),
    ),
  )
  const b = Array.from({ length: n }, () => random.normal())
  const x = Float64Array.from(b)
  solveInPlace(Float64Array.from(a.flat()), x, n)
  for (let i = 0; i < n; i++) {
    expect(a[i]!.reduce((sum, each, j) => sum + each * x[j]!, 0)).toBeCloseTo(b[i]!, 9)
  }
})
