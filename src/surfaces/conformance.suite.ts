import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, type TestContext, test } from 'vitest'
import { z } from 'zod'
import type {
  Change,
  Cursor,
  Item,
  Kind,
  Opened,
  OpenTools,
  Place,
  Placed,
  Suggestion,
  Surface,
} from '../contract/index.ts'
import { Fault, memoryVault } from '../contract/index.ts'

/**
 * A fresh, real medium (a folder, a workbook, a server's account) with at least two open items and one example of
 * history, and hands on it that act as another program would: never through the surface. A hook is left out where
 * the medium has no such thing, and its tests are skipped.
 */
export interface Medium<K extends Kind> {
  settings: unknown
  /** Settings that the surface's schema must refuse, besides none at all. */
  invalid: unknown[]
  /** Everything that is on the medium now, as name → content. Without times and without Inlay's own folder. */
  snapshot(): Promise<Record<string, string>>
  /** A new open item, with a key that was not there before. */
  newItem(): Promise<void>
  /** A person does the deed with this item. */
  doDeed(key: string): Promise<void>
  /** A person takes away what Inlay placed on this item, and nothing else. */
  removePlacement?(key: string): Promise<void>
  /** A person deletes this item. */
  dropItem?(key: string): Promise<void>
  /** Takes the whole medium away. */
  vanish?(): Promise<void>
  /** People load the tool anew; where it shows things only until then, those are gone. */
  reload?(): Promise<void>
  /** Something that can be placed on this item. */
  suggestion(item: Item<K>): Suggestion<K>
  /** Stops and removes what `make` started. */
  remove?(): Promise<void>
}

export type Makers = { [K in Kind]?: () => Promise<Medium<K>> }

/**
 * The one test of every surface, called in a few lines from its own:
 * `surfaceConformance(csv, { record: makeLeads, table: makeColumn })`, one maker a kind that the surface offers.
 */
export function surfaceConformance(surface: Surface, makers: Makers) {
  for (const kind of Object.keys(makers) as Kind[]) {
    // One loop over all kinds: what is told apart by kind stands in the makers.
    const make = makers[kind] as () => Promise<Medium<Kind>>
    describe(`${surface.name} as a surface of kind ${kind}`, () => conformance(surface, kind, make))
  }
}

