import {
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { createGunzip } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { type EngineOptions, openDesk, startEngine, undoAll } from '../../src/engine/index.ts'
import { freshLedger } from '../../src/ledger/testing.ts'
import { skills } from '../../src/skills/index.ts'
import { splitMbox } from '../../src/surfaces/inbox/mbox-split.ts'
import { surfaces } from '../../src/surfaces/index.ts'
import { until } from '../until.ts'

const archive = resolve(import.meta.dirname, '../../../shared/data/mail/mbox')
const history = 1500
const open = 1000
const filedLive = 150

/** Where the owner of this mailbox files a mail: the list's most frequent writers have folders of their own. */
const folders: [string, RegExp][] = [
  ['Murdoch', /murdoch/i],
  ['Dirk', /edd at debian/i],
  ['Bolker', /bbolker/i],
  ['Henrik', /henrik/i],
  ['Ligges', /ligges/i],
]
const folderFor = (from: string) => folders.find(([, who]) => who.test(from))?.[0] ?? 'Other'

test.skipIf(!existsSync(archive))(
  'a real mailbox of 2,500 mails goes through the loop, and nothing but what Inlay added differs (needs the mail archive in shared/data)',
  async () => {
    const root = mkdtempSync(join(tmpdir(), 'inlay-real-'))
    onTestFinished(() => rmSync(root, { recursive: true, force: true }))
    const mailbox = join(root, 'Maildir')
    const senders = await importArchive(mailbox)
    const before = contents(mailbox)
    expect(before.size).toBe(history + open)

    const { ledger } = await freshLedger()
    const deployment = {
      id: 'triage-maildir-1',
      team: 'test',
      surface: 'maildir',
      skill: 'triage',
      settings: { path: mailbox },
      pain: { minutesPerPersonPerWeek: 60, from: 'a test', named: false },
    }
    await ledger.saveDeployment(deployment)
    const options: EngineOptions = { ledger, surfaces, skills, folder: root, holdback: 0.1 }
    const engine = await startEngine(options)
    const counts = async () => (await ledger.standing())[0]!.counts
    try {
      await until(
        async () => {
          // Nothing has happened yet before the first fact.
          if ((await ledger.standing()).length === 0) return false
          const { arms, placed, refused } = await counts()
          const decided = arms.shown + arms.silent + arms['held back']
          return decided === open && placed + refused === arms.shown
        },
        'all are decided and placed',
        300,
      )
      // The owner works on, as any mail program does it: a rename into the folder, marked as read.
      for (const file of readdirSync(join(mailbox, 'cur'))
        .concat(readdirSync(join(mailbox, 'new')))
        .slice(0, filedLive)) {
        const from = [join(mailbox, 'cur', file), join(mailbox, 'new', file)].find((path) =>
          existsSync(path),
        )!
        const unique = file.split(':')[0]!
        renameSync(from, join(mailbox, `.${folderFor(senders.get(unique)!)}`, 'cur', `${unique}:2,S`))
      }
      await until(async () => (await counts()).did === filedLive, 'all filed are known')
    } finally {
      await engine.stop()
    }
    const { seen, placed, judged, arms } = await counts()
    expect(seen).toBe(open)
    expect(judged.shown + judged['held back'] + judged.silent).toBe(filedLive)
    expect((await ledger.standing())[0]!.failure).toBeNull()
    expect(placed, `of ${JSON.stringify(arms)}`).toBeGreaterThan(100)

    // Names may have got keyword letters after their flags, and folders a list of keywords: nothing else.
    expect(contents(mailbox)).toEqual(before)
    const added = readdirSync(mailbox, { recursive: true, encoding: 'utf8' }).filter(
      (file) => !/(^|\/)(cur|new|tmp)(\/|$)/.test(file) && !/^\.\w+$/.test(file),
    )
    expect(new Set(added.map((file) => basename(file)))).toEqual(new Set(['dovecot-keywords']))

    const desk = await openDesk(deployment, options)
    await undoAll(desk, 'a test', options)
    await desk.close()
    expect(contents(mailbox)).toEqual(before)
    const files = readdirSync(mailbox, { recursive: true, encoding: 'utf8' })
    expect(files.filter((file) => /:2,.*[a-z]/.test(file) || file.endsWith('dovecot-keywords'))).toEqual([])
  },
  600_000,
)

/** The archive's first mails in time as a Maildir: the older ones filed, the newer ones just delivered. */
async function importArchive(mailbox: string): Promise<Map<string, string>> {
  for (const folder of ['', ...folders.map(([name]) => `.${name}`), '.Other']) {
    for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(mailbox, folder, part), { recursive: true })
  }
  const senders = new Map<string, string>()
  for (const file of readdirSync(archive).sort()) {
    for await (const { bytes } of splitMbox(
      createReadStream(join(archive, file)).pipe(createGunzip()),
      file,
    )) {
      const number = senders.size
      if (number === history + open) return senders
      const from = /^From:.*/im.exec(bytes.toString('latin1'))?.[0] ?? ''
      const unique = `${1_500_000_000 + number}.M${number}P1.test`
      senders.set(unique, from)
      const place =
        number < history ? join(`.${folderFor(from)}`, 'cur', `${unique}:2,S`) : join('new', unique)
      writeFileSync(join(mailbox, place), bytes)
    }
  }
  return senders
}

/** The bytes of every mail by the part of its name that never changes; fails when one lies in two places. */
function contents(mailbox: string): Map<string, string> {
  const all = new Map<string, string>()
  for (const file of readdirSync(mailbox, { recursive: true, encoding: 'utf8' })) {
    if (!['cur', 'new', 'tmp'].includes(basename(dirname(file)))) continue
    const unique = basename(file).split(':')[0]!
    if (all.has(unique)) throw new Error(`${unique} lies in two places`)
    all.set(unique, readFileSync(join(mailbox, file), 'latin1'))
  }
  return all
}
