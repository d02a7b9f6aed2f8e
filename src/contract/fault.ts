/**
 * What kind of thing went wrong, and so what the person can do about it:
 * - `bad-input`: what was given is wrong; the message says what and where
 * - `unreachable`: a file, server or database does not answer
 * - `busy`: something else holds what we need (a lock, a port, a data folder)
 * - `bug`: our own fault
 */
export type FaultKind = 'bad-input' | 'unreachable' | 'busy' | 'bug'

/**
 * The one error class. `message` is one sentence for a person: what was expected, what came (quoted), where it
 * stood (file, line, cell) and what to do. Expected refusals are results, not faults.
 */
export class Fault extends Error {
  override readonly name = 'Fault'
  readonly kind: FaultKind

  constructor(kind: FaultKind, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.kind = kind
  }

  /** Exit code of the command line: 1 for a fault of our own, 2 for everything the person can mend. */
  get exitCode(): 1 | 2 {
    return this.kind === 'bug' ? 1 : 2
  }
}
