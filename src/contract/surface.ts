import type { ZodType } from 'zod'
import type { Health } from './health.ts'
import type { Deed, Item, Kind } from './kinds.ts'
import type { Answered, Card, Placement, Suggestion, Wish } from './suggestion.ts'
import type { Vault } from './vault.ts'

/** What people did before: an item with its deed. */
export interface Example<K extends Kind = Kind> {
  item: Item<K>
  deed: Deed<K>
}

/** A surface's own bookmark; opaque to everybody else. Safe to store, and to hand back after a restart. */
export type Cursor = string

/**
 * Something that happened on a surface. Delivered at least once and in order; `cursor` is where to go on when this
 * change and all before it have been dealt with.
 */
export type Change<K extends Kind = Kind> = { cursor: Cursor } & (
  | { type: 'item'; item: Item<K> }
  /** A person finished an item (again: the last deed counts). */
  | { type: 'deed'; key: string; deed: Deed<K> }
  /** A person took a placement away without (yet) doing the deed themselves. */
  | { type: 'removed'; key: string; at: number | null }
  /** The item itself is gone (deleted, moved out of sight): nothing more will come of it. */
  | { type: 'gone'; key: string }
  /** A person clicked an answer of the card with this key; the last answer counts. `person` null: nobody can tell who. */
  | { type: 'answer'; card: string; person: string | null; answer: Answered; at: number | null }
  /** A person said so without being asked. */
  | { type: 'wish'; person: string; wish: Wish; at: number | null }
  /** Everything that is there now has been delivered. Sent once after every catch-up, so that callers can wait for it. */
  | { type: 'caught up' }
)

export type Placed = { placed: true; placement: Placement } | { placed: false; because: string }

/** One kind of work on an opened surface. */
export interface Place<K extends Kind = Kind> {
  /** What people did before, oldest first where time is known. Never holds anything that Inlay wrote. */
  history(): AsyncIterable<Example<K>>
  /**
   * New items, and what became of earlier ones. Without a cursor: first every item that is still open now, then what
   * changes. Ends when `signal` aborts. Throws a Fault of kind `unreachable` when the surface has vanished; the
   * caller opens it again later with the last cursor.
   */
  watch(since: Cursor | null, signal: AbortSignal): AsyncIterable<Change<K>>
  /**
   * Puts a suggestion where the person looks: exactly once a key, however often it is called, also after a crash
   * half-way. An expected refusal (the person was faster, the file is locked by them) is a result. Never replaces
   * anything that a person wrote.
   */
  place(item: Item<K>, suggestion: Suggestion<K>, key: string): Promise<Placed>
  /** Takes it back without a trace: what it touched is as it was, byte for byte where the format allows. */
  withdraw(placement: Placement): Promise<void>
  /** The walkthrough and the one-click questions, where the surface can show them; once a key. */
  announce?(card: Card): Promise<void>
  /** Pseudonyms of the people who work here, where the tool knows them: then each is asked by themselves. */
  people?(): Promise<string[]>
}

export type Opened = { readonly [K in Kind]?: Place<K> } & {
  /** How it stands with the tool right now; asked often, so it must not ask the tool. */
  health?(): Health
  close(): Promise<void>
}

/** What a surface is given when it is opened. */
export interface OpenTools {
  /** Milliseconds since the epoch; simulated in the sample company. */
  now(): number
  /** The same raw identity (an address, a user name) always gives the same pseudonym; it cannot be turned back. */
  pseudonym(raw: string): string
  /** A private folder, kept between runs, for a surface's own journal (what it placed, what to restore on undo). */
  folder: string
  /** For tokens that change while it runs. */
  vault: Vault
  /** Called now and then while something long is read (an import), with what is done of what there is. */
  progress?(done: number, total: number): void
}

/** A tool where people already work. One file each; the file's name is its name everywhere. */
// biome-ignore lint/suspicious/noExplicitAny: a registry holds surfaces of many settings
export interface Surface<Settings = any> {
  name: string
  /** One line for people: what it is and what it needs. */
  about: string
  /**
   * Declared once: prompt, form, validation and docs come from it. Every field has a description. A field with
   * `.meta({ secret: true })` is asked for without echo, encrypted at rest and never shown;
   * those with `.meta({ place: true })` (by default the one named `path`) tell one place of the surface from another.
   */
  settings: ZodType<Settings>
  /**
   * What is to be made in the tool before there is anything to connect to: steps for a person, and a text that they
   * paste there.
   */
  setup?: { steps: string; paste: string }
  /** Extra hops between the placement and the place of the deed: other tabs, copies, pastes. The place lock wants 0. */
  hops: number
  /** Checks that the tool is there and readable; Fault otherwise. Changes nothing. */
  open(settings: Settings, tools: OpenTools): Promise<Opened>
}
