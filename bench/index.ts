import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { gunzipSync } from 'node:zlib'
import MiniSearch from 'minisearch'
import {
  addDocument,
  indexBytes,
  newIndex,
  type Searched,
  search,
} from '../src/learn/retrieval/search-index.ts'
import { readMail } from '../src/surfaces/inbox/read-mail.ts'
import type { Table } from './table.ts'

const data = resolve(import.meta.dirname, '../../shared/data/mail')
const wanted = 100_000
const asked = 100
/** MiniSearch takes gigabytes for all of them. */
const wantedMini = 10_000
/** The peers take up to seconds for a whole mail. */
const askedPeer = 10

/** The inverted index on 100,000 mails beside MiniSearch and SQLite's FTS5: the same mails, the same queries. */
export async function bench(table: Table): Promise<void> {
  if (!existsSync(data)) {
    console.error(`bench: ${data} is not here; the search index is left out.`)
    return
  }
  const mails = await manyMails()
  compare(table, mails.slice(0, wantedMini), 'minisearch', 'MiniSearch')
  compare(table, mails, 'fts5', 'SQLite FTS5')
}

function compare(table: Table, mails: Searched[], peer: 'fts5' | 'minisearch', name: string): void {
  const step = Math.floor(mails.length / asked)
  const queries = Array.from({ length: asked }, (_, i) => mails[i * step]!)
  const ours = measure('inlay', mails, queries)
  const theirs = measure(peer, mails, queries.slice(0, askedPeer))
  const thousands = `${Math.round(mails.length / 1000)},000 mails`
  const row = (claim: string, inlay: number, other: number) => {
    console.error(`  ${thousands}: ${claim}: ${inlay} (${name}: ${other})`)
    table.row({ claim: `index/${thousands}: ${claim}`, inlay, peer: other, ratio: inlay / other, note: name })
  }
  row('all added, CPU s', ours.buildSeconds, theirs.buildSeconds)
  row('memory, MB', ours.megabytes, theirs.megabytes)
  row('a whole mail as query, p50 ms', ours.p50, theirs.p50)
  row('a whole mail as query, p95 ms', ours.p95, theirs.p95)
  row('mail itself found first, share', ours.found, theirs.found)
}

interface Engine {
  add(mails: Searched[]): void
  /** Number of the best mail. */
  best(query: Searched): number
  /** Bytes, where the engine can tell by itself. */
  bytes(): number | null
}

function measure(name: 'inlay' | 'minisearch' | 'fts5', mails: Searched[], queries: Searched[]) {
  const engine = engines[name]()
  globalThis.gc?.()
  const before = process.memoryUsage()
  const cpu = process.cpuUsage()
  engine.add(mails)
  const used = process.cpuUsage(cpu)
  globalThis.gc?.()
  const after = process.memoryUsage()
  const grown = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers
  // What is compiled at the first questions is not what a question costs.
  for (const query of queries.slice(0, 5)) engine.best(query)
  const times: number[] = []
  let found = 0
  for (const query of queries) {
    const start = process.cpuUsage()
    const best = engine.best(query)
    const spent = process.cpuUsage(start)
    times.push((spent.user + spent.system) / 1000)
    const hit = mails[best]
    if (hit && hit.subject === query.subject && hit.text === query.text) found++
  }
  times.sort((a, b) => a - b)
  return {
    buildSeconds: (used.user + used.system) / 1e6,
    megabytes: (engine.bytes() ?? grown) / 1e6,
    p50: times[Math.floor(times.length * 0.5)]!,
    p95: times[Math.floor(times.length * 0.95)]!,
    found: found / queries.length,
  }
}

const engines: Record<'inlay' | 'minisearch' | 'fts5', () => Engine> = {
  inlay() {
    const index = newIndex()
    return {
      add: (mails) => {
        for (const mail of mails) addDocument(index, mail)
      },
      best: (query) => search(index, query, { limit: 10 })[0]?.document ?? -1,
      bytes: () => indexBytes(index),
    }
  },
  minisearch() {
    const index = new MiniSearch({ fields: ['subject', 'text'], searchOptions: { boost: { subject: 2 } } })
    return {
      add: (mails) => index.addAll(mails.map((mail, id) => ({ id, ...mail }))),
      best: ({ subject, text }) => Number(index.search(`${subject} ${text}`)[0]?.id ?? -1),
      bytes: () => null,
    }
  },
  fts5() {
    const db = new DatabaseSync(':memory:')
    db.exec(`create virtual table mails using fts5(subject, text, content='')`)
    const best = db.prepare(
      'select rowid as id from mails where mails match ? order by bm25(mails, 2, 1) limit 10',
    )
    return {
      add(mails) {
        const insert = db.prepare('insert into mails(rowid, subject, text) values (?, ?, ?)')
        db.exec('begin')
        for (const [i, { subject, text }] of mails.entries()) insert.run(i + 1, subject, text)
        db.exec('commit')
      },
      best({ subject, text }) {
        const words = new Set(`${subject} ${text}`.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])
        const match = [...words].map((word) => `"${word}"`).join(' OR ')
        if (!match) return -1
        return Number((best.get(match) as { id: number } | undefined)?.id ?? 0) - 1
      },
      bytes() {
        const { pages } = db.prepare('select page_count as pages from pragma_page_count').get() as {
          pages: number
        }
        return pages * 4096
      },
    }
  },
}

/** Real questions, answers and list mail; more of the same, put together from two of them, where they are too few. */
async function manyMails(): Promise<Searched[]> {
  const mails: Searched[] = []
  const support = resolve(data, 'support/thunderbird-support.jsonl.gz')
  for (const line of gunzipSync(readFileSync(support)).toString('utf8').split('\n')) {
    if (line.trim() === '') continue
    const { q_subj, q, a } = JSON.parse(line) as { q_subj: string; q: string; a: string }
    mails.push({ subject: q_subj, text: q }, { subject: `Re: ${q_subj}`, text: a })
  }
  const folder = resolve(data, 'mbox')
  const files = readdirSync(folder).map((name) => resolve(folder, name))
  for await (const { subject, text } of readMail(files)) mails.push({ subject, text })
  const real = mails.length
  for (let i = 0; mails.length < wanted; i++) {
    const [one, two] = [mails[(i * 7919) % real]!, mails[(i * 104_729 + 1) % real]!]
    mails.push({ subject: one.subject, text: `${one.text}\n${two.text.slice(0, 400)}` })
  }
  return mails.slice(0, wanted)
}
