import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './tests/longest-first.ts'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'sample/**/*.test.ts', 'tests/**/*.test.ts'],
    globalSetup: ['tests/postgres.ts'],
    reporters: ['default', './tests/closing-line.ts'],
    pool: 'forks',
    sequence: { sequencer: LongestFirst },
    // By itself it would leave one core to others, which on two cores is half; most tests wait for a server or a disk.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Safety nets, for a machine with little to spare; nothing is timed by them.
    testTimeout: 120_000,
    hookTimeout: 180_000,
  },
})
