import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Skill, Surface } from '../src/contract/index.ts'
import { startEngine } from '../src/engine/index.ts'
import { freshLedger } from '../src/ledger/testing.ts'
import { type Medium, surfaceConformance } from '../src/surfaces/conformance.suite.ts'
import { until } from './until.ts'

const root = resolve(import.meta.dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')

/** A code block of the README as a module, next to nothing of ours but the contract. */
async function blockOf<Module>(name: string): Promise<Module> {
  const code = new RegExp(`^\`\`\`ts ${name}\n(.*?)^\`\`\``, 'ms').exec(readme)?.[1]
  if (!code) throw new Error(`The README has no block "ts ${name}".`)
  const folder = join(root, 'node_modules/.cache/inlay-readme')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${name}.ts`)
  writeFileSync(file, code.replaceAll(`'../contract/index.ts'`, `'${join(root, 'src/contract/index.ts')}'`))
  return import(file)
}

const { notes } = await blockOf<{ notes: Surface }>('surface')
const { firstword } = await blockOf<{ firstword: Skill<'message', Map<string, string>> }>('skill')

function makeNotes(): { path: string; write(folder: string, name: string, text: string): void } {
  const path = mkdtempSync(join(tmpdir(), 'inlay-notes-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  const write = (folder: string, name: string, text: string) => {
    mkdirSync(join(path, folder), { recursive: true })
    writeFileSync(join(path, folder, name), text)
  }
  return { path, write }
}

surfaceConformance(notes, {
  message: async (): Promise<Medium<'message'>> => {
    const { path, write } = makeNotes()
    write('bills', 'a.txt', 'pay this')
    write('', 'b.txt', 'pay that')
    write('', 'c.txt', 'read that')
    let next = 0
    return {
      settings: { path },
      invalid: [{}, { path: 7 }],
      snapshot: async () => {
        const files = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((file) =>
          /\.\w+$/.test(file),
        )
        return Object.fromEntries(files.map((file) => [file, readFileSync(join(path, file), 'utf8')]))
      },
      newItem: async () => write('', `new${next++}.txt`, 'pay again'),
      doDeed: async (key) => renameSync(join(path, key), join(path, 'bills', key)),
      vanish: async () => rmSync(path, { recursive: true }),
      suggestion: () => {
        const value = { type: 'label' as const, label: 'bills' }
        return { kind: 'message', value, confidence: 0.9, reasons: [] }
      },
    }
  },
})

test("the README's surface and skill go through the whole loop, each registered in one line", async () => {
  const { path, write } = makeNotes()
  for (let number = 0; number < 200; number++) {
    const [folder, word] = number % 2 ? ['bills', 'pay'] : ['books', 'read']
    write(folder!, `${number}.txt`, `${word} number ${number}`)
  }
  write('', 'open.txt', 'pay the new one')
  const { ledger } = await freshLedger()
  const pain = { minutesPerPersonPerWeek: 45, from: 'a test', named: false }
  await ledger.saveDeployment({
    id: 'notes-1',
    team: 'test',
    surface: 'notes',
    skill: 'firstword',
    settings: { path },
    pain,
  })
  const folder = mkdtempSync(join(tmpdir(), 'inlay-readme-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const engine = await startEngine({
    ledger,
    surfaces: { notes },
    skills: { firstword },
    folder,
    holdback: 0,
  })
  try {
    await until(() => readdirSync(path).includes('open.txt.inlay'), 'it is placed')
    expect(readFileSync(join(path, 'open.txt.inlay'), 'utf8')).toMatch(/^bills\?/)
    renameSync(join(path, 'open.txt'), join(path, 'bills', 'open.txt'))
    await until(async () => (await ledger.standing())[0]!.counts.outcomes.used === 1, 'it is used')
  } finally {
    await engine.stop()
  }
  expect((await ledger.standing())[0]).toMatchObject({
    stage: 'pilot',
    failure: null,
    counts: { seen: 1, placed: 1 },
  })
})

test('the README is short, and begins with npm start and npm test', () => {
  expect(readme.split('\n').length).toBeLessThanOrEqual(151)
  const blocks = [...readme.matchAll(/^```sh\n(.*?)\n```/gms)].map(([, code]) => code)
  expect(blocks.slice(0, 2)).toEqual(['npm start', 'npm test'])
})