function conformance(surface: Surface, kind: Kind, make: () => Promise<Medium<Kind>>) {
  test('takes its settings, refuses invalid ones, and describes every field', async () => {
    const { medium } = await begin()
    expect(surface.settings.safeParse(medium.settings).error).toBeUndefined()
    for (const wrong of [undefined, null, 7, ...medium.invalid]) {
      expect(surface.settings.safeParse(wrong).success, `settings ${JSON.stringify(wrong)}`).toBe(false)
    }
    expect(fieldsWithoutDescription(surface)).toEqual([])
    expect(surface.about).not.toBe('')
  })

  test('opens, tells its history and closes without changing anything', async () => {
    const { medium, open } = await begin()
    const before = await medium.snapshot()
    const { opened, place } = await open()
    const examples = await gather(place.history())
    expect(examples.length).toBeGreaterThan(0)
    let last = Number.NEGATIVE_INFINITY
    for (const { item, deed } of examples) {
      expect(item.kind).toBe(kind)
      expect(deed.kind).toBe(kind)
      expect(item.key).not.toBe('')
      expect(item.group).not.toBe('')
      if (deed.person !== null) expect(deed.person, 'a pseudonym, never a raw identity').toMatch(/^someone-/)
      if (deed.seconds !== null) expect(deed.secondsFrom).not.toBeNull()
      if (item.at === null) continue
      expect(item.at, 'oldest first').toBeGreaterThanOrEqual(last)
      last = item.at
    }
    await opened.close()
    expect(await medium.snapshot()).toEqual(before)
  })

  test('tells the open items first, then that it has caught up', async () => {
    const { watch } = await begin()
    const { changes } = await watch(null)
    expect(changes.at(-1)!.type).toBe('caught up')
    expect(changes.slice(0, -1).every(({ type }) => type === 'item')).toBe(true)
    const keys = changes.flatMap((change) => (change.type === 'item' ? [change.item.key] : []))
    expect(keys.length, 'the maker promises two open items').toBeGreaterThanOrEqual(2)
    expect(new Set(keys).size).toBe(keys.length)
    for (const change of changes) if (change.type === 'item') expect(change.item.kind).toBe(kind)
  })

  test('tells a new item, its deed, and that an item is gone', async (context) => {
    const { medium, watch } = await begin()
    const listener = await watch(null)
    const item = await appears(medium, listener)
    await medium.doDeed(item.key)
    const change = await listener.until((each) => each.type === 'deed' && each.key === item.key)
    expect(change.type === 'deed' && change.deed.kind).toBe(kind)
    const { dropItem } = offered(context, medium, 'dropItem')
    const [dropped] = listener.items().filter(({ key }) => key !== item.key)
    await dropItem(dropped!.key)
    await listener.until((each) => each.type === 'gone' && each.key === dropped!.key)
  })

  test('tells that a person took a placement away, and does not put it back', async (context) => {
    const { medium, open, watch } = await begin()
    const { removePlacement } = offered(context, medium, 'removePlacement')
    const listener = await watch(null)
    const { place } = await open()
    const [item] = listener.items()
    const suggestion = medium.suggestion(item!)
    const placed = placement(await place.place(item!, suggestion, 'key-1'))
    await appears(medium, listener)
    expect(about(listener.changes, item!.key), 'our own hand is no change').toEqual(['item'])
    await removePlacement(item!.key)
    await listener.until((each) => each.type === 'removed' && each.key === item!.key)
    const without = await medium.snapshot()
    await place.place(item!, suggestion, 'key-1')
    expect(await medium.snapshot()).toEqual(without)
    await place.withdraw(placed)
  })

  test('misses nothing that happened while it was closed', async (context) => {
    const { medium, watch } = await begin()
    const first = await watch(null)
    const items = first.items()
    const { cursor } = first.changes.at(-1)!
    await first.stop()
    const [done, dropped] = items
    await medium.doDeed(done!.key)
    await medium.newItem()
    await medium.dropItem?.(dropped!.key)

    const second = await watch(cursor)
    expect(about(second.changes, done!.key)).toContain('deed')
    const known = new Set(items.map(({ key }) => key))
    expect(second.items().filter(({ key }) => !known.has(key))).toHaveLength(1)
    offered(context, medium, 'dropItem')
    expect(about(second.changes, dropped!.key)).toContain('gone')
  })

  test('tells after a restart that a placement was taken away', async (context) => {
    const { medium, open, watch } = await begin()
    const { removePlacement } = offered(context, medium, 'removePlacement')
    const first = await watch(null)
    const [item] = first.items()
    const { place } = await open()
    placement(await place.place(item!, medium.suggestion(item!), 'key-1'))
    await appears(medium, first)
    const { cursor } = first.changes.at(-1)!
    await first.stop()
    await removePlacement(item!.key)
    const second = await watch(cursor)
    expect(about(second.changes, item!.key)).toContain('removed')
  })

  test('goes on from a cursor in the middle of a catch-up', async () => {
    const { medium, watch } = await begin()
    const first = await watch(null)
    const [early, ...later] = first.items()
    const { cursor } = first.changes[0]!
    await first.stop()
    await medium.doDeed(early!.key)
    const second = await watch(cursor)
    const told = new Set(second.items().map(({ key }) => key))
    for (const { key } of later) expect(told).toContain(key)
    expect(about(second.changes, early!.key)).toContain('deed')
  })

  test('places exactly once a key: called twice, at the same time, and after opening again', async () => {
    const { medium, open, watch } = await begin()
    const [item] = (await watch(null)).items()
    const suggestion = medium.suggestion(item!)
    const { opened, place } = await open()
    const clean = await medium.snapshot()
    const both = await Promise.all([1, 2].map(() => place.place(item!, suggestion, 'key-1')))
    const [one, two] = both.map(placement)
    expect(two).toEqual(one)
    expect(one!.key).toBe('key-1')
    const once = await medium.snapshot()
    expect(once).not.toEqual(clean)
    expect(placement(await place.place(item!, suggestion, 'key-1'))).toEqual(one)
    await opened.close()
    const again = await open()
    expect(placement(await again.place.place(item!, suggestion, 'key-1'))).toEqual(one)
    expect(await medium.snapshot()).toEqual(once)
  })

  test('does not take what Inlay placed for what a person did', async () => {
    const { medium, open, watch } = await begin()
    const listener = await watch(null)
    const { opened, place } = await open()
    const before = await gather(place.history())
    const [item] = listener.items()
    placement(await place.place(item!, medium.suggestion(item!), 'key-1'))
    const card = { title: 'This exists now', text: 'Here is what it does. Here is the button.' }
    await place.announce?.(card)
    const answers = [{ answer: true, label: 'Yes' }]
    const ask = {
      title: 'Still good?',
      text: 'One click.',
      key: 'card-1',
      ask: { question: 'satisfied' as const, answers },
    }
    for (let times = 0; times < 2; times++) await place.announce?.(ask)
    const known = listener.items().map(({ key }) => key)
    await appears(medium, listener)
    expect(about(listener.changes, item!.key)).toEqual(['item'])
    await opened.close()

    const again = await open()
    expect(await gather(again.place.history())).toEqual(before)
    const fresh = await watch(null)
    expect(fresh.items()).toHaveLength(known.length + 1)
    expect(fresh.items().find(({ key }) => key === item!.key)).toEqual(item)
  })

  test('never replaces what a person did, and says so as a result', async () => {
    const { medium, open, watch } = await begin()
    const [item] = (await watch(null)).items()
    const { place } = await open()
    await medium.doDeed(item!.key)
    const before = await medium.snapshot()
    const placed = await place.place(item!, medium.suggestion(item!), 'key-1')
    expect(placed).toMatchObject({ placed: false, because: expect.stringMatching(/\w+ \w+/) })
    expect(await medium.snapshot()).toEqual(before)
  })

  test('withdraws without a trace, also twice and after opening again', async () => {
    const { medium, open, watch } = await begin()
    const [item, other] = (await watch(null)).items()
    const before = await medium.snapshot()
    const first = await open()
    const one = placement(await first.place.place(item!, medium.suggestion(item!), 'key-1'))
    await first.place.withdraw(one)
    await medium.reload?.()
    expect(await medium.snapshot()).toEqual(before)
    await first.place.withdraw(one)
    const two = placement(await first.place.place(other!, medium.suggestion(other!), 'key-2'))
    await first.opened.close()
    await (await open()).place.withdraw(two)
    await medium.reload?.()
    expect(await medium.snapshot()).toEqual(before)
  })

  test('ends a watch when it is told to', async () => {
    const { open, watch } = await begin()
    const listener = await watch(null)
    await listener.stop()
    const { place } = await open()
    expect(await gather(place.watch(null, AbortSignal.abort()))).toEqual([])
  })

  test('says that a vanished medium is unreachable', async (context) => {
    const { medium, open, watch } = await begin()
    const { vanish } = offered(context, medium, 'vanish')
    const listener = await watch(null)
    await vanish()
    expect(await fault(() => listener.until(() => false))).toMatchObject({ kind: 'unreachable' })
    expect(await fault(open)).toMatchObject({ kind: 'unreachable' })
  })

  test('may be open twice at once', async () => {
    const { medium, open, watch } = await begin()
    const listeners = await Promise.all([watch(null), watch(null)])
    const opens = await Promise.all([open(), open()])
    const before = await medium.snapshot()
    const [item] = listeners[0]!.items()
    const suggestion = medium.suggestion(item!)
    const placed = await Promise.all(opens.map(({ place }) => place.place(item!, suggestion, 'key-1')))
    const [one, two] = placed.map(placement)
    expect(two).toEqual(one)
    await opens[1]!.place.withdraw(one!)
    await medium.reload?.()
    expect(await medium.snapshot()).toEqual(before)
    const known = new Set(listeners.flatMap((listener) => listener.items()).map(({ key }) => key))
    await medium.newItem()
    const fresh = (each: Change) => each.type === 'item' && !known.has(each.item.key)
    await Promise.all(listeners.map((listener) => listener.until(fresh)))
  })

  /** A fresh medium, and ways to open the surface on it that end with the test. */
  async function begin() {
    const medium = await make()
    const folder = await mkdtemp(join(tmpdir(), 'inlay-surface-'))
    const tools: OpenTools = {
      now: Date.now,
      pseudonym: (raw) => `someone-${raw.length}`,
      folder,
      vault: memoryVault(),
    }
    const running: Array<() => Promise<unknown>> = []
    // Hooks of one test run last in, first out: watches stop before the medium goes.
    onTestFinished(async () => {
      await Promise.allSettled(running.map((stop) => stop()))
      await medium.remove?.()
      await rm(folder, { recursive: true, force: true })
    })
    async function open() {
      const opened: Opened = await surface.open(surface.settings.parse(medium.settings), tools)
      running.push(() => opened.close())
      expect(opened[kind], `the surface offers ${kind}`).toBeDefined()
      return { opened, place: opened[kind] as Place }
    }
    /** Watches with an opening of its own, and returns once it has caught up. */
    async function watch(since: Cursor | null) {
      const { opened, place } = await open()
      const listener = listen(place, since)
      async function stop() {
        await listener.stop()
        await opened.close()
      }
      running.push(stop)
      await listener.until(({ type }) => type === 'caught up')
      return { ...listener, stop }
    }
    return { medium, open, watch }
  }
}

