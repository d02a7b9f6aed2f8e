import { type FSWatcher, watch as watchFolder } from 'node:fs'
import { mkdir, readdir, stat, unlink, utimes } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { type Change, type Cursor, Fault, type Kind } from '../../contract/index.ts'
import { readKept, writeKept } from '../kept.ts'
import type { Loaded } from './plan-write.ts'
import { digest } from './row-keys.ts'
import type { SheetFile } from './sheet-file.ts'
import type { ItemState, SheetKind, View } from './sheet-kind.ts'

export interface WatchPace {
  /** Milliseconds between two looks at the file. */
  poll: number
  /** How long a file must have rested before it is read again. */
  settle: number
  /** How long a file may be away, as while an editor replaces it. */
  vanished: number
  /** How long a file must have rested that does not parse, or has lost many rows: it may be half written. */
  suspicious: number
}

export const defaultPace: WatchPace = { poll: 250, settle: 50, vanished: 2000, suspicious: 2000 }

type States = Map<string, ItemState>

/** `n` steps of the way from one look at the file to another are done; looks are kept in the surface's folder. */
interface Bookmark {
  from: string | null
  to: string
  n: number
}

/** See `Place.watch`. Told at least once: what a restart finds is compared with the look that the cursor names. */
export async function* watchSheet<K extends Kind>(
  file: SheetFile,
  kind: SheetKind<K>,
  since: Cursor | null,
  signal: AbortSignal,
  now: () => number,
  pace: WatchPace = defaultPace,
): AsyncGenerator<Change<K>> {
  const looks = await openLooks(join(file.folder, kind.kind))
  let { id, states } = await looks.resume(since)
  const changes = file.changes?.(signal) ?? fileChanges(file, signal, pace)
  let live = false
  for await (const loaded of changes) {
    const view = await kind.view(loaded)
    const to = await looks.keep(view.states)
    if (live && to === id) continue
    const steps = stepsBetween(states, view.states)
    for (const [index, { key, types }] of steps.entries()) {
      for (const [nth, type] of types.entries()) {
        if (signal.aborted) return
        const done = nth === types.length - 1 ? index + 1 : index
        const cursor = bookmark({ from: id, to, n: done })
        yield { cursor, ...changeOf(view, key, type, live ? now() : null) } as Change<K>
      }
    }
    id = to
    states = view.states
    live = true
    if (signal.aborted) return
    yield { cursor: bookmark({ from: to, to, n: 0 }), type: 'caught up' }
  }
}

type ChangeType = 'item' | 'deed' | 'removed' | 'gone'

function changeOf<K extends Kind>(view: View<K>, key: string, type: ChangeType, at: number | null) {
  if (type === 'item') return { type, item: view.item(key) }
  if (type === 'deed') return { type, key, deed: { ...view.deed(key), at } }
  return type === 'removed' ? { type, key, at } : { type, key }
}

/** What to tell, in a fixed order, to somebody who knows `before`; null is somebody who knows nothing. */
function stepsBetween(before: States | null, after: States): { key: string; types: ChangeType[] }[] {
  const steps: { key: string; types: ChangeType[] }[] = []
  for (const [key, now] of after) {
    const was = before?.get(key)
    const types: ChangeType[] = []
    if (before === null) {
      if (now.open) types.push('item')
    } else {
      // A row that appears filled was an item and a deed in one.
      if (!was || (now.open && !was.open)) types.push('item')
      if (now.did !== '' && now.did !== was?.did) types.push('deed')
      if (now.placed === 'taken' && was?.placed !== 'taken') types.push('removed')
    }
    if (types.length > 0) steps.push({ key, types })
  }
  for (const key of before?.keys() ?? []) if (!after.has(key)) steps.push({ key, types: ['gone'] })
  return steps
}

function bookmark(mark: Bookmark): Cursor {
  return JSON.stringify(mark)
}

function readBookmark(cursor: Cursor): Bookmark {
  try {
    return JSON.parse(cursor) as Bookmark
  } catch (cause) {
    throw new Fault('bad-input', `"${cursor}" is no cursor of this surface: begin without one.`, { cause })
  }
}

