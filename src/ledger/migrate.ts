import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '../contract/index.ts'
import type { Sql } from './connect.ts'

export interface Migration {
  /** `001-ledger.sql`: run in order of name, never edited once released. */
  name: string
  text: string
}

export function ownMigrations(folder = join(import.meta.dirname, 'migrations')): Migration[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }))
}

/** Line ends do not count: a checkout may change them. */
const checksum = ({ text }: Migration) =>
  createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('hex').slice(0, 16)

/**
 * Brings the schema up to date, within the caller's transaction. Faults: a migration that was edited after it ran,
 * and a database that a newer program has migrated.
 *
 * @returns whether anything was applied
 */
export async function migrate(sql: Sql, schema: string, migrations = ownMigrations()): Promise<boolean> {
  const s = quoted(schema)
  // One program at a time; the others wait here and then find nothing to do.
  await sql('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`inlay migrate ${schema}`])
  const [there] = await sql('select to_regnamespace($1) is not null as yes', [s])
  if (!there.yes) await sql(`create schema ${s}`)
  await sql(`set local search_path to ${s}`)
  await sql(`set local client_min_messages to warning`)
  await sql(`create table if not exists migrations (
    name text primary key, checksum text not null, at timestamptz not null default now())`)
  const done = await sql<{ name: string; checksum: string }>(
    'select name, checksum from migrations order by name',
  )
  for (const { name, checksum: old } of done) {
    const same = migrations.find((migration) => migration.name === name)
    if (!same)
      throw new Fault(
        'bad-input',
        `The database (schema "${schema}") was migrated by a newer Inlay: it has "${name}", which this one does not know; start the newer Inlay, or use another schema.`,
      )
    if (checksum(same) !== old)
      throw new Fault(
        'bad-input',
        `The migration "${name}" was edited after it had been applied to schema "${schema}"; restore the file and put the change into a new migration.`,
      )
  }
  const due = migrations.filter(({ name }) => done.every((each) => each.name !== name))
  for (const migration of due) {
    await sql(migration.text)
    await sql('insert into migrations (name, checksum) values ($1, $2)', [
      migration.name,
      checksum(migration),
    ])
  }
  return due.length > 0
}

/** A name as an SQL identifier. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
