import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { rooms } from '../src/rooms.ts'
import { skills } from '../src/skills/index.ts'
import { surfaces } from '../src/surfaces/index.ts'

const root = resolve(import.meta.dirname, '..')

const sources = ['src', 'sample'].flatMap((top) =>
  readdirSync(join(root, top), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(top, file)),
)

/** `src/learn/text.ts` → `learn`, `sample/mail.ts` → `sample`; files beside the rooms belong to none. */
function roomOf(file: string): string | null {
  const [top, room, ...rest] = file.split('/')
  if (top === 'sample') return 'sample'
  return top === 'src' && rest.length > 0 ? room! : null
}

test('every import runs the way the table of rooms says', () => {
  const wrong: string[] = []
  for (const file of sources) {
    const room = roomOf(file)
    if (!room || file.endsWith('.test.ts') || file.endsWith('.suite.ts')) continue
    const allowed = rooms[room]
    if (!allowed) {
      wrong.push(`${file} is in a room that the table does not know`)
      continue
    }
    const text = readFileSync(join(root, file), 'utf8')
    for (const [, target] of text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)) {
      const to = roomOf(relative(root, resolve(root, dirname(file), target!)))
      if (to !== room && (to === null || !allowed.includes(to))) wrong.push(`${file} imports ${target}`)
    }
  }
  expect(wrong).toEqual([])
})

/** What the files of a room export that looks like a surface or a skill, with the name that their file gives it. */
async function exportedFrom(room: string, looksRight: (thing: Record<string, unknown>) => boolean) {
  const found: { fileName: string; thing: Record<string, unknown> }[] = []
  for (const file of sources) {
    if (!file.startsWith(`${room}/`) || file === `${room}/index.ts`) continue
    if (/\.(test|suite|fixture)\.ts$/.test(file)) continue
    const fileName = (file.endsWith('/index.ts') ? dirname(file) : file)
      .split('/')
      .at(-1)!
      .replace(/\.ts$/, '')
    for (const thing of Object.values(await import(join(root, file)))) {
      if (thing !== null && typeof thing === 'object' && looksRight(thing as Record<string, unknown>)) {
        found.push({ fileName, thing: thing as Record<string, unknown> })
      }
    }
  }
  return found
}

test('every surface is in the registry, under the name of its file', async () => {
  const found = await exportedFrom('src/surfaces', ({ open, settings }) => Boolean(open && settings))
  expect(found.map(({ fileName }) => fileName).sort()).toEqual(Object.keys(surfaces).sort())
  for (const { fileName, thing } of found) {
    expect(thing.name).toBe(fileName)
    expect(surfaces[fileName]).toBe(thing)
  }
})

test('every skill is in the registry, under the name of its file', async () => {
  const found = await exportedFrom('src/skills', ({ learn, judge }) => Boolean(learn && judge))
  expect(found.map(({ fileName }) => fileName).sort()).toEqual(Object.keys(skills).sort())
  for (const { fileName, thing } of found) {
    expect(thing.name).toBe(fileName)
    expect(skills[fileName]).toBe(thing)
  }
})
