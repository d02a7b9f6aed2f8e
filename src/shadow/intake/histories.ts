import type { LogBuilder } from './log-builder.ts'

/** What a mailbox remembers of one message; addresses in lower case. */
export interface MailSeen {
  /** Conversation that it belongs to. */
  conversation: string
  /** Milliseconds since the epoch; null where the mailbox does not know. */
  at: number | null
  from: string | null
  to: readonly string[]
  /** Lists, bulk mail, auto-replies: nobody's work. */
  automated: boolean
  /** A receipt: `from` has read the conversation's mail (RFC 8098). */
  receipt?: boolean
  /** A label or folder that a person chose. */
  label?: string | null
}

/**
 * A mailbox's own history as an event log: each conversation a case, in it what was received, read, answered, asked
 * again, sent. `owners` are the addresses whose work it is; where none are given, those are taken that both get and write most
 * of the mail; in a list's archive, where there are none, everybody who answers another. When a mail was read is known
 * only where its reader sent a receipt.
 */
export function addMail(builder: LogBuilder, mails: readonly MailSeen[], owners: readonly string[]): void {
  const timed = mails.filter(({ at, automated, receipt }) => at !== null && (receipt || !automated))
  const written = timed.filter(({ receipt }) => !receipt)
  const own = new Set(owners.length > 0 ? owners.map((each) => each.toLowerCase()) : ownersOf(written))
  if (owners.length === 0 && own.size > 0) {
    builder.notices.add(
      'The mailbox is taken to be that of whoever gets and writes most; --me says whose it is.',
    )
  }
  if (timed.length < mails.length) {
    builder.notices.add(
      `${mails.length - timed.length} mails without a time, or sent by machines, were left out.`,
    )
  }
  const first = new Map<string, string | null>()
  for (const { conversation, at, from, receipt } of timed.toSorted((a, b) => a.at! - b.at!)) {
    if (receipt) {
      // That others have read what was written to them is none of the owners' work.
      if (from !== null && own.has(from))
        builder.add({ at: at!, case: conversation, tool: 'Mail', action: 'read', person: from })
      continue
    }
    const known = first.has(conversation)
    if (!known) first.set(conversation, from)
    const ours = from !== null && (own.size > 0 ? own.has(from) : known && from !== first.get(conversation))
    builder.add({
      at: at!,
      case: conversation,
      tool: 'Mail',
      action: ours ? (known ? 'answered' : 'sent') : known ? 'received again' : 'received',
      person: ours ? from : undefined,
    })
  }
}

/** A sender is an owner if at least this share of the others' mail goes to them. */
const ownersShare = 0.3

function ownersOf(mails: readonly MailSeen[]): string[] {
  const written = new Map<string, number>()
  const got = new Map<string, number>()
  for (const { from, to } of mails) {
    if (from !== null) written.set(from, (written.get(from) ?? 0) + 1)
    for (const each of new Set(to)) got.set(each, (got.get(each) ?? 0) + 1)
  }
  return [...got]
    .filter(
      ([who, times]) =>
        (written.get(who) ?? 0) > 0 && times >= ownersShare * (mails.length - written.get(who)!),
    )
    .map(([who]) => who)
}

/** One change of a record or a row. */
export interface Change {
  at: number
  record: string
  /** What sort of record: "lead", "ticket", "workbook"; it tells which tool it is. */
  object?: string | undefined
  field: string
  before?: string | undefined
  after?: string | undefined
  person?: string | undefined
}

/** Fields that hold where a record stands: each of their values is a step of its own. */
const states = /stage|status|state|phase|priority|lifecycle/i

/**
 * Changes of records as an event log: each record a case, each change a step ("rating set", "stage: won"). A change to
 * what it was before is none.
 */
export function addChange(builder: LogBuilder, change: Change): void {
  const { at, record, object = '', field, before, after = '', person } = change
  if (before !== undefined && before === after) {
    builder.skip()
    return
  }
  builder.add({
    at,
    case: object === '' ? record : `${object} ${record}`,
    tool: object === '' ? 'records' : object,
    action: states.test(field)
      ? `${field}: ${after === '' ? 'empty' : after}`
      : `${field} ${before ? 'changed' : 'set'}`,
    person,
  })
}

/** One saved version of a table; cells as text, empty ones as ''. */
export interface TableVersion {
  /** What all versions are versions of: "leads". */
  table: string
  /** When it was saved, in milliseconds since the epoch. */
  at: number
  /** Who saved it, where the file says so. */
  person: string | null
  columns: readonly string[]
  rows: readonly (readonly string[])[]
}

/** Share of the rows whose key must be there and be one of a kind, in every version, for a column to tell rows apart. */
const keyed = 0.98

/**
 * Versions of one table as a change history: what differs from one version to the next is what was done in between, told
 * at the time of the later one. Rows are told apart by the first column whose values are there and differ (an id, a
 * name); where there is none, by their place. Throws nothing; versions of which nothing changed give no event.
 */
export function addVersions(builder: LogBuilder, versions: readonly TableVersion[]): void {
  const ordered = versions.toSorted((a, b) => a.at - b.at)
  const key = keyColumn(ordered)
  if (key === null) {
    builder.notices.add('No column tells the rows apart, so they were taken by their place in the table.')
  }
  for (let v = 1; v < ordered.length; v++) {
    const [before, after] = [ordered[v - 1]!, ordered[v]!]
    const old = rowsByKey(before, key)
    const person = after.person ?? undefined
    const about = { at: after.at, object: after.table, person }
    const shared = after.columns.filter((column) => before.columns.includes(column) && column !== key)
    for (const [record, row] of rowsByKey(after, key)) {
      const was = old.get(record)
      if (!was) {
        builder.add({
          at: after.at,
          case: `${after.table} ${record}`,
          tool: after.table,
          action: 'row added',
          person,
        })
        continue
      }
      for (const field of shared) {
        const [from, to] = [was[before.columns.indexOf(field)] ?? '', row[after.columns.indexOf(field)] ?? '']
        if (from !== to) addChange(builder, { ...about, record, field, before: from, after: to })
      }
    }
  }
}

function keyColumn(versions: readonly TableVersion[]): string | null {
  const [first] = versions
  return (
    first?.columns.find((column) =>
      versions.every(({ columns, rows }) => {
        const at = columns.indexOf(column)
        if (at < 0) return false
        const values = new Set(rows.map((row) => row[at] ?? '').filter((value) => value !== ''))
        return values.size >= keyed * rows.length
      }),
    ) ?? null
  )
}

/** Of several rows with one key the first counts; rows without a key are nobody's. */
function rowsByKey({ columns, rows }: TableVersion, key: string | null): Map<string, readonly string[]> {
  const at = key === null ? -1 : columns.indexOf(key)
  const byKey = new Map<string, readonly string[]>()
  for (const [n, row] of rows.entries()) {
    const name = at < 0 ? `row ${n + 1}` : (row[at] ?? '')
    if (name !== '' && !byKey.has(name)) byKey.set(name, row)
  }
  return byKey
}