type Listener = ReturnType<typeof listen>

/** How long a change may take before a test gives up on it: a safety net, not a promise of speed. */
const patienceMs = 90_000

/** Collects what a watch tells, in the background. */
function listen(place: Place, since: Cursor | null) {
  const changes: Change[] = []
  const abort = new AbortController()
  let wake = () => {}
  let failure: { error: unknown } | null = null
  const ended = (async () => {
    try {
      for await (const change of place.watch(since, abort.signal)) {
        changes.push(change)
        wake()
      }
    } catch (error) {
      failure = { error }
    }
    wake()
  })()

  /** Waits for a change that matches, also one that came before; fails with what came instead. */
  async function until(matches: (change: Change) => boolean): Promise<Change> {
    const deadline = Date.now() + patienceMs
    for (let next = 0; ; ) {
      while (next < changes.length) if (matches(changes[next++]!)) return changes[next - 1]!
      if (failure) throw failure.error
      const left = deadline - Date.now()
      if (left <= 0) throw new Error(`waited in vain; it told ${JSON.stringify(changes).slice(0, 2000)}`)
      await within(new Promise<void>((resolve) => (wake = resolve)), left)
    }
  }
  async function stop() {
    abort.abort()
    const done = await within(
      ended.then(() => true),
      patienceMs,
    )
    if (!done) throw new Error('the watch did not end after its signal was aborted')
    if (failure && !(failure.error instanceof Fault)) throw failure.error
  }
  const items = () => changes.flatMap((change) => (change.type === 'item' ? [change.item] : []))
  return { changes, until, stop, items }
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms)
  })
  return Promise.race([promise, timeout]).finally(() => clearTimeout(timer))
}

