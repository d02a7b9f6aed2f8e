import type { Health } from '../contract/index.ts'
import type { Desk } from './desk.ts'
import type { EngineOptions } from './options.ts'

/** Milliseconds between two looks at what a surface says of itself. */
const every = 5_000

/** Writes down what one deployment's surface says of itself while it is watched, and since when it fails. */
export interface SignsOfLife {
  watching(desk: Desk): Promise<void>
  wentWell(): void
  fails(because: string): Promise<void>
  stop(): void
}

const nothing: Health = { readAt: null, interval: 0, saw: null, did: null, waitsFor: null, failing: null }

export function signsOfLife(id: string, { ledger, now = Date.now }: EngineOptions): SignsOfLife {
  let desk: Desk | null = null
  let last: Health | null = null
  let written = ''
  let failing: Health['failing'] = null

  async function say(): Promise<void> {
    last ??= (await ledger.healths()).get(id)?.health ?? nothing
    const said = desk?.health() ?? null
    const health: Health = {
      ...last,
      ...said,
      // What a surface that was opened anew does not know yet.
      readAt: said?.readAt ?? last.readAt,
      saw: said?.saw ?? last.saw,
      did: said?.did ?? last.did,
      failing: failing ?? said?.failing ?? null,
    }
    last = health
    const text = JSON.stringify(health)
    if (text === written) return
    written = text
    await ledger.saveHealth(id, health, now())
  }
  // Not worth a failure of its own: a ledger that does not answer is told by whatever else needs it.
  const sayQuietly = () => say().catch(() => {})
  const timer = setInterval(sayQuietly, every)
  timer.unref()

  return {
    async watching(opened) {
      desk = opened
      // A surface with a word of its own has just been reached; of another one that is known at its first change.
      if (opened.health()) failing = null
      await sayQuietly()
    },
    wentWell() {
      if (failing === null) return
      failing = null
      void sayQuietly()
    },
    async fails(because) {
      desk = null
      await sayQuietly()
      failing = { since: failing?.since ?? last?.failing?.since ?? now(), because }
      await sayQuietly()
    },
    stop: () => clearInterval(timer),
  }
}
