/** −log of the two-sided p-value of Student's t with `df` degrees of freedom; finite also where the p-value underflows. */
export function surpriseOfT(t: number, df: number): number {
  const x = df / (df + t * t)
  return -Math.min(0, logIncompleteBeta(df / 2, 0.5, x))
}

/** The t at which the two-sided p-value is `p`. */
export function quantileOfT(p: number, df: number): number {
  let low = 0
  let high = 1e4
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2
    if (Math.exp(-surpriseOfT(middle, df)) > p) low = middle
    else high = middle
  }
  return high
}

/** log I_x(a, b), by the continued fraction of DLMF 8.17.22 (Lentz's method). */
function logIncompleteBeta(a: number, b: number, x: number): number {
  if (x >= 1) return 0
  if (x <= 0) return Number.NEGATIVE_INFINITY
  if (x > (a + 1) / (a + b + 2)) return Math.log1p(-Math.exp(logIncompleteBeta(b, a, 1 - x)))
  const front =
    a * Math.log(x) + b * Math.log1p(-x) - (logGamma(a) + logGamma(b) - logGamma(a + b)) - Math.log(a)
  let c = 1
  let d = 1 / (1 - ((a + b) * x) / (a + 1))
  let fraction = d
  for (let m = 1; m < 300; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / (1 + even * d)
    c = 1 + even / c
    fraction *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / (1 + odd * d)
    c = 1 + odd / c
    const step = d * c
    fraction *= step
    if (Math.abs(step - 1) < 1e-12) break
  }
  return front + Math.log(fraction)
}

/** Lanczos' approximation (g = 7, n = 9). */
function logGamma(z: number): number {
  const coefficients = [
    676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
    -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
  ]
  const x = z - 1
  let sum = 0.9999999999998099
  coefficients.forEach((coefficient, i) => {
    sum += coefficient / (x + i + 1)
  })
  const t = x + 7.5
  return 0.5 * Math.log(2 * Math.PI) + (x + 0.5) * Math.log(t) - t + Math.log(sum)
}
