import { expect, test } from 'vitest'
import { type Asked, askMailAccount, discoverServer } from './mail-account.ts'

const nothing: Asked = {
  srv: async () => Promise.reject(new Error('ENOTFOUND')),
  mx: async () => Promise.reject(new Error('ENOTFOUND')),
  greets: async () => false,
}

test('knows providers by heart and asks nobody about them', async () => {
  const nobody: Asked = { ...nothing, srv: () => Promise.reject(new Error('asked the network')) }
  expect(await discoverServer('anna@gmail.com', nobody)).toMatchObject({ host: 'imap.gmail.com', port: 993 })
  expect(await discoverServer('Anna@GMX.de', nobody)).toMatchObject({ host: 'imap.gmx.net' })
  expect((await discoverServer('anna@hotmail.co.uk', nobody))?.hint).toMatch(/oauth=microsoft/)
})

test('takes what a domain says of itself, then who receives its mail, then the usual names', async () => {
  const srv = async (name: string) =>
    name === '_imaps._tcp.example.org'
      ? [
          { name: 'slow.example.org', port: 993, priority: 20 },
          { name: 'mx.example.org', port: 1993, priority: 10 },
        ]
      : []
  const all = { ...nothing, srv, mx: async () => [{ exchange: 'aspmx.l.google.com', priority: 1 }] }
  const found = await discoverServer('anna@example.org', all)
  expect(found).toEqual({ host: 'mx.example.org', port: 1993, security: 'tls' })
  expect(await discoverServer('anna@other.org', all)).toMatchObject({ host: 'imap.gmail.com' })
  const greets: Asked['greets'] = async ({ host, security }) =>
    host === 'mail.third.org' && security === 'starttls'
  const guessed = await discoverServer('anna@third.org', { ...nothing, greets })
  expect(guessed).toEqual({ host: 'mail.third.org', port: 143, security: 'starttls' })
  expect(await discoverServer('anna@nowhere.invalid', nothing)).toBeNull()
})

test('asks for nothing that was given, and says which setting is missing', async () => {
  const tell: string[] = []
  const ask = (given: Record<string, string>) =>
    askMailAccount(
      given,
      false,
      (line) => tell.push(line),
      (address) => discoverServer(address, nothing),
    )
  const given = { user: 'anna', host: 'localhost', password: '@secret' }
  expect(await ask(given)).toEqual(given)
  expect(await ask({ user: 'a@gmx.de', password: 'x' })).toMatchObject({ host: 'imap.gmx.net', port: '993' })
  expect(tell.join()).toMatch(/at imap.gmx.net, port 993/)
  await expect(ask({})).rejects.toThrow(/Whose mailbox\?/)
  await expect(ask({ user: 'a@nowhere.invalid' })).rejects.toThrow(/name it with --set host=/)
  await expect(ask({ user: 'a@gmail.com' })).rejects.toThrow(/password=@FILE.*app password/)
})
