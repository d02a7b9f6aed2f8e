import type { WorkerEvents } from 'graphile-worker'
import type { Pool } from 'pg'
import type {
  Arm,
  Deployment,
  Fact,
  FactBodies,
  FactKind,
  Health,
  Locks,
  Outcome,
  Placement,
  Proof,
  Stage,
} from '../contract/index.ts'

import type { OutcomeCounts } from './outcomes.ts'
import type { RollupPerson, RollupRow } from './rollups.ts'

/** Text kept beside the facts, with a date on which it goes: the item, what was suggested, what was done. */
export type BodyOf = 'item' | 'suggestion' | 'deed'

export interface BodyRow {
  deployment: string
  item: string
  what: BodyOf
  /** Pseudonym of the person whose text it is; `eraseBodies` finds it by this. */
  person: string | null
  /** Anything that JSON can hold. */
  body: unknown
  /** Milliseconds since the epoch; null is kept until erased. */
  keepUntil: number | null
}

export interface SavedModel {
  skill: string
  /** The skill's version that wrote the bytes. */
  version: number
  bytes: Uint8Array
  /** Milliseconds since the epoch. */
  learnedAt: number
}

export interface Job {
  task: string
  payload: unknown
  /** Jobs of one queue run one after another, in order. */
  queue?: string
  /** At most one waiting job a key: a later one replaces it. */
  jobKey?: string
  /** Milliseconds since the epoch; now when absent. */
  runAt?: number
  maxAttempts?: number
}

/** A report that goes out by itself each week. */
export interface ReportSchedule {
  /** A file, a folder, a Maildir, or a deployment whose tool shows it. */
  destination: string
  /** Null is every team. */
  team: string | null
  format: string
}

/** What can be done inside a transaction as well as outside of one. */
export interface LedgerWriter {
  /** Appends facts and brings the projections up to date. Returns how many were new; a key already there is skipped. */
  append(facts: readonly Fact[]): Promise<number>
  /** Waits until no other transaction holds the deployment, then holds it until this one ends. */
  hold(deployment: string): Promise<void>
  /** Creates or replaces. */
  saveDeployment(deployment: Deployment): Promise<void>
  saveCursor(deployment: string, cursor: string): Promise<void>
  /** Creates or replaces, by deployment, item and what. */
  saveBodies(rows: readonly BodyRow[]): Promise<void>
  /** Deletes the texts of a person, facts and counts stay; returns how many there were, by deployment. */
  eraseBodies(person: string): Promise<Map<string, number>>
  /** Creates or replaces a secret that the caller has sealed; with `before`, only while it is still that. */
  saveSealed(deployment: string, name: string, sealed: string, before?: string): Promise<void>
  /** Replaces what the surface said last of itself. `at` in milliseconds since the epoch. */
  saveHealth(deployment: string, health: Health, at: number): Promise<void>
  /** Replaces the deployment's model. */
  saveModel(deployment: string, model: SavedModel): Promise<void>
  /** There is no model until it is learned again. */
  dropModel(deployment: string): Promise<void>
  addJob(job: Job): Promise<void>
}

export interface FactFilter {
  deployment?: string
  kinds?: readonly FactKind[]
  item?: string
  /** Milliseconds since the epoch: at or after. */
  since?: number
  /** Milliseconds since the epoch: before. */
  until?: number
}

/**
 * What the facts say about one item. Where a kind of fact came several times, the last one by `at` counts (of two in
 * the same millisecond the one appended last). Times are milliseconds since the epoch; null is "has not happened" or
 * "not known".
 */
export interface ItemState {
  deployment: string
  item: string
  group: string | null
  urgent: boolean
  /** Who did it (last); before that, whom it came in for. */
  person: string | null
  seenAt: number | null
  suggestedAt: number | null
  confidence: number | null
  claim: string | null
  decidedAt: number | null
  /** As decided; where nothing was decided, as judged. */
  arm: Arm | null
  /** The deployment's stage when it was decided. */
  stage: Stage | null
  placedAt: number | null
  placement: Placement | null
  refusedAt: number | null
  /** The confidence that it had to reach; null where its claim was silent. */
  threshold: number | null
  /** Why the surface did not place it. */
  refused: string | null
  withdrawnAt: number | null
  removedAt: number | null
  didAt: number | null
  /** Handling time of the last deed, else as judged. */
  seconds: number | null
  judgedAt: number | null
  useful: boolean | null
  similarity: number | null
  outcome: Outcome | null
  goneAt: number | null
}

export interface ItemFilter {
  /** True: neither done nor gone. False: done or gone. */
  open?: boolean
  /** True: a placement is out there now (placed, and since then neither withdrawn, removed nor gone). False: none is. */
  placed?: boolean
  limit?: number
}

/** Where one deployment stands, from projections. */
export interface Standing {
  deployment: string
  team: string
  surface: string
  skill: string
  stage: Stage
  /** Milliseconds since the epoch of the last change of stage, and why; null before the first. */
  stagedAt: number | null
  because: string | null
  /** Whether a person moved it there. */
  byPerson: boolean
  locks: Locks | null
  proof: Proof | null
  provedAt: number | null
  learned: (FactBodies['learned'] & { at: number }) | null
  counts: Counts
  /**
   * The last failure, until what failed went well again: by its first letters, `learn…` until something was learned,
   * and so `prov…`, `plac…` and `withdr…`; anything else until whatever went well after it.
   */
  failure: { what: string; because: string; at: number } | null
  lastSeenAt: number | null
}

