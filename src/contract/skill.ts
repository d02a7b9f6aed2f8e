import type { Deed, Item, Kind, Value } from './kinds.ts'
import type { Judgement, Suggestion } from './suggestion.ts'
import type { Example } from './surface.ts'
import type { WriteRequest, Written } from './writing.ts'

/** What a skill is given while it learns or suggests. */
export interface SkillTools {
  /** The same seed and examples give the same model, byte for byte. */
  seed: number
  signal?: AbortSignal
  /** Called now and then with a share 0..1. */
  progress?(share: number): void
  /** Writes a text; absent where no LLM is set up. What comes back has been held against its sources. */
  write?(request: WriteRequest): Promise<Written>
  /** What the team's own records say about an item, by field. */
  facts?(item: Item): Promise<Record<string, string>>
  /** Told in one sentence why a skill says nothing about an item. */
  silent?(because: string): void
}

/** What AI does with an item of a kind. One file each, or one folder; its name is its name everywhere. */
// biome-ignore lint/suspicious/noExplicitAny: a registry holds skills of many kinds and models
export interface Skill<K extends Kind = any, Model = any> {
  name: string
  kind: K
  /** One line for people, in plain words: what it does for them. */
  about: string
  /** Raised when saved models of an earlier program can no longer be read. */
  version: number
  /**
   * Learns from what people did, in the order given (oldest first where time is known). Throws a Fault of kind
   * `bad-input` where nothing can be learned, with what is missing.
   */
  learn(examples: Iterable<Example<K>>, tools: SkillTools): Promise<Model>
  /**
   * Learns new examples on top of a model, without the history that it was learned from; the model that is given
   * stays as it was. Where it is absent, and now and then where it is there, learn again from everything.
   */
  update?(model: Model, examples: Iterable<Example<K>>, tools: SkillTools): Promise<Model>
  /**
   * Set where the skill speaks without having learned from a team's past, and is silent by itself where it is less
   * sure than `sureFrom` (0..1): the model before any history. What it learns from the past may only make it more
   * silent, so that what was proven of this model holds.
   */
  readonly unlearned?: { model(): Model; sureFrom: number }
  /** Null is silence: nothing sensible can be said about this item. */
  suggest(model: Model, item: Item<K>, tools: SkillTools): Promise<Suggestion<K> | null>
  /** Yes or no on a suggestion, given what the person did; null when the deed does not decide it (yet). */
  judge(suggested: Value<K>, deed: Deed<K>): Judgement | null
  save(model: Model): Uint8Array
  /** Throws a Fault when the bytes are damaged or of another version: then it must learn again. */
  load(bytes: Uint8Array): Model
}
