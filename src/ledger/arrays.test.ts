import fc from 'fast-check'
import pg from 'pg'
import { expect, test } from 'vitest'
import { bigintArray, jsonbArray, textArray } from './arrays.ts'
import { testDatabase } from './testing.ts'

test('arrays arrive as they were sent: empty, with nulls, with anything in them', async () => {
  const client = new pg.Client({ connectionString: testDatabase() })
  await client.connect()
  try {
    const text = fc.string({ unit: 'grapheme' }).map((value) => value.replaceAll('\0', ''))
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.option(text)),
        fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
        fc.array(fc.record({ text, list: fc.array(fc.integer()) })),
        async (texts, bigints, values) => {
          const { rows } = await client.query(
            'select $1::text[] as texts, $2::bigint[]::text[] as bigints, to_jsonb($3::jsonb[]) as values',
            [
              textArray(texts),
              bigintArray(bigints),
              jsonbArray(values.map((value) => JSON.stringify(value))),
            ],
          )
          expect(rows).toEqual([
            { texts, bigints: bigints.map(String), values: JSON.parse(JSON.stringify(values)) },
          ])
        },
      ),
    )
  } finally {
    await client.end()
  }
})
