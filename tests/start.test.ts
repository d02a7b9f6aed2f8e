import { chmodSync, chownSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { removePostgres } from '../src/ledger/postgres.ts'
import { freshFolder, inlay, startInlay } from './inlay.ts'

const root = process.getuid?.() === 0

test('a first start in an empty home reaches "placed" without a question, shows its table, and goes on after a kill', async () => {
  const home = freshFolder()
  // Closed to everybody else, as a root's home is: its Postgres, which runs as another user, must cope.
  chmodSync(home, 0o700)
  const data = join(home, 'data')
  // As root its Postgres keeps what it has elsewhere, where its user can reach it.
  onTestFinished(() => removePostgres(data))
  const args = ['start', '--data', data, '--port', '0']
  const first = startInlay(args, { cwd: home, env: { HOME: home } })
  const [, url] = await first.says(/Status page: (\S+)/)
  await first.says(/placed the first \d+/)
  await first.says(/inlay start --mail/)
  expect(first.stdout()).toMatch(/skill.*surface.*place.*pain.*proof.*would show.*how sure/)
  expect(await (await fetch(url!)).text()).toContain('made up')
  expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ ok: true })
  expect(await (await fetch(`${url}/openapi.json`)).json()).toHaveProperty('paths./standing')
  const before = JSON.parse((await inlay(['status', '--data', data, '--json'])).stdout)
  first.child.kill('SIGKILL')
  await first.exit

  const second = startInlay(args, { cwd: home, env: { HOME: home } })
  await second.says(/Status page/)
  await second.says(/inlay start --mail/)
  const after = JSON.parse((await inlay(['status', '--data', data, '--json'])).stdout)
  expect(after).toHaveLength(before.length)
  for (const [index, row] of before.entries()) {
    expect(after[index].counts.seen).toBeGreaterThanOrEqual(row.counts.seen)
    expect(after[index].counts.placed).toBeGreaterThanOrEqual(row.counts.placed)
  }
  second.child.kill('SIGTERM')
  expect(await second.exit).toBe(0)

  // The made-up office was killed too; whoever finds its lock closes the file, or waits for its restart to do so.
  rmSync(join(data, 'sample', '.~lock.leads.csv#'), { force: true })
  rmSync(join(data, 'sample', '.~lock.orders.xlsx#'), { force: true })
  const dry = await inlay(['undo', '--data', data, '--dry-run', '--json'])
  expect(JSON.parse(dry.stdout).some((each: { placements: number }) => each.placements > 0)).toBe(true)
  const undone = await inlay(['undo', '--data', data, '--json'])
  expect(undone.code, undone.stderr).toBe(0)
  expect(JSON.parse(undone.stdout)).toEqual(JSON.parse(dry.stdout))
}, 600_000)

test.skipIf(!root)(
  'an ordinary user starts it too (needs root to become one)',
  async () => {
    const nobody = 65534
    const home = freshFolder()
    chownSync(home, nobody, nobody)
    chmodSync(home, 0o700)
    const started = startInlay(['start', '--data', join(home, 'data'), '--port', '0'], {
      cwd: home,
      env: { HOME: home },
      uid: nobody,
    })
    await started.says(/placed the first \d+/)
    expect(existsSync(join(home, 'data'))).toBe(true)
  },
  600_000,
)
