import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { hasHubSpotSpecs, hubspotStandIn } from '../src/surfaces/crm/hubspot-stand-in.fixture.ts'
import { surfaces } from '../src/surfaces/index.ts'
import { googleStandIn, hasGoogleSpec } from '../src/surfaces/sheet/google-sheets-stand-in.fixture.ts'
import { startSlack } from './chat/slack.ts'
import { startSlackSocket } from './chat/slack-socket.ts'
import { freshFolder, inlay, startInlay } from './inlay.ts'
import { contactsIn, leadRows } from './leads.ts'
import { until } from './until.ts'

const root = resolve(import.meta.dirname, '..')
const page = (name: string) => readFileSync(join(root, `docs/connect/${name}.md`), 'utf8')

/** The commands of a page that begin like this, as a shell takes them apart. */
function commandsOf(text: string, start: string): string[][] {
  return [...text.matchAll(/^ *```sh\n(.*?)^ *```/gms)]
    .flatMap(([, block]) => block!.replaceAll('\\\n', ' ').split('\n'))
    .map((line) => line.trim())
    .filter((line) => line.startsWith(start))
    .map((line) =>
      [...line.slice('./bin/inlay '.length).matchAll(/(?:[^\s']|'[^']*')+/g)].map(([part]) =>
        part.replaceAll("'", ''),
      ),
    )
}

/** A new user's machine: an empty folder, and a database of its own in the tests' Postgres. */
async function newUser() {
  const folder = freshFolder()
  const data = join(folder, 'data')
  const name = `connect_${randomBytes(5).toString('hex')}`
  const admin = new pg.Client({ connectionString: process.env.INLAY_TEST_DATABASE_URL })
  await admin.connect()
  await admin.query(`create database ${name}`)
  const url = new URL(process.env.INLAY_TEST_DATABASE_URL!)
  url.pathname = `/${name}`
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  await client.query('set client_min_messages to error')
  onTestFinished(async () => {
    await client.end()
    await admin.query(`drop database ${name} with (force)`)
    await admin.end()
  })
  const env = { DATABASE_URL: url.href, INLAY_DATA: data }
  return {
    folder,
    data,
    url: url.href,
    env,
    client,
    run: (args: string[]) => inlay(args, { cwd: folder, env }),
    file: (name: string, text: string) => writeFileSync(join(folder, name), text),
    /** Everything that is stored anywhere, as text. */
    async stored(): Promise<string> {
      const { rows } = await client.query(
        `select table_schema as s, table_name as t from information_schema.tables where table_schema like 'inlay%' and table_type = 'BASE TABLE'`,
      )
      const texts = []
      for (const { s, t } of rows)
        texts.push(
          ...(await client.query(`select each::text as row from "${s}"."${t}" each`)).rows.map(
            ({ row }) => row,
          ),
        )
      for (const each of readdirSync(data, { recursive: true, encoding: 'utf8' })) {
        const path = join(data, each)
        if (statSync(path).isFile()) texts.push(readFileSync(path, 'latin1'))
      }
      return texts.join('\n')
    },
  }
}

type User = Awaited<ReturnType<typeof newUser>>

/** As the page goes on: starts, sees that all is connected and something written, stops, and takes it back. Gives all that was printed. */
async function startsAndEnds(user: User, text: string, written: () => boolean | Promise<boolean>) {
  const [start] = commandsOf(text, './bin/inlay start')
  const running = startInlay([...start!, '--port', '0'], { cwd: user.folder, env: user.env })
  await running.says(/Status page/)
  expect(text).toContain('`./bin/inlay status`')
  await until(written, 'something is written')
  let status = ''
  await until(async () => {
    status = (await user.run(['status', '--json'])).stdout
    return JSON.parse(status).every(({ connected }: { connected: boolean | null }) => connected)
  }, 'all is connected')
  running.child.kill('SIGTERM')
  expect(await running.exit, running.stderr()).toBe(0)
  expect(text).toContain('To disconnect: `./bin/inlay undo`')
  const undone = await user.run(['undo'])
  expect(undone, undone.stderr).toMatchObject({ code: 0 })
  return status + undone.stdout + undone.stderr + running.stdout() + running.stderr()
}

test.each([
  'hubspot',
  'google-sheets',
  'sql',
  'slack',
])('the page on %s names no setting that there is not', (name) => {
  const { properties } = z.toJSONSchema(surfaces[name]!.settings, { io: 'input', unrepresentable: 'any' })
  const named = [...page(name).matchAll(/[`\s](\w+)=/g)].map(([, setting]) => setting!)
  expect(named.length).toBeGreaterThan(3)
  for (const each of named) expect(Object.keys(properties!)).toContain(each)
})

test.skipIf(!hasHubSpotSpecs)(
  'the page on HubSpot leads a new user from nothing to scores and out again, and the token stays secret (needs its OpenAPI files)',
  async () => {
    const standIn = await hubspotStandIn('pat-eu1-0000-secret-token')
    onTestFinished(() => standIn.close())
    const open = contactsIn(standIn, 400, 20)
    const user = await newUser()
    user.file('token.txt', `${standIn.token}\n`)
    const [command] = commandsOf(page('hubspot'), './bin/inlay connect hubspot --set')
    const connected = await user.run([...command!, `url=${standIn.url}`])
    expect(connected, connected.stderr).toMatchObject({ code: 0 })
    expect(connected.stdout).toContain('Connected: score-hubspot-1')
    const before = standIn.snapshot('contacts')
    const json = await user.run([...command!, `url=${standIn.url}`, '--json'])
    expect(JSON.parse(json.stdout)).toMatchObject([{ id: 'score-hubspot-1', settings: { token: '•••' } }])
    expect(standIn.snapshot('contacts')).toEqual(before)
    const rotated = await user.run(['rotate-key', '--json'])
    expect(JSON.parse(rotated.stdout)).toMatchObject({ secrets: 1 })
    const status = await user.run(['status', '--json'])
    expect(JSON.parse(status.stdout)).toMatchObject([{ deployment: 'score-hubspot-1', connected: null }])
    const scored = () =>
      open.filter((id) => standIn.valueOf('contacts', id, 'inlay_lifecyclestage_probability')).length
    const ran = await startsAndEnds(user, page('hubspot'), () => scored() > 0)
    expect(scored(), 'after undo').toBe(0)
    standIn.trouble.revoked = true
    const refused = await user.run([...command!, `url=${standIn.url}`])
    expect(refused.code).toBe(2)
    expect(refused.stderr).toMatch(/refuses the token.*inlay connect hubspot/)
    Object.assign(standIn.trouble, { revoked: false, lacks: ['crm.objects.contacts.read'] })
    const lacking = await user.run([...command!, `url=${standIn.url}`])
    expect(lacking.stderr).toMatch(/lacks the scope crm\.objects\.contacts\.read/)
    const all = [connected, json, rotated, status, refused, lacking].map(
      ({ stdout, stderr }) => stdout + stderr,
    )
    for (const text of [...all, ran, await user.stored()]) expect(text).not.toContain(standIn.token)
    expect(standIn.wrongs).toEqual([])
    // Each scope on the page is one that the calls need, and none that they need is missing there.
    const onPage = [...page('hubspot').matchAll(/`(crm\.[\w.]+)`/g)].map(([, scope]) => scope)
    expect(onPage.sort()).toEqual([
      'crm.objects.contacts.read',
      'crm.objects.contacts.write',
      'crm.schemas.contacts.read',
      'crm.schemas.contacts.write',
    ])
  },
  600_000,
)

test.skipIf(!hasGoogleSpec)(
  'the page on Google Sheets leads a new user from nothing to scores and out again, and the key stays secret (needs its discovery document)',
  async () => {
    const standIn = await googleStandIn()
    onTestFinished(() => standIn.close())
    standIn.addSheet('Leads', leadRows(400, 20))
    const user = await newUser()
    user.file('key.json', standIn.credentials)
    const [command] = commandsOf(page('google-sheets'), './bin/inlay connect google-sheets')
    const args = command!.map((part) => part.replace('/d/…/', `/d/${standIn.id}/`))
    standIn.trouble.notShared = true
    const unshared = await user.run([...args, `url=${standIn.url}`])
    expect(unshared).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`share it with ${standIn.account}`),
    })
    standIn.trouble.notShared = false
    const before = standIn.snapshot()
    const connected = await user.run([...args, `url=${standIn.url}`])
    expect(connected, connected.stderr).toMatchObject({ code: 0 })
    expect(connected.stdout).toMatch(/Connected: fill-google-sheets-1.*Connected: score-google-sheets-1/s)
    expect(standIn.snapshot()).toEqual(before)
    const scored = () => standIn.sheets[0]!.cells.slice(1).filter((line) => line[5]?.value != null).length
    const ran = await startsAndEnds(user, page('google-sheets'), () => scored() > 0)
    expect(standIn.snapshot(), 'after undo').toEqual(before)
    const key = JSON.parse(standIn.credentials).private_key.split('\n')[1]
    for (const text of [connected.stdout + connected.stderr, ran, await user.stored()])
      expect(text).not.toContain(key)
    expect(standIn.wrongs).toEqual([])
  },
  600_000,
)

test('the page on databases leads a new user from nothing to scores and out again, with the rights that it names and no more', async () => {
  const user = await newUser()
  const { client } = user
  const text = page('sql')
  await client.query('create schema crm')
  await client.query(
    'create table crm.leads (id text primary key, visits int, minutes int, pages int, won text)',
  )
  for (const row of leadRows(400, 20).slice(1))
    await client.query('insert into crm.leads values ($1, $2, $3, $4, $5)', row)
  await client.query('create table crm.weeks (week int primary key, remark text)')
  await client.query('create table crm.sales (week int, day date, region text, revenue int)')
  await client.query(`insert into crm.weeks values (1, 'fine'), (2, null)`)
  // A role belongs to all databases of a server; those of other runs have other names.
  const role = `inlay_${randomBytes(4).toString('hex')}`
  const blocks = [...text.matchAll(/^```sql\n(.*?)^```/gms)].map(([, sql]) =>
    sql!.replaceAll(/\binlay\b/g, role),
  )
  expect(blocks).toHaveLength(4)
  const [rights, scores, moreRights, end] = blocks as [string, string, string, string]
  await client.query(rights)
  await client.query(moreRights)
  onTestFinished(async () => {
    const { rowCount } = await client.query('select 1 from pg_roles where rolname = $1', [role])
    if (rowCount) await client.query(`drop owned by ${role}; drop role ${role}`)
  })
  const address = new URL(user.url)
  const [given] = /^postgres:.*$/m.exec(text)!
  address.searchParams.set('user', role)
  address.searchParams.set('password', decodeURIComponent(new URL(given).password))
  if (address.username) Object.assign(address, { username: role, password: new URL(given).password })
  user.file('database.txt', address.href)
  const commands = commandsOf(text, './bin/inlay connect sql')
  expect(commands).toHaveLength(2)
  for (const [index, command] of commands.entries()) {
    const connected = await user.run(command)
    expect(connected, connected.stderr).toMatchObject({ code: 0 })
    expect(connected.stdout).toContain(index === 0 ? 'Connected: score-sql-1' : 'Connected: summary-sql-1')
  }
  const before = await client.query('select * from crm.leads order by id')
  const scored = async () => {
    const { rows } = await client.query(scores)
    return rows.filter(({ probability, won }) => probability !== null && won === null).length
  }
  const made = async () =>
    (await client.query(`select to_regclass('crm.leads_inlay') is not null as made`)).rows[0].made
  const ran = await startsAndEnds(user, text, async () => (await made()) && (await scored()) > 0)
  expect(await scored(), 'after undo').toBe(0)
  expect((await client.query('select * from crm.leads order by id')).rows).toEqual(before.rows)
  for (const each of [ran, await user.stored()]) {
    expect(each).not.toContain('a long password')
    expect(each).not.toContain(address.href)
  }
  await client.query(end)
  expect(await made()).toBe(false)
  expect((await client.query('select 1 from pg_roles where rolname = $1', [role])).rowCount).toBe(0)
}, 600_000)

test('the page on Slack leads a new user from nothing to a running Inlay and out again, and the tokens stay secret', async () => {
  const socket = await startSlackSocket()
  onTestFinished(socket.remove)
  const workspace = await startSlack()
  onTestFinished(workspace.remove)
  const { say, trouble } = workspace
  trouble((method) => (method === 'apps.connections.open' ? { body: { ok: true, url: socket.url } } : null))
  const text = 'Please write to refunds.'
  for (let n = 0; n < 3; n++) await say('anna', text, await say('ben', `How do I get a refund for ${n}?`))
  const user = await newUser()
  const [setup, ...commands] = commandsOf(page('slack'), './bin/inlay')
  const api = `apiUrl=${workspace.settings.apiUrl}`

  const printed = await user.run(setup!)
  expect(printed, printed.stderr).toMatchObject({ code: 0 })
  const { oauth_config, settings } = JSON.parse(printed.stdout)
  expect(settings).toMatchObject({ socket_mode_enabled: true })
  const rights = [...page('slack').matchAll(/^\| (`[\w:`, ]+) \|/gm)].flatMap(([, cell]) =>
    [...cell!.matchAll(/`([\w:]+)`/g)].map(([, right]) => right!),
  )
  expect(rights.sort()).toEqual([...oauth_config.scopes.bot].sort())
  user.file('bot.txt', `${workspace.settings.token}\n`)
  user.file('app.txt', 'xapp-hush-hush\n')

  const connects = commands.filter(([name]) => name === 'connect')
  expect(connects).toHaveLength(2)
  const outputs = [printed]
  for (const [index, command] of connects.entries()) {
    const connected = await user.run([...command, api])
    outputs.push(connected)
    expect(connected, connected.stderr).toMatchObject({ code: 0 })
    expect(connected.stdout).toContain(`Connected: ${['reply', 'triage'][index]}-slack-1`)
  }
  const [start, ...others] = commands.filter(([name]) => name !== 'connect')
  expect(others).toEqual([])
  const running = startInlay([...start!, '--port', '0'], { cwd: user.folder, env: user.env })
  await running.says(/Status page/)
  await until(() => socket.connections() > 0, 'it listens to Slack')
  let status = printed
  await until(async () => {
    status = await user.run(['status', '--json'])
    return JSON.parse(status.stdout).every(({ connected }: { connected: boolean | null }) => connected)
  }, 'both are connected')
  running.child.kill('SIGTERM')
  expect(await running.exit).toBe(0)
  const undone = await user.run(['undo'])
  expect(undone, undone.stderr).toMatchObject({ code: 0 })
  outputs.push(status, undone, { code: 0, stdout: running.stdout(), stderr: running.stderr() })
  for (const each of [...outputs.map(({ stdout, stderr }) => stdout + stderr), await user.stored()]) {
    expect(each).not.toContain(workspace.settings.token)
    expect(each).not.toContain('hush-hush')
  }
})

test('a secret that is asked for is not echoed', async () => {
  const user = await newUser()
  const program = join(root, 'bin/inlay')
  // `script` gives it a terminal of its own.
  const child = spawn('script', ['-qec', `${program} connect sql`, '/dev/null'], {
    cwd: user.folder,
    env: { ...process.env, ...user.env },
  })
  let said = ''
  let answered = 0
  child.stdout.on('data', (part) => {
    said += part
    // After the question and the prompt, with what a terminal needs to place the cursor.
    const asked = /(\w+): [^\n]*\n> $/.exec(said.slice(answered).replaceAll(/\x1b\[\d*\w/g, ''))
    if (!asked) return
    answered = said.length
    const answers: Record<string, string> = {
      url: 'postgres://u:hush-hush@127.0.0.1:9/none',
      table: 'leads',
      target: 'won',
    }
    child.stdin.write(`${answers[asked[1]!] ?? ''}\r`)
  })
  await new Promise((done) => child.on('close', done))
  expect(said).toContain('database:')
  expect(said).not.toContain('hush-hush')
  expect(said).toMatch(/does not answer/)
}, 600_000)
