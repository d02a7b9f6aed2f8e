import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import {
  type Card,
  type Change,
  type Deployment,
  type Fault,
  type Message,
  type Place,
  plainMessage,
  type Rollout,
  type Skill,
  type Surface,
} from '../contract/index.ts'
import { freshLedger } from '../ledger/testing.ts'
import { type EngineEvent, type EngineOptions, startEngine } from './index.ts'

/** A medium in memory, so that a test decides what happens when; real ones are in their own rooms' tests. */
export function makeDesk({ rightOf = 1, people }: { rightOf?: number; people?: string[] } = {}) {
  const message = (key: string, person: string | null = null): Message =>
    plainMessage(key, key, person === null ? {} : { person })
  const unknown = { at: null, person: null, seconds: null, secondsFrom: null, reply: null } as const
  const deed = (label: string) => ({ kind: 'message' as const, label, ...unknown })
  const changes: Change<'message'>[] = []
  const placed = new Map<string, string>()
  const cards: Card[] = []
  let wake = () => {}
  let failing: Fault | null = null
  const tell = (change: object) => {
    changes.push({ ...change, cursor: String(changes.length + 1) } as Change<'message'>)
    wake()
  }
  const place: Place<'message'> = {
    async *history() {
      for (let number = 0; number < 200; number++) yield { item: message(`old ${number}`), deed: deed('a') }
    },
    async *watch(since, signal) {
      signal.addEventListener('abort', () => wake())
      for (let next = Number(since ?? 0); !signal.aborted; ) {
        if (failing) throw failing
        if (next < changes.length) yield changes[next++]!
        else await new Promise<void>((resolve) => (wake = resolve))
      }
    },
    async place(item, suggestion, key) {
      if (failing) throw failing
      placed.set(item.key, suggestion.value.type === 'label' ? suggestion.value.label : '')
      return { placed: true, placement: { key, ref: item.key } }
    },
    async withdraw({ ref }) {
      placed.delete(ref)
    },
    async announce(card) {
      if (!cards.some(({ key }) => key === card.key)) cards.push(card)
    },
    ...(people && { people: async () => people }),
  }
  const surface: Surface = {
    name: 'memory',
    about: 'A test',
    settings: z.object({}),
    hops: 0,
    open: async () => ({ message: place, close: async () => {} }),
  }
  /** Always says "a". */
  const skill: Skill<'message', null> = {
    name: 'always',
    kind: 'message',
    about: 'A test',
    version: 1,
    learn: async () => null,
    suggest: async () => ({
      kind: 'message',
      value: { type: 'label', label: 'a' },
      confidence: 0.9,
      reasons: [],
    }),
    judge: (suggested, { label }) => {
      const useful = suggested.type === 'label' && suggested.label === label
      return { useful, similarity: useful ? 1 : 0 }
    },
    save: () => new Uint8Array(),
    load: () => null,
  }
  return {
    surface,
    skill,
    placed,
    cards,
    arrive: (key: string, person?: string) => tell({ type: 'item', item: message(key, person) }),
    say: (change: object) => tell({ at: null, ...change }),
    /** A person files it, as suggested with the share `rightOf`. */
    finish: (key: string, number: number, person: string | null = null) =>
      tell({ type: 'deed', key, deed: { ...deed(number % 100 < rightOf * 100 ? 'a' : 'b'), person } }),
    remove: (key: string) => tell({ type: 'removed', key, at: null }),
    fail(fault: Fault | null) {
      failing = fault
      wake()
    },
  }
}

/** An engine that runs on it, on a ledger of its own, until the test ends. */
export async function begin(
  desk: ReturnType<typeof makeDesk>,
  more: Partial<EngineOptions> & { pain?: boolean; rollout?: Rollout } = {},
) {
  const { ledger } = await freshLedger({ poolSize: 8 })
  const folder = mkdtempSync(join(tmpdir(), 'inlay-engine-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const { pain = true, rollout, ...options } = more
  const deployment: Deployment = {
    id: 'd',
    team: 't',
    surface: 'memory',
    skill: 'always',
    settings: {},
    pain: { minutesPerPersonPerWeek: pain ? 60 : 5, from: 'a test', named: false },
    ...(rollout && { rollout }),
  }
  await ledger.saveDeployment(deployment)
  const events: EngineEvent[] = []
  const engine = await startEngine({
    ledger,
    surfaces: { memory: desk.surface },
    skills: { always: desk.skill },
    folder,
    holdback: 0,
    onEvent: (event) => events.push(event),
    ...options,
  })
  onTestFinished(() => engine.stop())
  const standing = async () => (await ledger.standing())[0]
  return { ledger, engine, events, standing, folder }
}
