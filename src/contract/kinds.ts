/** What a surface offers to work on. Skills belong to a kind, never to a vendor. */
export type Kind = 'message' | 'record' | 'table' | 'report'

/** For each kind: the item to work on, the deed a person does with it, the value a skill suggests. */
export interface Kinds {
  message: { item: Message; deed: MessageDeed; value: MessageValue }
  record: { item: DataRecord; deed: RecordDeed; value: RecordValue }
  table: { item: TableColumn; deed: TableDeed; value: TableValue }
  report: { item: Report; deed: ReportDeed; value: ReportValue }
}
export type Item<K extends Kind = Kind> = Kinds[K]['item']
export type Deed<K extends Kind = Kind> = Kinds[K]['deed']
export type Value<K extends Kind = Kind> = Kinds[K]['value']

/** One cell as a person sees it. Dates are ISO 8601 strings; an empty cell is null. */
export type Cell = string | number | boolean | null

interface ItemBase {
  /** Stable for the life of the item within its place: a Message-ID, a row's key. Never reused. */
  key: string
  /**
   * What is judged as one and never split by a cut in time: the conversation of a message, the record of a row.
   * Equal to `key` when the item stands alone.
   */
  group: string
  /** When the item arrived, in milliseconds since the epoch; null when the surface cannot know. */
  at: number | null
  /** Never held back. */
  urgent?: boolean
  /** Pseudonym of who will do it (the assignee, the owner of the mailbox), where the surface knows; absent: anybody. */
  person?: string | null
}

export interface Address {
  name: string
  /** Lower case. */
  address: string
}

export interface Message extends ItemBase {
  kind: 'message'
  subject: string
  /** Decoded plain text, quotes and signature included. */
  text: string
  from: Address | null
  to: Address[]
  cc: Address[]
  /** Message-ID that this one answers, and the whole chain, oldest first. */
  inReplyTo: string | null
  references: string[]
  /** File names of attachments. */
  attachments: string[]
  /** True for lists, bulk mail, auto-replies and bounces. */
  automated: boolean
}

/** A message of which no more than a text is known; `about` says what else is. It is a group of its own. */
export function plainMessage(key: string, text: string, about: Partial<Message> = {}): Message {
  return {
    kind: 'message',
    key,
    group: key,
    at: null,
    subject: '',
    text,
    from: null,
    to: [],
    cc: [],
    inReplyTo: null,
    references: [],
    attachments: [],
    automated: false,
    ...about,
  }
}

/** One row, without its target column and without anything that Inlay wrote. Column order is kept. */
export interface DataRecord extends ItemBase {
  kind: 'record'
  fields: Record<string, Cell>
}

/** A column to fill: the other columns are the input, the filled cells of this one the examples. */
export interface TableColumn extends ItemBase {
  kind: 'table'
  column: string
  columns: string[]
  /** In the order of `columns`; the cell of `column` itself is null where it is to be filled. */
  rows: Cell[][]
  /** Other tables of the same document, in which a value may be looked up. */
  others?: OtherTable[]
}

/** A table that stands beside another one, in its words. */
export interface OtherTable {
  /** Of the sheet. */
  name: string
  columns: string[]
  rows: Cell[][]
  /** Where each column stands in the sheet; from 0. */
  columnNumbers: number[]
}

/** A metric table to tell about, column-wise. */
export interface Report extends ItemBase {
  kind: 'report'
  columns: string[]
  rows: Cell[][]
}

/** Handling times beyond this many seconds were no work: a clock that jumped, a window left open overnight. */
export const longestSeconds = 8 * 3600

interface DeedBase {
  /** When it was done, in milliseconds since the epoch; null when the surface cannot know. */
  at: number | null
  /** Pseudonym of who did it, from `OpenTools.pseudonym`; null when unknown. */
  person: string | null
  /** Handling time in seconds, and where it comes from; null when unknown. */
  seconds: number | null
  secondsFrom: string | null
  /** Seconds by every other way to take the time ("compose box", "open to sent", "gap capped at 300 s"). */
  bySource?: Record<string, number>
  /** Where a recorder stopped at its limit and `seconds` is null: what it took at least, in seconds. */
  longerThan?: number
}

export interface MessageDeed extends DeedBase {
  kind: 'message'
  /** The label or folder the person chose; null when they left the message alone, which is an example too. */
  label: string | null
  /** The text they answered with; null when they did not answer. */
  reply: string | null
}

export interface RecordDeed extends DeedBase {
  kind: 'record'
  /** The target column and what became of the record; null is not known yet. */
  target: string
  value: Cell
}

export interface TableDeed extends DeedBase {
  kind: 'table'
  /** Row index → what the person typed there. */
  values: Record<number, Cell>
}

export interface ReportDeed extends DeedBase {
  kind: 'report'
  /** The comment that a person wrote. */
  text: string
}

export type MessageValue = { type: 'label'; label: string } | { type: 'reply'; text: string }

export interface RecordValue {
  type: 'score'
  /** Calibrated, 0..1. */
  probability: number
  band: 'hot' | 'cold' | null
}

export interface TableValue {
  type: 'fill'
  /** Row index → what to write there; absent rows stay empty. */
  values: Record<number, Cell>
}

export interface ReportValue {
  type: 'summary'
  text: string
}
