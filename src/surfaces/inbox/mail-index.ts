import { appendFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { alone } from '../alone.ts'
import { parseLine } from '../growing-lines.ts'

/** What is remembered of a message file, by the part of its name that stays, so that it is read only once. */
export interface KnownMail {
  unique: string
  key: string
  group: string
  id: string | null
  inReplyTo: string | null
  at: number | null
  /** Address of the sender. */
  from: string | null
  inlay: string | null
  /** In bytes, where the mailbox tells it without reading the mail. */
  size?: number
  /** Gmail's labels of it, by their ids, and its thread. */
  labels?: string[]
  thread?: string
}

/** What a watch told last about an item. */
export interface Told {
  key: string
  state: 'open' | 'done' | 'gone'
  label: string | null
  /** File of the answer, by the part of its name that stays. */
  reply: string | null
  /** When it was noticed, by the machine's clock, in milliseconds since the epoch. */
  at: number
}

/**
 * A surface's memory between runs, kept in its private folder as JSON lines that are only ever appended (and
 * rewritten when most of them are stale). It is a cache: with the file lost, all is read and told again.
 */
export interface MailIndex {
  mails: Map<string, KnownMail>
  told: Map<string, Told>
  remember(mail: KnownMail): void
  /** The mail is where nobody need know of it any more. */
  forget(unique: string): void
  tell(told: Told): void
  /** Writes what is new; to be awaited before a change is handed out. */
  flush(): Promise<void>
}

/** Told states of items that are gone or done are kept this long, for watches that come back late. */
const forgetAfterMs = { gone: 30 * 24 * 3600 * 1000, done: 90 * 24 * 3600 * 1000 }

export async function openIndex(folder: string): Promise<MailIndex> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, 'mailbox.jsonl')
  const lock = join(folder, 'mailbox.lock')
  const mails = new Map<string, KnownMail>()
  const told = new Map<string, Told>()
  let pending: string[] = []

  await alone(lock, async () => {
    let lines = 0
    for (const line of (await readFile(path, 'utf8').catch(() => '')).split('\n')) {
      const entry = parseLine<KnownMail | Told | { forgotten: string }>(line)
      if (!entry) continue
      lines++
      if ('unique' in entry) mails.set(entry.unique, entry)
      else if ('forgotten' in entry) mails.delete(entry.forgotten)
      else told.set(entry.key, entry)
    }
    if (lines < 1000 + 2 * (mails.size + told.size)) return
    for (const each of told.values()) {
      if (each.state !== 'open' && each.at < Date.now() - forgetAfterMs[each.state]) told.delete(each.key)
    }
    const kept = [...mails.values(), ...told.values()].map((each) => `${JSON.stringify(each)}\n`)
    await writeFile(`${path}.tmp`, kept.join(''))
    await rename(`${path}.tmp`, path)
  })

  return {
    mails,
    told,
    remember(mail) {
      const line = JSON.stringify(mail)
      // The copy matters: strings that were cut out of a head would keep the whole head in memory.
      mails.set(mail.unique, JSON.parse(line))
      pending.push(`${line}\n`)
    },
    forget(unique) {
      if (mails.delete(unique)) pending.push(`${JSON.stringify({ forgotten: unique })}\n`)
    },
    tell(state) {
      told.set(state.key, state)
      pending.push(`${JSON.stringify(state)}\n`)
    },
    async flush() {
      if (pending.length === 0) return
      const lines = pending
      pending = []
      // The line before may have been cut short by a crash.
      await alone(lock, () => appendFile(path, `\n${lines.join('')}`))
    },
  }
}
