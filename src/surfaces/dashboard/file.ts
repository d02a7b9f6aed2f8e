import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, join, relative, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import {
  type Cell,
  type Change,
  type Cursor,
  type Example,
  Fault,
  type Place,
  type Placed,
  type Placement,
  type Report,
  type ReportDeed,
  type Suggestion,
  type Surface,
} from '../../contract/index.ts'
import { readWholeFile } from '../sheet/read-file.ts'
import { removeTemporaries, replaceFile, temporaryName } from '../sheet/replace-file.ts'
import { readTable } from '../sheet/table.ts'
import { datesAsIso } from './iso-dates.ts'
import { type CommentPlace, markOf, placedText, placesOf, shownText } from './report-text.ts'

const settings = z.object({
  folder: z
    .string()
    .min(1)
    .describe(
      'The folder with the reports (Markdown or HTML) and, in it or below, the tables that they are about',
    ),
})
type Settings = z.infer<typeof settings>

const pollMs = 200

/** Reports as files: a sentence or two where the report keeps a place for them. */
export const file: Surface<Settings> = {
  name: 'file',
  about: 'A folder of Markdown or HTML reports, each with a place for a comment on its table.',
  settings,
  hops: 0,
  async open({ folder }, tools) {
    const path = resolve(folder)
    await reportNames(path)
    mkdirSync(tools.folder, { recursive: true })
    for (const name of await reportNames(path)) await removeTemporaries(join(path, name), owner)
    return { report: reportPlace(path, tools.folder, tools.now), close: async () => {} }
  },
}

const owner = 'report'

/** What is known of one comment place; a change of it is a `Change`. */
interface State {
  open: boolean
  /** Digest of the comment that a person wrote, else empty. */
  did: string
  taken: boolean
}

interface Found {
  key: string
  path: string
  html: boolean
  text: string
  comment: CommentPlace
}

/** One line of the journal: what was put where, and what stood there. */
interface Put {
  key: string
  item: string
  mark: string
  was: string
  put: string
}
type Line = { type: 'intent'; put: Put } | { type: 'done' | 'withdrawn'; key: string }

