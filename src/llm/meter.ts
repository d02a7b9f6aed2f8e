import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** One question to a model: what it cost and took, and what came of it. */
export interface Asked {
  task: 'reply' | 'rephrase'
  provider: string
  model: string
  /** Milliseconds since the epoch. */
  at: number
  ms: number
  /** How often it was asked, with what was packed again. */
  tries: number
  inputTokens: number
  outputTokens: number
  /** In the currency of the settings' prices. */
  cost: number
  outcome: 'written' | 'nothing to say' | 'not in its sources' | 'failed'
  because: string | null
}

/** Counts what is spent. One for all that ask, so that a cap holds for all of them together. */
export interface Meter {
  /** Spent since this time, in milliseconds since the epoch. */
  spentSince(since: number): Promise<number>
  count(asked: Asked): Promise<void>
}

/** A meter in a file of JSON lines; any number of processes and threads may share it. */
export function fileMeter(path: string): Meter {
  return {
    async spentSince(since) {
      const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return ''
        throw error
      })
      let sum = 0
      for (const line of text.split('\n')) {
        try {
          const { at, cost } = JSON.parse(line) as Asked
          if (at >= since) sum += cost
        } catch {
          // Empty, or cut short by a crash: it was counted in no report either.
        }
      }
      return sum
    },
    async count(asked) {
      await mkdir(dirname(path), { recursive: true })
      // In one write, so that lines of several processes never mix.
      await appendFile(path, `${JSON.stringify(asked)}\n`)
    },
  }
}

/** A meter for one run that keeps nothing. */
export function memoryMeter(): Meter & { asked: Asked[] } {
  const asked: Asked[] = []
  return {
    asked,
    spentSince: async (since) => asked.reduce((sum, { at, cost }) => sum + (at >= since ? cost : 0), 0),
    count: async (one) => void asked.push(one),
  }
}
