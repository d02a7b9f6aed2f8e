import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { hasDovecot, startDovecot } from '../../../tests/mail/dovecot.ts'
import { newMailbox } from '../../../tests/mail/mailbox.ts'
import { handOver } from '../../../tests/mail/server.ts'
import { Fault, memoryVault } from '../../contract/index.ts'
import { imap } from './imap.ts'
import { mailText } from './maildir-medium.suite.ts'

/** More than the heads of one command. */
const count = 2_300

test.skipIf(!hasDovecot)(
  'an import that is broken off goes on where it was, at its heads as at its texts, and keeps no text when it is over',
  async () => {
    const server = await startDovecot()
    onTestFinished(() => server.remove())
    const box = await newMailbox(server)
    onTestFinished(() => box.remove())
    const folder = await mkdtemp(join(tmpdir(), 'inlay-import-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const ids = Array.from({ length: count }, (_, at) => `<${at}@customer.example>`)
    const words = 'as we said before '.repeat(50)
    const orders = join(server.folder, 'mail', box.user, '.Orders')
    for (const [at, id] of ids.entries()) {
      const mail = `${mailText({ id, daysAgo: 60 - at / 100 })}${words}\n`
      await writeFile(join(orders, 'cur', `${1_600_000_000 + at}.M${at}P1.test:2,S`), mail)
    }
    await handOver(orders)

    let bytes = 0
    let heads = 0
    let most = 1
    box.relay.spy((piece, from) => {
      if (from === 'server') bytes += piece.length
      const asks = from === 'client' && /UID FETCH .*HEADER\.FIELDS/.test(piece.toString('latin1'))
      if (asks && ++heads > most) box.relay.drop()
      return piece
    })
    async function read(atMost: number): Promise<string[]> {
      const tools = { now: Date.now, pseudonym: String, folder, vault: memoryVault() }
      const opened = await imap.open(imap.settings.parse(box.settings), tools)
      const keys: string[] = []
      try {
        for await (const { item } of opened.message!.history()) if (keys.push(item.key) === atMost) break
      } finally {
        await opened.close()
      }
      return keys
    }
    await expect(read(count), 'the second part of the heads never comes').rejects.toBeInstanceOf(Fault)
    expect(heads).toBeGreaterThan(1)
    most = Number.POSITIVE_INFINITY
    heads = 0
    bytes = 0
    expect(await read(count - 100)).toHaveLength(count - 100)
    expect(heads, 'the first part is known').toBe(1)
    const nearlyAll = bytes
    bytes = 0
    expect(await read(count + 1)).toEqual(ids)
    expect(bytes).toBeLessThan(nearlyAll / 2)
    expect(await readdir(join(folder, 'history'))).not.toContain('import.jsonl')
  },
)