function reportPlace(folder: string, own: string, now: () => number): Place<'report'> {
  const journalPath = join(own, 'reports.jsonl')

  function journal() {
    const puts = new Map<string, Put>()
    const done = new Set<string>()
    const withdrawn = new Set<string>()
    for (const text of existsSync(journalPath) ? readFileSync(journalPath, 'utf8').split('\n') : []) {
      const line = parsed(text)
      if (!line) continue
      if (line.type === 'intent') puts.set(line.put.key, line.put)
      else (line.type === 'done' ? done : withdrawn).add(line.key)
    }
    return { puts, done, withdrawn }
  }
  const note = (line: Line) => appendFileSync(journalPath, `${JSON.stringify(line)}\n`)

  async function places(): Promise<Found[]> {
    const found: Found[] = []
    for (const name of await reportNames(folder)) {
      const path = join(folder, name)
      const text = await readReport(path)
      if (text === null) continue
      for (const comment of placesOf(text)) {
        const key = comment.number === 1 ? name : `${name}#${comment.number}`
        found.push({ key, path, html: isHtml(name), text, comment })
      }
    }
    return found
  }

  /** Null where the table of a comment cannot be read (yet): then there is nothing to tell about. */
  async function reportOf({ key, comment }: Found): Promise<Report | null> {
    const path = resolve(folder, comment.table)
    // A report names its table, and nothing else on this machine.
    if (relative(folder, path).startsWith('..') || !existsSync(path)) return null
    try {
      const { columns, rows } = await readTable(path)
      const { dated, newest } = withIsoDates(columns.length, rows)
      return { kind: 'report', key, group: key, at: newest, columns, rows: dated }
    } catch (error) {
      if (error instanceof Fault) return null
      throw error
    }
  }

  function stateOf(found: Found, { puts, done, withdrawn }: ReturnType<typeof journal>): State {
    const { comment, key, html } = found
    const text = shownText(comment.inside, html)
    const put = [...puts.values()].findLast((each) => each.item === key && !withdrawn.has(each.key))
    const untouched = put !== undefined && comment.inside === put.put
    const mine = untouched || text === '' || (put !== undefined && sameWords(text, shownText(put.put, html)))
    return {
      open: mine,
      did: mine ? '' : digest(text),
      taken: put !== undefined && done.has(put.key) && text === '',
    }
  }

  const deedOf = ({ comment, html }: Found, at: number | null): ReportDeed => ({
    kind: 'report',
    text: shownText(comment.inside, html),
    at,
    person: null,
    seconds: null,
    secondsFrom: null,
  })

  async function* history(): AsyncGenerator<Example<'report'>> {
    const { puts } = journal()
    const placed = new Set([...puts.values()].map(({ item }) => item))
    const examples: Example<'report'>[] = []
    for (const found of await places()) {
      // What was ours once, reworded or not, is no example of what people write by themselves.
      if (placed.has(found.key) || markOf(found.comment.inside) !== null) continue
      if (shownText(found.comment.inside, found.html) === '') continue
      const item = await reportOf(found)
      if (item) examples.push({ item, deed: deedOf(found, (await stat(found.path)).mtimeMs) })
    }
    yield* examples.sort(
      (a, b) => (a.item.at ?? Number.NEGATIVE_INFINITY) - (b.item.at ?? Number.NEGATIVE_INFINITY),
    )
  }

  async function* watch(since: Cursor | null, signal: AbortSignal): AsyncGenerator<Change<'report'>> {
    const known = since === null ? null : knownFrom(since)
    const states = known ?? new Map<string, State>()
    let live = false
    let seen = ''
    while (!signal.aborted) {
      const version = await folderVersion(folder, journalPath)
      if (version === seen) {
        await sleep(pollMs, undefined, { signal }).catch(() => {})
        continue
      }
      const all = await places()
      const log = journal()
      const readable: { found: Found; item: Report; state: State }[] = []
      for (const found of all) {
        const item = await reportOf(found)
        if (item) readable.push({ found, item, state: stateOf(found, log) })
      }
      if (!live && known === null) {
        for (const { found, state } of readable) if (!state.open) states.set(found.key, state)
      }
      const at = live ? now() : null
      for (const { found, item, state } of readable) {
        const was = states.get(found.key)
        const tell = function* (
          changes: (
            | { type: 'item'; item: Report }
            | { type: 'deed'; key: string; deed: ReportDeed }
            | { type: 'removed'; key: string; at: number | null }
          )[],
        ) {
          for (const [index, change] of changes.entries()) {
            // Half-told is not known: the last of its changes carries the new state.
            if (index === changes.length - 1) states.set(found.key, state)
            yield { cursor: cursorOf(states), ...change }
          }
        }
        const changes = []
        if (!was || (state.open && !was.open)) changes.push({ type: 'item' as const, item })
        if (state.did !== '' && state.did !== was?.did) {
          changes.push({ type: 'deed' as const, key: found.key, deed: deedOf(found, at) })
        }
        if (state.taken && was && !was.taken) changes.push({ type: 'removed' as const, key: found.key, at })
        if (changes.length === 0) states.set(found.key, state)
        for (const change of tell(changes)) {
          yield change
          if (signal.aborted) return
        }
      }
      const there = new Set(readable.map(({ found }) => found.key))
      for (const key of [...states.keys()]) {
        if (there.has(key)) continue
        states.delete(key)
        yield { cursor: cursorOf(states), type: 'gone', key }
        if (signal.aborted) return
      }
      if (!live || seen !== version) yield { cursor: cursorOf(states), type: 'caught up' }
      live = true
      seen = version
    }
  }

  async function place(item: Report, suggestion: Suggestion<'report'>, key: string): Promise<Placed> {
    return oneAtATime(folder, async () => {
      const placement: Placement = { key, ref: item.key }
      for (let attempt = 0; attempt < 5; attempt++) {
        const { puts, done, withdrawn } = journal()
        if (done.has(key) || withdrawn.has(key)) return { placed: true, placement }
        const found = (await places()).find((each) => each.key === item.key)
        if (!found)
          return { placed: false, because: `The report ${item.key} has no place for a comment any more.` }
        const mark = digest(key)
        if (puts.has(key) && markOf(found.comment.inside) === mark) {
          // It was written just before a crash.
          note({ type: 'done', key })
          return { placed: true, placement }
        }
        if (shownText(found.comment.inside, found.html) !== '') {
          return { placed: false, because: `Somebody has written a comment in ${item.key} already.` }
        }
        const newline = found.text.includes('\r\n') ? '\r\n' : '\n'
        const was = found.comment.inside
        const put = placedText(suggestion.value.text, mark, found.html, newline)
        const line: Line = { type: 'intent', put: { key, item: item.key, mark, was, put } }
        if (await rewrite(found, was, put, () => note(line))) {
          note({ type: 'done', key })
          return { placed: true, placement }
        }
      }
      return { placed: false, because: `${item.key} changes all the time; Inlay tries again later.` }
    })
  }

  async function withdraw({ key }: Placement): Promise<void> {
    await oneAtATime(folder, async () => {
      for (let attempt = 0; attempt < 5; attempt++) {
        const { puts, withdrawn } = journal()
        const put = puts.get(key)
        if (!put || withdrawn.has(key)) return
        const found = (await places()).find((each) => each.key === put.item)
        // What a person has made of it is theirs.
        const ours = found?.comment.inside === put.put
        if (!found || !ours || (await rewrite(found, put.put, put.was, () => {}))) {
          note({ type: 'withdrawn', key })
          return
        }
      }
      throw new Fault('busy', `${basename(folder)} changes all the time: Inlay takes its comment back later.`)
    })
  }

  return { history, watch, place, withdraw }
}

