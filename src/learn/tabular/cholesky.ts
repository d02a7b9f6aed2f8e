/**
 * Solves A x = b for a symmetric positive definite n × n matrix A, of which only the lower triangle is read, by
 * Cholesky's decomposition. Leaves x in `b` and the decomposition in `a`.
 */
export function solveInPlace(a: Float64Array, b: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    const lineI = i * n
    for (let j = 0; j <= i; j++) {
      const lineJ = j * n
      let sum = a[lineI + j]!
      for (let k = 0; k < j; k++) sum -= a[lineI + k]! * a[lineJ + k]!
      // A pivot that rounding has made zero or negative belongs to a column that others already explain.
      a[lineI + j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / a[lineJ + j]!
    }
  }
  for (let i = 0; i < n; i++) {
    let sum = b[i]!
    for (let k = 0; k < i; k++) sum -= a[i * n + k]! * b[k]!
    b[i] = sum / a[i * n + i]!
  }
  for (let i = n - 1; i >= 0; i--) {
    b[i]! /= a[i * n + i]!
    const found = b[i]!
    for (let k = 0; k < i; k++) b[k]! -= a[i * n + k]! * found
  }
}
