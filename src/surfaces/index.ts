import type { Surface } from '../contract/index.ts'

/** Every surface there is, by its name. A new one is a file, a test, and a line here. */
export const surfaces: Record<string, Surface> = {}
