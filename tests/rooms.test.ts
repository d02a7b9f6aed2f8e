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

/** Names of the files (or folders with an index) that hold one thing each. */
function namesIn(folder: string, depth: number): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (depth > 0) return entry.isDirectory() ? namesIn(join(folder, entry.name), depth - 1) : []
    if (entry.isDirectory()) {
      return readdirSync(join(root, folder, entry.name)).includes('index.ts') ? [entry.name] : []
    }
    return /\.(test|suite)\.ts$/.test(entry.name) || entry.name === 'index.ts' || !entry.name.endsWith('.ts')
      ? []
      : [entry.name.replace(/\.ts$/, '')]
  })
}

/** A file is a surface when it exports one; what surfaces share stands in folders of its own name. */
const exportsA = (type: string) => (file: string) =>
  new RegExp(`^export const \\w+: ${type}\\b`, 'm').test(readFileSync(join(root, file), 'utf8'))

test('every surface file is in the registry under its own name', () => {
  const files = sources.filter(
    (file) => file.startsWith('src/surfaces/') && !/\.(test|suite)\.ts$/.test(file),
  )
  const named = files
    .filter((file) => file !== 'src/surfaces/index.ts' && exportsA('Surface')(file))
    .map((file) =>
      (file.endsWith('/index.ts') ? dirname(file) : file).split('/').at(-1)!.replace(/\.ts$/, ''),
    )
  expect(Object.keys(surfaces).sort()).toEqual(named.sort())
  for (const [name, surface] of Object.entries(surfaces)) expect(surface.name).toBe(name)
})

test('every skill file is in the registry under its own name', () => {
  expect(Object.keys(skills).sort()).toEqual(namesIn('src/skills', 0).sort())
  for (const [name, skill] of Object.entries(skills)) expect(skill.name).toBe(name)
})
