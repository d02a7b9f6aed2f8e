import { join } from 'node:path'
import type { HealthKeeper, OpenTools, Place } from '../../contract/index.ts'
import type { RecordMedium } from './record-medium.ts'
import { deedOf, itemOf, watchRecords } from './record-watch.ts'
import { scorePlacing } from './score-placing.ts'

/** Records of any medium as a place to score. */
export async function recordPlace(
  medium: RecordMedium,
  health: HealthKeeper,
  { folder, now, pseudonym }: OpenTools,
): Promise<{ place: Place<'record'>; close(): Promise<void> }> {
  const placing = await scorePlacing(join(folder, 'scores'), medium, health, now)
  const place: Place<'record'> = {
    async *history() {
      for await (const record of medium.decided()) {
        yield { item: itemOf(record), deed: deedOf(record, medium.target, pseudonym) }
      }
    },
    watch: (since, signal) =>
      watchRecords({ medium, placing, health, folder: join(folder, 'told'), now, pseudonym }, since, signal),
    place: placing.place,
    withdraw: placing.withdraw,
  }
  return { place, close: placing.close }
}
