import type { Skill } from '../contract/index.ts'

/** Every skill there is, by its name. A new one is a file, a test, and a line here. */
export const skills: Record<string, Skill> = {}
