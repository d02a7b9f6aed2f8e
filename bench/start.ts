import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Table } from './table.ts'

/** What a stranger may wait for, in seconds. */
const limits = { first: 60, later: 5 }

/** `inlay start` on a prepared checkout and an empty data folder until the first placement; then once more. */
export async function bench(table: Table): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'inlay-bench-'))
  try {
    const lastLine = /inlay connect/
    const [first] = await secondsUntil(folder, [/placed the first/, lastLine])
    const [later] = await secondsUntil(folder, [lastLine])
    const note = 'peer: the most that a stranger may wait'
    table.row({
      claim: 'first start to first placement, s',
      inlay: first!,
      peer: limits.first,
      ratio: first! / limits.first,
      note,
    })
    table.row({
      claim: 'later start to the table, s',
      inlay: later!,
      peer: limits.later,
      ratio: later! / limits.later,
      note,
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Seconds from the start until each has been said; then it is stopped. */
async function secondsUntil(folder: string, awaited: RegExp[]): Promise<number[]> {
  const began = performance.now()
  const program = resolve(import.meta.dirname, '../bin/inlay')
  const child: ChildProcess = spawn(program, ['start', '--data', folder, '--port', '0'], {
    env: { ...process.env, DATABASE_URL: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  try {
    const seconds: number[] = []
    return await new Promise<number[]>((resolve, reject) => {
      for (const stream of [child.stdout!, child.stderr!]) {
        stream.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk
          for (const [index, said] of awaited.entries()) {
            if (said.test(text)) seconds[index] ??= (performance.now() - began) / 1000
          }
          if (awaited.every((_, index) => seconds[index] !== undefined)) resolve(seconds)
        })
      }
      child.on('exit', (code) => reject(new Error(`inlay start ended with ${code}:\n${text}`)))
    })
  } finally {
    child.removeAllListeners('exit')
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    await gone
  }
}
