import { DatabaseSync } from 'node:sqlite'
import { Fault } from '../../contract/index.ts'
import { objectCentric } from './json-log.ts'
import type { LogBuilder } from './log-builder.ts'

/**
 * OCEL 2.0 as SQLite: `event`, `object`, `event_object`, and one table of times for each type of event (named by
 * `event_map_type`). Opened to read only. Throws a Fault where it is another database.
 */
export function readOcelSqlite(path: string, builder: LogBuilder, zoneless: (wall: number) => number): void {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    const all = (sql: string) => database.prepare(sql).all() as Record<string, unknown>[]
    const types = new Map(
      all('SELECT ocel_id, ocel_type FROM object').map((row) => [text(row.ocel_id), text(row.ocel_type)]),
    )
    const times = new Map<string, string>()
    for (const { ocel_type_map: map } of all('SELECT ocel_type_map FROM event_map_type')) {
      const table = `event_${text(map)}`.replaceAll('"', '""')
      for (const row of all(`SELECT ocel_id, ocel_time FROM "${table}"`))
        times.set(text(row.ocel_id), text(row.ocel_time))
    }
    const objects = new Map<string, string[]>()
    for (const row of all('SELECT ocel_event_id, ocel_object_id FROM event_object')) {
      const list = objects.get(text(row.ocel_event_id))
      if (list) list.push(text(row.ocel_object_id))
      else objects.set(text(row.ocel_event_id), [text(row.ocel_object_id)])
    }
    const events = all('SELECT ocel_id, ocel_type FROM event').map((row) => ({
      time: times.get(text(row.ocel_id)) ?? '',
      activity: text(row.ocel_type),
      objects: objects.get(text(row.ocel_id)) ?? [],
    }))
    objectCentric(path, events, types, builder, zoneless)
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    throw new Fault(
      'bad-input',
      `${path} is a SQLite database, but not an OCEL 2.0 one (${(cause as Error).message}).`,
      {
        cause,
      },
    )
  } finally {
    database.close()
  }
}

const text = (value: unknown) => String(value ?? '')
