import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { type JournalEntry, openJournal } from './journal.ts'

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'inlay-journal-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

const entry = (key: string, state: JournalEntry<null>['state'] = 'placed'): JournalEntry<null> => ({
  key,
  item: 'item',
  state,
  at: 1,
  detail: null,
})

test('the last line of a key counts, also for another that has the folder open and reads at any time', async () => {
  const path = await folder()
  const [one, two] = await Promise.all([openJournal<null>(path), openJournal<null>(path)])
  for (const state of ['placing', 'placed', 'withdrawing', 'withdrawn'] as const) {
    await Promise.all([one.write(entry('k', state)), two.read(), two.read(), two.read()])
    expect((await two.read()).get('k')?.state).toBe(state)
  }
})

test('a line that a crash cut short is passed over, and the next one is not lost with it', async () => {
  const path = await folder()
  await writeFile(join(path, 'placements.jsonl'), `${JSON.stringify(entry('a'))}\n`)
  await appendFile(join(path, 'placements.jsonl'), '{"key":"b","it')
  await (await openJournal<null>(path)).write(entry('c'))
  expect([...(await (await openJournal<null>(path)).read()).keys()]).toEqual(['a', 'c'])
})

test('work with one folder is done one after another, also when some of it fails', async () => {
  const path = await folder()
  const journals = await Promise.all([1, 2, 3].map(() => openJournal<null>(path)))
  let running = 0
  const done = await Promise.allSettled(
    Array.from({ length: 9 }, (_, at) =>
      journals[at % 3]!.alone(async () => {
        expect(++running).toBe(1)
        await sleep(5)
        running--
        if (at === 4) throw new Error('broken')
        return at
      }),
    ),
  )
  expect(done.map(({ status }) => status === 'fulfilled')).toEqual(done.map((_, at) => at !== 4))
})

test('a lock whose process has died is taken over', async () => {
  const path = await folder()
  // Above the largest process number that Linux gives out (2^22).
  await writeFile(join(path, 'placements.lock'), '4194999')
  expect(await (await openJournal<null>(path)).alone(async () => 'done')).toBe('done')
})
