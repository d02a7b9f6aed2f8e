/**
 * Noise may cry wolf in at most 5 % of tables. These are nominal shares of it: a finding must pass two tests at once
 * (`npm run bench -- summary` counts what comes of it). An incident of the past that lasted two periods is told more readily.
 */
export const budget = {
  now: { total: 0.015, segments: 0.12, record: 2 },
  past: { all: 0.005, inRun: 0.02, record: 1 },
}
/** Windows of the past that are looked at for incidents. */
export const lookBack = 18
