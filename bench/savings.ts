import { reportsNow } from '../src/cli/report.ts'
import { withScratchLedger } from './scratch-ledger.ts'
import type { Table } from './table.ts'

const schema = 'inlay_bench_savings'
/** Six facts are the life of one item: ten million facts. */
const items = 1_666_667
const deployments = 4
const days = 365

/**
 * What was saved, and the whole report, over a year of four deployments that is ten million facts. The rows that the
 * facts of items come to are made by SQL; their sums are made by the ledger. The peer is the same average by arm, asked
 * of the items themselves.
 */
export async function bench(table: Table): Promise<void> {
  await withScratchLedger(schema, async (ledger, raw) => {
    const start = Date.UTC(2026, 0, 1)
    const pain = { minutesPerPersonPerWeek: 60, from: 'made up', named: false }
    for (let n = 0; n < deployments; n++) {
      const deployment = `triage-${n}`
      await ledger.append([
        {
          key: `connected ${n}`,
          kind: 'connected',
          at: start,
          deployment,
          item: null,
          person: null,
          body: { team: `team ${n % 2}`, surface: 'maildir', skill: 'triage', pain },
        },
      ])
    }
    await raw.query(`insert into ${schema}.items (id, deployment, item, seen_at, "group", urgent, suggested_at,
        confidence, decided_at, arm, stage, threshold, holdback, predicted, placed_at, did_at, seconds, did_person,
        times, judged_at, judged_arm, useful, similarity, outcome)
      select substring(sha256(convert_to('triage-' || n % ${deployments} || E'\\n' || n, 'UTF8')) from 1 for 16),
        'triage-' || n % ${deployments}, n::text, at, 'g' || n, false, at, 0.9, at, arm, 'live', 0.7, 0.1, predicted,
        case when arm = 'shown' then at end, at + 60000, seconds, 'p-' || n * 7919 % 200,
        jsonb_build_object('open to sent', seconds), at + 60000, arm, n % 19 > 0, 1,
        case when arm = 'shown' then case when n % 19 > 0 then 'used' else 'ignored' end end
      from (
        select n, ${start} + n * ${days}::bigint * 86400000 / ${items} as at,
          case when n % 10 = 0 then 'held back' when n % 3 = 0 then 'silent' else 'shown' end as arm,
          60 + n % 240 as predicted,
          (60 + n % 240) * (0.7 + (n * 2654435761 % 1000) / 1600.0) - case when n % 10 = 0 then 0 else 15 end as seconds
        from generate_series(1::bigint, ${items}) as n
      ) as made`)
    await raw.query(`insert into ${schema}.rollup_days
      select distinct deployment, (did_at / 86400000)::int from ${schema}.items on conflict do nothing`)
    await raw.query(`vacuum analyze ${schema}.items`)
    const seconds = async (run: () => Promise<unknown>) => {
      const began = performance.now()
      await run()
      return (performance.now() - began) / 1000
    }
    const each = Array.from({ length: deployments }, (_, n) => `triage-${n}`)
    const savings = async () => {
      await Promise.all(each.map((id) => ledger.rollups(id)))
    }
    console.error('savings: summing up …')
    const once = await seconds(savings)
    console.error(`savings: summed up in ${once.toFixed(1)} s`)
    const again = Math.min(await seconds(savings), await seconds(savings))
    const peer = await seconds(() =>
      raw.query(`select deployment, arm, avg(seconds), stddev(seconds), count(*) from ${schema}.items
        where arm in ('shown', 'held back') group by 1, 2`),
    )
    const until = start + days * 86_400_000
    const report = Math.min(
      await seconds(() => reportsNow(ledger, { until })),
      await seconds(() => reportsNow(ledger, { until })),
    )
    const note = `${items} items, ten million facts; summed up once in ${once.toFixed(1)} s`
    const row = (claim: string, inlay: number, limit: number) =>
      table.row({
        claim,
        inlay: inlay.toFixed(2),
        peer: peer.toFixed(2),
        ratio: inlay / peer,
        note: `${note}; limit ${limit} s; peer: averages by arm from the items`,
      })
    row('savings of 10 M facts, s', again, 1)
    row('report over 10 M facts, s', report, 2)
  })
}
