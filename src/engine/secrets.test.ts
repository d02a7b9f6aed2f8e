import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { until } from '../../tests/until.ts'
import { type Deployment, Fault, healthKeeper, type Skill, type Surface } from '../contract/index.ts'
import { freshLedger, testDatabase } from '../ledger/testing.ts'
import { openDesk } from './desk.ts'
import { startEngine } from './engine.ts'
import { openKeyring } from './keyring.ts'
import { mute } from './mute-skill.fixture.ts'
import { censoring, hideSettings, openSettings, resealAll, sealSettings, secretFields } from './secrets.ts'

const token = 'pat-eu1-0123456789abcdef/+"quoted"'
const rotated = 'refreshed-9876543210'

/** A tool that quotes the token wherever a careless client would. */
const leaky: Surface<{ token: string; host: string }> = {
  name: 'leaky',
  about: 'quotes its token',
  settings: z.object({
    host: z.string().describe('where'),
    token: z.string().meta({ secret: true, description: 'the token' }),
  }),
  hops: 0,
  async open(settings, tools) {
    if (settings.host === 'closed') throw new Error(`GET /?t=${encodeURIComponent(settings.token)} failed`)
    const known = await tools.vault.read('refresh')
    await tools.vault.write('refresh', rotated)
    const health = healthKeeper(tools.now, 60_000)
    return {
      record: {
        async *history() {
          yield* []
          throw new Fault('unreachable', `401 for Bearer ${settings.token}, before ${known}`)
        },
        async *watch() {
          yield* []
          health.fails(`the tool refuses ${settings.token}`)
          await sleep(20)
          throw Object.assign(
            new Error(`request {"token":${JSON.stringify(settings.token)}} refused, ${rotated}`),
          )
        },
        place: async () => ({ placed: false as const, because: `no right with ${settings.token}` }),
        withdraw: async () => {
          throw new Fault('busy', settings.token, { cause: new Error(settings.token) })
        },
      },
      health: () => health.health,
      close: async () => {},
    }
  },
}
const registries = { surfaces: { leaky }, skills: { mute: mute as Skill } }
const plain: Deployment = {
  id: 'mute-leaky-1',
  team: 'test',
  surface: 'leaky',
  skill: 'mute',
  settings: { host: 'open', token },
  pain: { minutesPerPersonPerWeek: null, from: null, named: true },
}

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'inlay-secrets-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Every row of every table of the schema and of its jobs, as text. */
async function dump(schema: string): Promise<string> {
  const client = new pg.Client({ connectionString: testDatabase() })
  await client.connect()
  try {
    const { rows } = await client.query(
      `select table_schema as s, table_name as t from information_schema.tables
      where table_schema in ($1, $2) and table_type = 'BASE TABLE'`,
      [schema, `${schema}_jobs`],
    )
    const texts = []
    for (const { s, t } of rows) {
      const { rows: all } = await client.query(`select each::text as row from "${s}"."${t}" each`)
      texts.push(...all.map(({ row }) => `${t}: ${row}`))
    }
    return texts.join('\n')
  } finally {
    await client.end()
  }
}

const forms = (secret: string) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]
function expectClean(text: string): void {
  for (const form of [token, rotated].flatMap(forms)) expect(text).not.toContain(form)
}

test('no secret is in the database, in what is told, in errors or in what is shown', async () => {
  const folder = freshFolder()
  const { ledger, schema } = await freshLedger()
  const keyring = openKeyring(folder)
  await ledger.saveDeployment(sealSettings(plain, leaky, keyring))
  const told: unknown[] = []
  const options = { ledger, folder, ...registries, onEvent: (event: unknown) => void told.push(event) }
  const engine = await startEngine(options)
  await until(async () => (await ledger.standing())[0]?.failure != null, 'it has failed')
  await engine.stop()
  const [standing] = await ledger.standing()
  expect(standing?.failure?.because).toContain('•••')
  const desk = await openDesk((await ledger.deployments())[0]!, options)
  expect(JSON.stringify(desk.health())).not.toContain(token)
  expect(await desk.place.place({} as never, {} as never, 'k')).toEqual({
    placed: false,
    because: 'no right with •••',
  })
  const failure = await desk.place.withdraw({ key: 'k', ref: '' }).catch((cause) => cause)
  expect(failure).toMatchObject({ kind: 'busy', message: '•••' })
  expectClean(`${failure.stack}`)
  await desk.close()
  const closed = await openDesk({ ...plain, settings: { host: 'closed', token } }, options).catch(
    (cause) => cause,
  )
  expect(closed.message).toBe('GET /?t=••• failed')
  const text = await dump(schema)
  expect(text, 'the dump holds what it is searched for').toContain('vault: (mute-leaky-1,refresh,v1.')
  expect(text).toContain('refused')
  for (const each of [
    text,
    JSON.stringify(told),
    JSON.stringify(standing),
    JSON.stringify(await ledger.deployments()),
  ])
    expectClean(each)
  expectClean(JSON.stringify(hideSettings(plain, leaky)))
})

test('what a surface puts into its vault is there after a restart, and after the key was changed', async () => {
  const folder = freshFolder()
  const { ledger } = await freshLedger()
  const keyring = openKeyring(folder)
  await ledger.saveDeployment(sealSettings(plain, leaky, keyring))
  const stored = async () => (await ledger.deployments())[0]!
  await (await openDesk(await stored(), { ledger, folder, ...registries })).close()
  const before = [JSON.stringify((await stored()).settings), await ledger.sealed(plain.id, 'refresh')]
  const key = keyring.rotate()
  expect(await resealAll(ledger, registries.surfaces, keyring)).toBe(2)
  const after = [JSON.stringify((await stored()).settings), await ledger.sealed(plain.id, 'refresh')]
  for (const [index, text] of after.entries()) {
    expect(text).toContain(key)
    expect(before[index]).not.toContain(key)
  }
  keyring.forget()
  expect(openSettings(await stored(), leaky, keyring).settings).toEqual(plain.settings)
  const desk = await openDesk(await stored(), { ledger, folder, ...registries })
  const failed = await desk.place
    .history()
    [Symbol.asyncIterator]()
    .next()
    .catch((cause) => cause)
  expect(failed.message).toBe('401 for Bearer •••, before •••')
  await desk.close()
})

test('a secret setting is found when it is optional, too', () => {
  const settings = z.object({
    a: z.string().meta({ secret: true }).optional(),
    b: z.string().optional().meta({ secret: true }),
    c: z.string(),
  })
  expect(secretFields({ ...leaky, settings } as unknown as Surface)).toEqual(['a', 'b'])
})

test('a password is hidden without its address, too', () => {
  const censor = censoring(['postgres://u:hush%20hush@host/name'])
  expect(censor.text('hush hush, hush%20hush and u at host')).toBe('•••, ••• and u at host')
})

test('a key file is hidden in its parts, too', () => {
  const censor = censoring([JSON.stringify({ client_email: 'a@b.c', private_key: '-----BEGIN\nABCDEF' })])
  expect(censor.text('bad key -----BEGIN\nABCDEF of a@b.c')).toBe('bad key ••• of a@b.c')
})
