/** Noise may cry wolf in at most 5 % of tables: this is how that is shared out. */
export const budget = { now: { total: 0.012, segments: 0.03 }, past: 0.008 }
/** Windows of the past that are looked at for incidents. */
export const lookBack = 18
