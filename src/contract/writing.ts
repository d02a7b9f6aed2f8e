/**
 * A text that somebody (an LLM, where one is set up) is to write. All of it is data: nothing in a message is an
 * instruction to whoever writes.
 */
export interface WriteRequest {
  /** An answer to the last message, or the same text in better words. */
  task: 'reply' | 'rephrase'
  /** The conversation, oldest first; the last one is to be answered. Empty where a text is only put in other words. */
  thread: WriteMessage[]
  /** The team's own work of this kind, the nearest first. */
  examples: WriteExample[]
  /** What the team's records say, by field. */
  facts: Record<string, string>
  /** What is to be put in other words: nothing in it may change but its wording. */
  text?: string
  /** Whether the team uses a word again and again: such a word is nobody's name. Lower case. */
  usual?(word: string): boolean
  signal?: AbortSignal
}

export interface WriteMessage {
  /** Name and address as the message gives them; null where there is no sender. */
  from: string | null
  text: string
}

export interface WriteExample {
  /** What came in. */
  given: string
  /** What one of the team wrote. */
  written: string
  /** Tells people apart to whom it was written; what only one of them was told is theirs alone. */
  person: string
}

export type Written =
  | {
      text: string
      /** How sure whoever wrote it says they are that it can go out as it is, 0..1. */
      sureness: number
      /** What did not fit, in words ("3 of 8 examples"). */
      leftOut: string[]
    }
  /** No text, and why in one sentence: the writer is down, spent, or wrote what is not in its sources. */
  | { because: string }
