import type { Arm, Fact } from '../src/contract/index.ts'
import { withScratchLedger } from './scratch-ledger.ts'
import { newTable, type Table } from './table.ts'

const batchSize = 500
const batches = 200
const schema = 'inlay_bench'

/**
 * Appending facts through the ledger (idempotent, with its projections) against bare multi-row inserts of the same rows
 * with `pg` into a table with the same partitions and nothing else: no keys, no indexes, no projections.
 */
export async function bench(table: Table): Promise<void> {
  await withScratchLedger(schema, async (ledger, raw) => {
    await raw.query(`create table ${schema}.raw (id bigint default nextval('${schema}.fact_ids'), key text, kind text,
      at bigint, deployment text, item text, person text, body jsonb) partition by range (at)`)
    for (let month = 0; month < 4; month++)
      await raw.query(`create table ${schema}.raw_${month} partition of ${schema}.raw
        for values from (${Date.UTC(2026, month)}) to (${Date.UTC(2026, month + 1)})`)
    const facts = history()
    const seconds = { inlay: [] as number[], peer: [] as number[] }
    for (let n = 0; n < batches; n++) {
      const batch = Array.from({ length: batchSize }, () => facts.next().value)
      const timed = async (name: 'inlay' | 'peer', run: () => Promise<unknown>) => {
        const began = performance.now()
        await run()
        seconds[name].push((performance.now() - began) / 1000)
      }
      // In turn, batch by batch, so that whatever else the machine does falls on both.
      const both = [
        () => timed('inlay', () => ledger.append(batch)),
        () => timed('peer', () => raw.query(rawInsert(batch))),
      ]
      for (const run of n % 2 ? both.reverse() : both) await run()
    }
    const perSecond = (of: number[]) => batchSize / median(of)
    const [inlay, peer] = [perSecond(seconds.inlay), perSecond(seconds.peer)]
    table.row({
      claim: 'facts appended, facts/s',
      inlay: Math.round(inlay),
      peer: Math.round(peer),
      ratio: inlay / peer,
      note: `bare pg multi-row inserts, no keys or projections; medians of ${batches} batches of ${batchSize}`,
    })
  })
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!

function rawInsert(batch: Fact[]) {
  const values: unknown[] = []
  const rows = batch.map((fact) => {
    values.push(fact.key, fact.kind, fact.at, fact.deployment, fact.item, fact.person, fact.body)
    return `(${Array.from({ length: 7 }, (_, at) => `$${values.length - 6 + at}`).join(',')})`
  })
  const text = `insert into ${schema}.raw (key, kind, at, deployment, item, person, body) values ${rows.join(',')}`
  return { text, values }
}

/** The life of many mails in four deployments over four months, in order of time. */
function* history(): Generator<Fact, never> {
  const start = Date.UTC(2026, 0, 5)
  for (let n = 0; ; n++) {
    const at = start + n * 60_000
    const deployment = `triage-imap-${n % 4}`
    const item = `<${(n * 2654435761) >>> 0}.${n}@mail.company.example>`
    const person = `p-${(n * 7919) % 40}`
    const arm: Arm = n % 10 === 0 ? 'held back' : n % 3 === 0 ? 'silent' : 'shown'
    const fact = { deployment, item, person }
    const key = (kind: string) => `${kind}:${deployment}:${item}`
    yield {
      ...fact,
      kind: 'seen',
      key: key('seen'),
      at,
      body: { group: `<thread-${n >> 2}@company.example>`, urgent: false },
    }
    yield {
      ...fact,
      kind: 'suggested',
      key: key('suggested'),
      at: at + 400,
      body: { confidence: (n % 97) / 97, claim: null },
    }
    yield {
      ...fact,
      kind: 'decided',
      key: key('decided'),
      at: at + 401,
      body: {
        arm,
        stage: 'live',
        threshold: 0.83,
        because: 'confidence 0.91 is at or above the threshold 0.83',
      },
    }
    if (arm === 'shown')
      yield {
        ...fact,
        kind: 'placed',
        key: key('placed'),
        at: at + 900,
        body: { placement: { key: item, ref: `INBOX/${n}` } },
      }
    yield {
      ...fact,
      kind: 'did',
      key: key('did'),
      at: at + 50_000,
      body: { seconds: 30 + (n % 50), secondsFrom: 'opened to sent' },
    }
    yield {
      ...fact,
      kind: 'judged',
      key: key('judged'),
      at: at + 50_001,
      body: {
        arm,
        useful: n % 9 !== 0,
        similarity: (n % 13) / 13,
        outcome: arm === 'shown' ? 'used' : null,
        seconds: 30 + (n % 50),
      },
    }
  }
}

if (process.argv[1] === import.meta.filename) {
  const table = newTable()
  await bench(table)
  table.print()
}
