import { afterAll, beforeAll, describe, test } from 'vitest'
import { makeImap } from '../../../tests/mail/mailbox.ts'
import type { MailServer } from '../../../tests/mail/server.ts'
import { surfaceConformance } from '../conformance.suite.ts'
import { imap } from './imap.ts'

/** What the surface does on a real server; one server for all of its tests. */
export function imapOn(name: string, isThere: boolean, start: () => Promise<MailServer>) {
  if (!isThere) {
    test.skip(`imap on ${name}: the server is not here; bin/prepare-tests fetches it`)
    return
  }
  let server: MailServer
  beforeAll(async () => {
    server = await start()
  })
  afterAll(() => server.remove())

  describe(`on ${name}`, () => {
    surfaceConformance(imap, { message: () => makeImap(server) })
  })
}
