import { expect, test } from 'vitest'
import { inTransaction, onPool, openPool } from './connect.ts'
import { migrate, ownMigrations } from './migrate.ts'
import { freshLedger, testDatabase } from './testing.ts'

const url = testDatabase()

async function migrated(schema: string, migrations: Parameters<typeof migrate>[2]) {
  const pool = openPool(url, 1)
  try {
    await inTransaction(pool, url, (sql) => migrate(sql, schema, migrations))
    return await onPool(pool, url)(`select name from ${schema}.migrations order by name`)
  } finally {
    await pool.end()
  }
}

test('a later migration is applied on top, once', async () => {
  const { schema } = await freshLedger()
  const more = [
    ...ownMigrations(),
    { name: '999-more.sql', text: 'create table more (id int);\ninsert into more values (1);' },
  ]
  const names = more.map(({ name }) => ({ name }))
  expect(await migrated(schema, more)).toEqual(names)
  expect(await migrated(schema, more)).toEqual(names)
})

test('a migration that fails leaves nothing behind', async () => {
  const { schema } = await freshLedger()
  const own = ownMigrations()
  const broken = { name: '999-broken.sql', text: 'create table half (id int); select nonsense' }
  await expect(migrated(schema, [...own, broken])).rejects.toThrow('nonsense')
  expect(await migrated(schema, own)).toEqual(own.map(({ name }) => ({ name })))
})

test('a migration that was edited after it ran is refused by name; its line ends do not matter', async () => {
  const { schema } = await freshLedger()
  const [first, ...rest] = ownMigrations()
  const windows = { ...first!, text: first!.text.replaceAll('\n', '\r\n') }
  await migrated(schema, [windows, ...rest])
  const edited = { ...first!, text: `${first!.text}\n-- one more thought` }
  await expect(migrated(schema, [edited, ...rest])).rejects.toMatchObject({
    kind: 'bad-input',
    message: expect.stringContaining(`"${first!.name}" was edited`),
  })
})

test('a database of a newer Inlay is refused', async () => {
  const { schema } = await freshLedger()
  const own = ownMigrations()
  await migrated(schema, [...own, { name: '999-newer.sql', text: 'select 1' }])
  await expect(migrated(schema, own)).rejects.toThrow('was migrated by a newer Inlay: it has "999-newer.sql"')
})
