import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { Fault, healthKeeper, type Surface } from '../../contract/index.ts'
import { recordPlace } from './record-place.ts'
import { connectSql } from './sql-connection.ts'
import { sqlReports } from './sql-report.ts'
import { folderOf, sqlTable } from './sql-table.ts'

const name = (about: string) => z.string().min(1).optional().describe(about)

const settings = z
  .strictObject({
    url: z
      .string()
      .min(1)
      .meta({ secret: true, description: 'The database: postgres://user:password@host:5432/name' }),
    database: z
      .string()
      .min(1)
      .optional()
      .meta({ place: true, description: 'A name for this database, where several are connected' }),
    table: z.string().min(1).optional().meta({
      place: true,
      description: 'The table or view whose rows are to be scored: table or schema.table',
    }),
    key: name('The column that tells its rows apart; the primary key where there is one'),
    target: z.string().min(1).optional().meta({
      place: true,
      description: 'The column with the outcome of a row, empty while it is not known; goes with "table"',
    }),
    positive: name('The value of the target column that counts as won, where that is not plain'),
    order: name('The column that says when a row came in'),
    updated: name(
      'The column that says when a row was last changed; without it, all rows are looked at each time',
    ),
    columns: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('The columns to learn from; all otherwise'),
    probability: name(
      'A column of the table that takes the probability; a table of its own beside it otherwise',
    ),
    band: name('A column of the table that takes "hot" or "cold"; goes with "probability"'),
    reasons: name('A column of the table that takes the reasons; goes with "probability"'),
    scores: name('The name of the table beside it; the name of the table with _inlay otherwise'),
    query: name('A SELECT that gives the figures of a report; $1 in it is the key of the report'),
    comments: z
      .string()
      .min(1)
      .optional()
      .meta({ place: true, description: 'The table with one row a report; goes with "query"' }),
    comment: name('The column of that table in which people comment on the figures; goes with "query"'),
    seconds: z.coerce
      .number()
      .min(0.05)
      .max(3600)
      .default(10)
      .describe('Seconds between two looks for changes'),
  })
  .refine(({ table, target }) => (table === undefined) === (target === undefined), {
    message: '"table" and "target" go together',
  })
  .refine(
    ({ query, comments, comment }) =>
      (query === undefined) === (comments === undefined) && (query === undefined) === (comment === undefined),
    { message: '"query", "comments" and "comment" go together' },
  )
  .refine(({ table, query }) => table !== undefined || query !== undefined, {
    message: 'Name a "table" with its "target", or a "query" with its "comments" and "comment"',
  })

type Settings = z.infer<typeof settings>

/** Any table or view of a Postgres as records, and any query as a report. */
export const sql: Surface<Settings> = {
  name: 'sql',
  about: 'A Postgres table or view: scores beside its open rows; or a query, with a comment on its figures.',
  settings,
  hops: 0,
  async open(given, tools) {
    const connection = await connectSql(given.url)
    const health = healthKeeper(tools.now, Math.max(60_000, given.seconds * 3000))
    const closing: (() => Promise<void>)[] = []
    try {
      const { table, target, query, comments, comment } = given
      const folder = join(tools.folder, folderOf([given.database, table, target, comments]))
      await mkdir(folder, { recursive: true })
      const opened =
        table !== undefined
          ? await recordPlace(
              await sqlTable(connection, { ...given, table, target: target! }, folder),
              health,
              { ...tools, folder },
            )
          : null
      if (opened) closing.push(opened.close)
      const report =
        query === undefined
          ? null
          : await sqlReports(
              connection,
              {
                ...given,
                key: table === undefined ? given.key : undefined,
                query,
                comments: comments!,
                comment: comment!,
              },
              health,
              { ...tools, folder },
            )
      health.read()
      return {
        ...(opened && { record: opened.place }),
        ...(report && { report }),
        health: () => health.health,
        async close() {
          for (const close of closing) await close()
          await connection.close()
        },
      }
    } catch (cause) {
      await connection.close()
      if (cause instanceof Fault) health.fails(cause.message)
      throw cause
    }
  },
}