/** A new item by another program's hand, as a watch tells it. */
async function appears(medium: Medium<Kind>, listener: Listener): Promise<Item> {
  const known = new Set(listener.items().map(({ key }) => key))
  await medium.newItem()
  const change = await listener.until((each) => each.type === 'item' && !known.has(each.item.key))
  return (change as Change & { type: 'item' }).item
}

/** The types of the changes about one item, in order, each once. */
function about(changes: Change[], key: string): string[] {
  const types = changes.flatMap((change) => {
    if (change.type === 'item') return change.item.key === key ? [change.type] : []
    return 'key' in change && change.key === key ? [change.type] : []
  })
  return [...new Set(types)]
}

function placement(placed: Placed) {
  if (!placed.placed) throw new Error(`not placed: ${placed.because}`)
  return placed.placement
}

/** The medium with this hook for certain; skips the (rest of the) test where it is not offered. */
function offered<Hook extends 'removePlacement' | 'dropItem' | 'vanish'>(
  context: TestContext,
  medium: Medium<Kind>,
  hook: Hook,
): Record<Hook, NonNullable<Medium<Kind>[Hook]>> {
  if (!medium[hook]) context.skip(`this medium has no ${hook}`)
  return medium as Medium<Kind> & Record<Hook, NonNullable<Medium<Kind>[Hook]>>
}

async function fault(act: () => Promise<unknown>): Promise<Fault> {
  try {
    await act()
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
  throw new Error('expected a Fault, and none came')
}

async function gather<T>(things: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const thing of things) all.push(thing)
  return all
}

/** Prompt, form and docs are made from the descriptions, so each field needs one. */
function fieldsWithoutDescription(surface: Surface): string[] {
  const schema = z.toJSONSchema(surface.settings, { unrepresentable: 'any', io: 'input' })
  const properties = Object.entries(schema.properties ?? {})
  expect(properties.length).toBeGreaterThan(0)
  return properties.flatMap(([name, field]) => (typeof field === 'object' && field.description ? [] : [name]))
}
