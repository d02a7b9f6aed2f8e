import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { Fault, type Place, type Surface } from '../../src/contract/index.ts'
import { plantedDesks } from './desks.ts'
import { plantedWork } from './work.ts'

const settings = z.object({
  desk: z.string().meta({ place: true, description: 'the team of which of the made-up desks' }),
  seed: z.number().describe('what the work is made from'),
  end: z.number().describe('when the quarter ends, in milliseconds since the epoch'),
})

/**
 * The tool of the made-up desks whose quarter has passed. Its work exists on paper only: what is placed there has
 * nowhere to stand, and nothing new comes in after the quarter.
 */
export const office: Surface<z.infer<typeof settings>> = {
  name: 'made-up-office',
  about: 'The made-up desks of the sample company; their quarter has passed.',
  settings,
  hops: 0,
  async open({ desk: team, seed, end }) {
    const desk = plantedDesks.find((each) => each.team === team)
    if (!desk) throw new Fault('bad-input', `There is no made-up desk of "${team}".`)
    const { people, history } = plantedWork(desk, { seed, end })
    const message: Place<'message'> = {
      async *history() {
        yield* history()
      },
      async *watch(_since, signal) {
        yield { type: 'caught up', cursor: '' }
        while (!signal.aborted) await sleep(3_600_000, null, { signal }).catch(() => {})
      },
      place: async (item, _suggestion, key) => ({ placed: true, placement: { key, ref: item.key } }),
      withdraw: async () => {},
      announce: async () => {},
      people: async () => people,
    }
    return { message, close: async () => {} }
  },
}
