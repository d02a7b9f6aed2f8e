import { randomBytes } from 'node:crypto'
import { closeSync, openSync, writeSync } from 'node:fs'
import { mkdir, readdir, readFile, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { type Cursor, Fault } from '../../contract/index.ts'

/** What was last told of one record. */
export interface RecordState {
  open: boolean
  /** What became of it, in little; '' for nothing. */
  did: string
  placed: '' | 'there' | 'taken'
}

type Stored = [key: string, open: 0 | 1, did: string, placed: RecordState['placed']]
type Line = Stored | [gone: string] | { position: string } | { whole: true }

export type Noted = { key: string; state: RecordState | null } | { position: string } | { whole: true }

/**
 * What a watch has told, as it told it: a file that begins with all states and goes on with one line a change, so that
 * a cursor is the file's name and a number of lines, however many records there are.
 */
export interface RecordLog {
  states: Map<string, RecordState>
  position: string | null
  /** Whether everything was told once: until then, what is decided already is history and no news. */
  whole: boolean
  /** Notes changes, and gives the cursor after each. */
  add(changes: Noted[]): Cursor[]
  /** The cursor after all that was noted. */
  cursor(): Cursor
  close(): void
}

/** Older files than these many are of no watch that is still there. */
const kept = 8

/**
 * @param since as a `RecordLog` gave it. Null is somebody who knows nothing. Where its file is lost, everything is
 *   told again, deeds too, as if there had been no records.
 */
export async function openRecordLog(folder: string, since: Cursor | null): Promise<RecordLog> {
  await mkdir(folder, { recursive: true })
  const { states, position, whole } = since === null ? nothing(false) : await replay(folder, since)
  const file = { name: '', handle: -1, lines: 0, first: 0 }

  function begin(): void {
    if (file.handle >= 0) closeSync(file.handle)
    file.name = `${Date.now()}-${randomBytes(4).toString('hex')}`
    file.handle = openSync(join(folder, `${file.name}.jsonl`), 'ax')
    file.lines = 0
    file.first = states.size
    const all = Array.from(states, ([key, state]) => stored(key, state))
    writeSync(file.handle, `${JSON.stringify({ states: all, position: log.position, whole: log.whole })}\n`)
  }
  const log: RecordLog = {
    states,
    position,
    whole,
    add(changes) {
      // As many lines as there were records: from here on a new file is shorter.
      if (file.lines > 2 * file.first + 20_000) begin()
      const cursors: Cursor[] = []
      let text = ''
      for (const change of changes) {
        const line: Line = !('key' in change)
          ? change
          : change.state
            ? stored(change.key, change.state)
            : [change.key]
        text += `${JSON.stringify(line)}\n`
        if ('position' in change) log.position = change.position
        else if ('whole' in change) log.whole = true
        else if (change.state) states.set(change.key, change.state)
        else states.delete(change.key)
        cursors.push(`${file.name} ${++file.lines}`)
      }
      if (text) writeSync(file.handle, text)
      return cursors
    },
    cursor: () => `${file.name} ${file.lines}`,
    close: () => closeSync(file.handle),
  }
  begin()
  await forgetOld(folder)
  return log
}

const nothing = (whole: boolean) => ({
  states: new Map<string, RecordState>(),
  position: null as string | null,
  whole,
})

const stored = (key: string, { open, did, placed }: RecordState): Stored => [key, open ? 1 : 0, did, placed]

async function replay(folder: string, since: Cursor): Promise<ReturnType<typeof nothing>> {
  const [name, count] = since.split(' ')
  if (!/^[\w-]+$/.test(name ?? '') || !/^\d+$/.test(count ?? '')) {
    throw new Fault('bad-input', `"${since}" is no cursor of this surface: begin without one.`)
  }
  const text = await readFile(join(folder, `${name}.jsonl`), 'utf8').catch(() => null)
  const lines = text?.split('\n').slice(0, Number(count) + 1)
  // A line that a crash cut short, or that never reached the disk.
  if (!lines || lines.length <= Number(count) || lines.at(-1) === '') return nothing(true)
  const { states: all, ...head } = JSON.parse(lines[0]!) as {
    states: Stored[]
    position: string | null
    whole: boolean
  }
  const result = { states: new Map<string, RecordState>(), ...head }
  const set = ([key, open, did, placed]: Stored) => result.states.set(key, { open: open === 1, did, placed })
  for (const state of all) set(state)
  for (const line of lines.slice(1)) {
    const change = JSON.parse(line) as Line
    if (!Array.isArray(change)) Object.assign(result, change)
    else if (change.length === 1) result.states.delete(change[0])
    else set(change)
  }
  return result
}

async function forgetOld(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.jsonl'))
  if (names.length <= kept) return
  const dated = await Promise.all(
    names.map(async (name) => ({
      name,
      time: (await stat(join(folder, name)).catch(() => null))?.mtimeMs ?? 0,
    })),
  )
  const old = dated.sort((a, b) => b.time - a.time).slice(kept)
  await Promise.all(old.map(({ name }) => unlink(join(folder, name)).catch(() => {})))
}
