import type { Skill } from '../contract/index.ts'

/** A skill that never says anything, for tests in which only the surface counts. */
export const mute: Skill<'record', null> = {
  name: 'mute',
  kind: 'record',
  about: 'says nothing',
  version: 1,
  learn: async () => null,
  suggest: async () => null,
  judge: () => ({ useful: false, similarity: 0 }),
  save: () => Buffer.from(''),
  load: () => null,
}
