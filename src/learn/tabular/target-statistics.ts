/**
 * Ordered target statistics (Prokhorenkova et al. 2018, "CatBoost", section 3.2): a level is replaced by the share
 * of won among the rows with the same level that come before it in a random order, so that a row's own outcome never
 * leaks into its own input. An empty cell is a level like any other.
 */
const weightOfPrior = 10

/** Share of won by code (the last entry is "empty"), drawn towards the share over all rows. */
export function levelStatistics(
  column: Float64Array,
  truth: Uint8Array,
  rows: Int32Array,
  levels: number,
): { statistics: number[]; prior: number } {
  const won = new Float64Array(levels + 1)
  const seen = new Float64Array(levels + 1)
  let wonInAll = 0
  for (const row of rows) {
    const slot = slotOf(column[row]!, levels)
    wonInAll += truth[row]!
    if (slot < 0) continue
    won[slot]! += truth[row]!
    seen[slot]!++
  }
  const prior = rows.length ? wonInAll / rows.length : 0.5
  const statistics = Array.from(won, (w, slot) => (w + weightOfPrior * prior) / (seen[slot]! + weightOfPrior))
  return { statistics, prior }
}

/** The statistic of one code; an unseen level has the prior. */
export function statisticOf(statistics: readonly number[], prior: number, code: number): number {
  const slot = slotOf(code, statistics.length - 1)
  return slot < 0 ? prior : statistics[slot]!
}

/** Overwrites `out` at `rows` with what each row may know: the rows drawn before it. */
export function orderedStatistics(
  column: Float64Array,
  truth: Uint8Array,
  rows: Int32Array,
  levels: number,
  prior: number,
  random: () => number,
  out: Float64Array,
): void {
  const won = new Float64Array(levels + 1)
  const seen = new Float64Array(levels + 1)
  const order = rows.slice()
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const kept = order[i]!
    order[i] = order[j]!
    order[j] = kept
  }
  for (const row of order) {
    const slot = slotOf(column[row]!, levels)
    if (slot < 0) {
      out[row] = prior
      continue
    }
    out[row] = (won[slot]! + weightOfPrior * prior) / (seen[slot]! + weightOfPrior)
    won[slot]! += truth[row]!
    seen[slot]!++
  }
}

const slotOf = (code: number, levels: number): number =>
  Number.isNaN(code) ? levels : code < levels ? code : -1
