import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Item, Kind, Suggestion } from '../src/contract/index.ts'

export interface Placing {
  /** As `place-child.ts` takes it. */
  surfaceAt: string
  settings: unknown
  folder: string
  items: Item<Kind>[]
  suggestion: Suggestion<Kind>
}

/** A process that places, one item after another; `gone` when it has ended, by itself or not. */
export function placeInChild(placing: Placing): { child: ChildProcess; gone: Promise<unknown> } {
  const child = fork(join(import.meta.dirname, 'place-child.ts'), [JSON.stringify(placing)])
  onTestFinished(() => void child.kill('SIGKILL'))
  return { child, gone: once(child, 'exit') }
}
