import type { Skill } from '../contract/index.ts'
import { fill } from './fill/index.ts'
import { reply } from './reply/index.ts'
import { score } from './score.ts'
import { summary } from './summary/index.ts'
import { triage } from './triage.ts'

/** Every skill there is, by its name. A new one is a file, a test, and a line here. */
export const skills: Record<string, Skill> = { fill, reply, score, summary, triage }