/** Numbers of items (not of facts: an item judged twice counts once, by its last judgement). */
export interface Counts {
  seen: number
  /** Those on which the skill had something to say. */
  suggested: number
  arms: Record<Arm, number>
  placed: number
  refused: number
  withdrawn: number
  removed: number
  did: number
  judged: Record<Arm, number>
  useful: Record<Arm, number>
  outcomes: Record<Outcome, number>
  gone: number
}

/** What graphile-worker needs, and what keeps its jobs from being stuck behind a dead worker. */
export interface Jobs {
  pgPool: Pool
  schema: string
  /**
   * Makes this process's workers known as alive, from the events of their runner, until stopped; meanwhile frees what
   * dead workers hold every few seconds. Call it before `run`, with the same `events`, and stop it after the runner.
   */
  keepAlive(events: WorkerEvents): Promise<{ stop(): Promise<void> }>
  /** Frees the jobs and queues held by workers that are no more. Returns how many such workers there were. */
  releaseDead(): Promise<number>
}

/** Held by one process at a time. */
export interface Lease {
  /** Aborts when the lease is lost: the connection to the database is gone, and another process may have it by now. */
  lost: AbortSignal
  release(): Promise<void>
}

/** The only door to the database. */
export interface Ledger extends LedgerWriter {
  /**
   * All or nothing. On a deadlock with another writer `run` is called again, so it must have no effect but through `tx`.
   */
  transaction<T>(run: (tx: LedgerWriter) => Promise<T>): Promise<T>
  /** Streamed in the order in which they were appended. Facts appended meanwhile may be among them or not. */
  facts(filter?: FactFilter): AsyncIterable<Fact>
  /** In order of id. */
  deployments(): Promise<Deployment[]>
  item(deployment: string, item: string): Promise<ItemState | null>
  /** Those of these items that there are, by key, in one round trip. */
  itemsOf(deployment: string, keys: readonly string[]): Promise<Map<string, ItemState>>
  /** Streamed in the order in which they came in (`seenAt`); what nobody saw come in is last. */
  items(deployment: string, filter?: ItemFilter): AsyncIterable<ItemState>
  /** One row a deployment, in order of its id. */
  standing(): Promise<Standing[]>
  standingOf(deployment: string): Promise<Standing | null>
  cursor(deployment: string): Promise<string | null>
  /** In order of destination. */
  schedules(): Promise<ReportSchedule[]>
  /** Creates or replaces, by destination. */
  saveSchedule(schedule: ReportSchedule): Promise<void>
  /** False when there was none. */
  dropSchedule(destination: string): Promise<boolean>
  body(deployment: string, item: string, what: BodyOf): Promise<unknown | null>
  /** Those of these items that have one, by key, in one round trip. */
  bodiesOf(deployment: string, keys: readonly string[], what: BodyOf): Promise<Map<string, unknown>>
  bodies(deployment: string, what: BodyOf): AsyncIterable<{ item: string; body: unknown }>
  model(deployment: string): Promise<SavedModel | null>
  sealed(deployment: string, name: string): Promise<string | null>
  allSealed(): Promise<{ deployment: string; name: string; sealed: string }[]>
  /** What each surface said last of itself, and when; by deployment. */
  healths(): Promise<Map<string, { health: Health; at: number }>>
  /** The same without the bytes. */
  modelHead(deployment: string): Promise<Omit<SavedModel, 'bytes'> | null>
  /** `now` in milliseconds since the epoch. Returns how many were dropped. */
  dropExpiredBodies(now: number): Promise<number>
  /**
   * What was done each day, summed up by arm: every figure of time saved follows from it, whatever the number of items.
   * Sums up first what has changed since it was last asked.
   */
  rollups(deployment: string): Promise<{ rows: RollupRow[]; people: RollupPerson[] }>
  /** What became of all that was shown, counted; groups by their first verdict. */
  outcomes(deployment: string): Promise<OutcomeCounts>
  /** What these people did, with its handling time. */
  doneBy(
    deployment: string,
    people: readonly string[],
  ): Promise<{ person: string; at: number; seconds: number | null }[]>
  /** What people did while they waited for a staggered roll-out, or had been reached by it. */
  rolledOut(
    deployment: string,
  ): Promise<{ person: string; at: number; seconds: number | null; reached: boolean }[]>
  /** Makes every projection anew, from the facts alone. */
  rebuild(): Promise<void>
  /** The whole running state as plain data, to be compared. */
  projections(): Promise<unknown>
  jobs: Jobs
  /** The right to watch one surface account; null while another process has it. It ends with the process. */
  lease(name: string): Promise<Lease | null>
  /** 32 random bytes, made at the first call and kept: a key for pseudonyms, for arms. */
  secret(name: string): Promise<Buffer>
  close(): Promise<void>
}

export interface LedgerOptions {
  url: string
  /** Several ledgers live in one database side by side. Jobs are in `<schema>_jobs`. */
  schema?: string
  poolSize?: number
}