/** Replaces what stands in a comment place, if it still stands there; false when somebody was faster. */
async function rewrite(found: Found, was: string, put: string, before: () => void): Promise<boolean> {
  const { bytes, version } = await readWholeFile(found.path, 'unreachable')
  const text = bytes.toString('utf8')
  const comment = placesOf(text).find(({ number }) => number === found.comment.number)
  if (!comment || comment.inside !== was) return false
  const after = text.slice(0, comment.start) + put + text.slice(comment.end)
  return replaceFile({
    path: found.path,
    bytes: Buffer.from(after, 'utf8'),
    from: version,
    temporary: temporaryName(found.path, owner),
    async beforeRename() {
      before()
    },
  })
}

async function reportNames(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((cause) => {
    throw new Fault('unreachable', `The folder ${folder} cannot be read: put it back, or name another.`, {
      cause,
    })
  })
  return names.filter((name) => /\.(md|markdown|html?)$/i.test(name) && !name.startsWith('.')).sort()
}

const isHtml = (name: string): boolean => /\.html?$/i.test(name)

/** Null where it has gone in this moment, or is not UTF-8: what cannot be written back byte for byte is left alone. */
async function readReport(path: string): Promise<string | null> {
  try {
    const { bytes } = await readWholeFile(path, 'unreachable')
    const text = bytes.toString('utf8')
    return Buffer.from(text, 'utf8').equals(bytes) ? text : null
  } catch (error) {
    if (error instanceof Fault) return null
    throw error
  }
}

/** Changes when any report, table or the journal does. */
async function folderVersion(folder: string, journalPath: string): Promise<string> {
  const names = await readdir(folder, { recursive: true }).catch((cause) => {
    throw new Fault(
      'unreachable',
      `The folder ${folder} has vanished: put it back, or name where it is now.`,
      { cause },
    )
  })
  const parts: string[] = []
  for (const path of [
    ...names.filter((name) => !name.includes('.inlay-')).map((name) => join(folder, name)),
    journalPath,
  ]) {
    const at = await stat(path, { bigint: true }).catch(() => null)
    if (at) parts.push(`${path} ${at.ino} ${at.size} ${at.mtimeNs}`)
  }
  return digest(parts.sort().join('\n'))
}

/** The rows with every column of dates as ISO 8601, and the newest date of the first one: when the report became due. */
function withIsoDates(width: number, rows: Cell[][]): { dated: Cell[][]; newest: number | null } {
  const dated = rows.map((row) => [...row])
  let newest: number | null = null
  for (let column = 0; column < width; column++) {
    const cells = rows.map((row) => row[column] ?? null)
    const texts = [...new Set(cells.filter((cell) => typeof cell === 'string'))]
    const dates = datesAsIso(texts)
    const instants = dates.map((date) => (/^\d{4}-\d{2}-\d{2}/.test(date) ? Date.parse(date) : Number.NaN))
    if (instants.length === 0 || instants.some(Number.isNaN)) continue
    newest ??= instants.reduce((latest, at) => Math.max(latest, at))
    const isoOf = new Map(texts.map((text, i) => [text, dates[i]!]))
    for (const row of dated) {
      const cell = row[column]
      if (typeof cell === 'string') row[column] = isoOf.get(cell)!
    }
  }
  return { dated, newest }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16)

const sameWords = (a: string, b: string): boolean => a.replace(/\s+/g, ' ') === b.replace(/\s+/g, ' ')

function parsed(line: string): Line | null {
  try {
    return line === '' ? null : (JSON.parse(line) as Line)
  } catch {
    // The last line of a crash may be half written; what it meant to say was not done yet.
    return null
  }
}

const cursorOf = (states: Map<string, State>): Cursor =>
  JSON.stringify(Array.from(states, ([key, { open, did, taken }]) => [key, open, did, taken]))

function knownFrom(cursor: Cursor): Map<string, State> {
  try {
    const entries = JSON.parse(cursor) as [string, boolean, string, boolean][]
    return new Map(entries.map(([key, open, did, taken]) => [key, { open, did, taken }]))
  } catch (cause) {
    throw new Fault(
      'bad-input',
      `"${cursor.slice(0, 60)}" is no cursor of this surface: begin without one.`,
      { cause },
    )
  }
}

const queues = new Map<string, Promise<unknown>>()

/** Two openings of one folder write one after the other; another process is caught by the file's version. */
function oneAtATime<T>(folder: string, act: () => Promise<T>): Promise<T> {
  const before = queues.get(folder) ?? Promise.resolve()
  const mine = before.then(act, act)
  queues.set(
    folder,
    mine.catch(() => {}),
  )
  return mine
}