/** Looks at the file, kept by what they saw; the newest few, as a cursor may name an older one. */
async function openLooks(folder: string) {
  await mkdir(folder, { recursive: true })
  const path = (id: string) => join(folder, `${id}.json`)
  const read = async (id: string | null): Promise<States | null> => {
    const entries =
      id === null ? null : await readKept<[string, boolean, string, ItemState['placed']][]>(path(id))
    return entries && new Map(entries.map(([key, open, did, placed]) => [key, { open, did, placed }]))
  }

  async function resume(since: Cursor | null): Promise<{ id: string | null; states: States | null }> {
    if (since === null) return { id: null, states: null }
    const { from, to, n } = readBookmark(since)
    const after = await read(to)
    const before = await read(from)
    // A look is lost: everything is told again, deeds too, as if the file had been empty.
    if (!after || (from !== null && !before)) return { id: await keep(new Map()), states: new Map() }
    const states = new Map(after)
    for (const { key } of stepsBetween(before, after).slice(n)) {
      const was = before?.get(key)
      if (was) states.set(key, was)
      else states.delete(key)
    }
    // The state in the middle is a look of its own, so that the next cursor can start from it.
    return { id: await keep(states), states }
  }

  async function keep(states: States): Promise<string> {
    const entries = Array.from(states, ([key, { open, did, placed }]) => [key, open, did, placed])
    const id = digest([JSON.stringify(entries)])
    const now = new Date()
    const known = await utimes(path(id), now, now).then(
      () => true,
      () => false,
    )
    if (known) return id
    await writeKept(path(id), entries)
    await forgetOld(folder)
    return id
  }

  return { resume, keep }
}

async function forgetOld(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'))
  if (names.length <= 16) return
  const dated = await Promise.all(
    names.map(async (name) => ({
      name,
      time: (await stat(join(folder, name)).catch(() => null))?.mtimeMs ?? 0,
    })),
  )
  const old = dated.sort((a, b) => b.time - a.time).slice(8)
  await Promise.all(old.map(({ name }) => unlink(join(folder, name)).catch(() => {})))
}

/**
 * The file, first as it is now, then each time that it has changed and rests again. Throws a Fault (`unreachable`)
 * when it has vanished, and what is wrong with it when it stays unreadable.
 */
async function* fileChanges(file: SheetFile, signal: AbortSignal, pace: WatchPace) {
  const nap = napping(file.path, signal)
  try {
    let told: { version: string; rows: number } | null = null
    let last = ''
    let since = performance.now()
    while (!signal.aborted) {
      const version = await versionText(file.path)
      if (version !== last) since = performance.now()
      last = version
      const rested = performance.now() - since
      if (version === 'none') {
        if (rested >= pace.vanished) {
          throw new Fault('unreachable', `${file.path} has vanished: put it back, or name where it is now.`)
        }
      } else if (told === null || (version !== told.version && rested >= pace.settle)) {
        const insist = rested >= pace.suspicious
        const loaded = await loadRested(file, insist)
        const whole = loaded !== null && (insist || !lostMany(loaded.table.rows.length, told?.rows ?? 0))
        if (whole && (await versionText(file.path)) === version) {
          told = { version, rows: loaded.table.rows.length }
          yield loaded
          continue
        }
      }
      await nap.once(version === told?.version ? pace.poll : pace.settle)
    }
  } finally {
    nap.stop()
  }
}

/** More than people delete at once: a file that is being written from its beginning. */
function lostMany(rows: number, before: number): boolean {
  return before - rows > Math.max(10, before * 0.2)
}

/** Null while it does not parse and may be half written. */
async function loadRested(file: SheetFile, insist: boolean): Promise<Loaded | null> {
  try {
    return await file.load()
  } catch (error) {
    if (error instanceof Fault && (!insist || error.kind === 'busy' || error.kind === 'unreachable'))
      return null
    throw error
  }
}

async function versionText(path: string): Promise<string> {
  const now = await stat(path, { bigint: true }).catch(() => null)
  return now === null ? 'none' : `${now.ino} ${now.size} ${now.mtimeNs} ${now.ctimeNs}`
}

/** Sleeps, until the folder says that something happened to the file, or it is time to look anyway. */
function napping(path: string, signal: AbortSignal) {
  let wake = () => {}
  const name = basename(path)
  let watcher: FSWatcher | null = null
  try {
    watcher = watchFolder(dirname(path), { persistent: false }, (_, changed) => {
      if (changed === name) wake()
    })
    // Folders on a network, or too many watches: looking now and then is enough.
    watcher.on('error', () => watcher?.close())
  } catch {
    watcher = null
  }
  const onAbort = () => wake()
  signal.addEventListener('abort', onAbort)
  return {
    once(ms: number): Promise<void> {
      return new Promise((resolve) => {
        const timer = setTimeout(done, ms)
        function done() {
          clearTimeout(timer)
          wake = () => {}
          resolve()
        }
        wake = done
        if (signal.aborted) done()
      })
    },
    stop() {
      signal.removeEventListener('abort', onAbort)
      watcher?.close()
    },
  }
}
