import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { alone } from '../alone.ts'
import { growingLines } from '../growing-lines.ts'

/** One line of the log: what happened to an item, or what a person said. It holds no text of a message. */
export type LogLine =
  | { type: 'item'; key: string; at: number; size: string }
  /** Done before anybody was told of it: nobody is. `user` is who did it. */
  | { type: 'known'; key: string; at: number; print: string; user: string | null; size: string }
  | { type: 'deed'; key: string; at: number; print: string; user: string | null; size: string }
  | { type: 'gone'; key: string; at: number }
  | { type: 'removed'; key: string; at: number }
  | { type: 'answer'; card: string; user: string; answer: boolean | number; at: number }
  | { type: 'wish'; user: string; wish: 'on' | 'off'; ts: string; at: number }
  /** A card was begun, and then put, where this person reads their messages. */
  | { type: 'card'; card: string; user: string; state: 'begun' | 'there'; at: number }

export interface KeyState {
  state: 'open' | 'done' | 'gone'
  /** What tells one deed on it from another. */
  print: string
  /** How much was written below it then. */
  size: string
  at: number
}

/**
 * What was noticed in Slack, in order: its line number is the bookmark of a watch. Everybody with the same folder
 * writes the same log, so that nothing is told twice and everybody tells the same.
 */
export interface SlackLog {
  readonly lines: readonly LogLine[]
  readonly states: ReadonlyMap<string, KeyState>
  /** How often each person did the deed, by channel. */
  readonly doers: ReadonlyMap<string, ReadonlyMap<string, number>>
  /** People for whom it is off, by their own word. */
  readonly off: ReadonlySet<string>
  refresh(): Promise<void>
  /** Runs `work` on what is written now, while nobody else writes. */
  alone<T>(work: (write: (line: LogLine) => void) => T | Promise<T>): Promise<T>
}

export async function openLog(folder: string): Promise<SlackLog> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, 'slack.jsonl')
  const lines: LogLine[] = []
  const states = new Map<string, KeyState>()
  const doers = new Map<string, Map<string, number>>()
  const off = new Set<string>()

  function take(line: LogLine) {
    lines.push(line)
    if (line.type === 'wish') {
      if (line.wish === 'off') off.add(line.user)
      else off.delete(line.user)
    } else if (line.type === 'item')
      states.set(line.key, { state: 'open', print: '', size: line.size, at: line.at })
    else if (line.type === 'gone') states.set(line.key, { state: 'gone', print: '', size: '', at: line.at })
    else if (line.type === 'deed' || line.type === 'known') {
      states.set(line.key, { state: 'done', print: line.print, size: line.size, at: line.at })
      if (line.user) {
        const channel = line.key.slice(0, line.key.indexOf(':'))
        const counts = doers.get(channel) ?? new Map<string, number>()
        doers.set(channel, counts.set(line.user, (counts.get(line.user) ?? 0) + 1))
      }
    }
  }

  const refresh = growingLines<LogLine>(path, take)
  await refresh()
  return {
    lines,
    states,
    doers,
    off,
    refresh,
    alone: (work) =>
      alone(join(folder, 'slack.lock'), async () => {
        await refresh()
        const fresh: string[] = []
        const done = await work((line) => fresh.push(`${JSON.stringify(line)}\n`))
        // A line that a crash cut short is closed by the break before the next one.
        if (fresh.length > 0) await appendFile(path, `\n${fresh.join('')}`, { flush: true })
        await refresh()
        return done
      }),
  }
}
