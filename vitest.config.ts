import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'sample/**/*.test.ts', 'tests/**/*.test.ts'],
    globalSetup: ['tests/postgres.ts'],
    reporters: ['default', './tests/closing-line.ts'],
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
