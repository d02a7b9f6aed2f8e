/** A forecast that is a weighted sum of earlier windows: what it says of parts adds up to what it says of the whole. */
export interface Predictor {
  /** In words: "the 4 weeks before" is built from it. */
  kind: 'before' | 'season' | 'season and trend'
  lags: number[]
  weights: number[]
  /** Number of windows that the words name. */
  count: number
}

/** Earlier windows that a predictor needs; a mean of the last ones makes do with two while there are no more. */
export const reach = ({ kind, lags }: Predictor): number =>
  kind === 'before' ? Math.min(2, lags.length) : Math.max(...lags)

/** Fewest forecast errors of the past that an interval can be made of. */
export const fewestErrors = 5

const mean = (kind: Predictor['kind'], lags: number[]): Predictor => ({
  kind,
  lags,
  weights: lags.map(() => 1 / lags.length),
  count: lags.length,
})

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1)

/**
 * Forecasts to choose from, steadiest first: the mean of the last windows, of the same window of earlier seasons, and the
 * latter moved by what the last windows are above those of a season before. `season` is a cycle in windows, 0 for none.
 */
export function predictors(season: number, now: number): Predictor[] {
  const plain = [16, 8, 4, 2, 1].filter((n) => n <= now).map((n) => mean('before', upTo(n)))
  if (season < 2) return plain
  const near = Math.min(4, season - 1)
  return [
    ...plain,
    ...[1, 2, 4].map((n) =>
      mean(
        'season',
        upTo(n).map((i) => i * season),
      ),
    ),
    {
      kind: 'season and trend',
      lags: [season, ...upTo(near), ...upTo(near).map((i) => i + season)],
      weights: [1, ...upTo(near).map(() => 1 / near), ...upTo(near).map(() => -1 / near)],
      count: 1,
    },
  ]
}

/** One earlier window and what it counts for in a forecast. */
export interface Weighted {
  window: number
  weight: number
}

/**
 * What the forecast of window `at` is made of. Windows that are `set aside` (an incident of the past) are passed over for
 * the next earlier one, so that what was unusual once does not become what is expected.
 */
export function makings(predictor: Predictor, at: number, setAside: Uint8Array): Weighted[] {
  const { kind, lags, weights, count } = predictor
  if (kind === 'before') {
    const windows: number[] = []
    for (let window = at - 1; window >= 0 && windows.length < count; window--) {
      if (!setAside[window]) windows.push(window)
    }
    if (windows.length > 0) return windows.map((window) => ({ window, weight: 1 / windows.length }))
  }
  const season = lags[0]!
  if (kind === 'season') {
    const windows = lags.map((lag) => at - lag).filter((window) => !setAside[window])
    if (windows.length > 0) return windows.map((window) => ({ window, weight: 1 / windows.length }))
  } else {
    // The last windows and those a season before them must be the same ones.
    const near: number[] = []
    for (let window = at - 1; window >= season && near.length < (lags.length - 1) / 2; window--) {
      if (!setAside[window] && !setAside[window - season]) near.push(window)
    }
    if (near.length > 0) {
      const weight = 1 / near.length
      return [
        { window: at - season, weight: 1 },
        ...near.flatMap((window) => [
          { window, weight },
          { window: window - season, weight: -weight },
        ]),
      ]
    }
  }
  return lags.map((lag, i) => ({ window: at - lag, weight: weights[i]! }))
}

/** A forecast from its makings; `offset` is where the series begins. */
export function forecast(of: readonly Weighted[], series: Float64Array, offset = 0): number {
  let sum = 0
  for (let i = 0; i < of.length; i++) sum += of[i]!.weight * series[offset + of[i]!.window]!
  return sum
}

/** The predictor that erred least on windows before `now`; a later one in the list must be 5 % better, a season 10 %. */
export function bestPredictor(series: Float64Array, now: number, season: number): Predictor {
  const none = new Uint8Array(series.length)
  let best: Predictor | null = null
  let least = Number.POSITIVE_INFINITY
  for (const candidate of predictors(season, now)) {
    const errors: number[] = []
    for (let at = reach(candidate); at < now; at++) {
      errors.push(Math.abs(series[at]! - forecast(makings(candidate, at, none), series)))
    }
    // A season that was seen in less than half a season of forecasts is not believed yet.
    if (errors.length < (candidate.kind === 'before' ? fewestErrors : Math.max(fewestErrors, season / 2)))
      continue
    const typical = trimmedMean(errors.slice(-26).sort((a, b) => a - b))
    // One window alone is a poor witness: the least slip in it would be news in the next.
    if (typical < least * (candidate.lags.length === 1 ? 0.7 : candidate.kind === 'before' ? 0.95 : 0.9)) {
      best = candidate
      least = typical
    }
  }
  return best ?? mean('before', upTo(Math.max(1, Math.min(4, now))))
}

function trimmedMean(sorted: number[]): number {
  const kept = sorted.slice(0, Math.ceil(sorted.length * 0.9))
  return kept.reduce((sum, each) => sum + each, 0) / kept.length
}
