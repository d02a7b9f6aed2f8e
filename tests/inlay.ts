import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { onTestFinished } from 'vitest'

const program = resolve(import.meta.dirname, '../bin/inlay')

export interface Run {
  code: number | null
  stdout: string
  stderr: string
}

/** Runs the program as a person does, to its end. */
export async function inlay(
  args: string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Run> {
  const started = startInlay(args, options)
  const code = await started.exit
  return { code, stdout: started.stdout(), stderr: started.stderr() }
}

export interface Started {
  child: ChildProcess
  stdout(): string
  stderr(): string
  exit: Promise<number | null>
  /** Resolves when its output matches; fails with all of it when it ends or takes longer than `seconds`. */
  says(pattern: RegExp, seconds?: number): Promise<RegExpExecArray>
}

export function startInlay(
  args: string[],
  { cwd, env, uid }: { cwd?: string; env?: NodeJS.ProcessEnv; uid?: number } = {},
): Started {
  const child = spawn(program, args, {
    env: { ...process.env, DATABASE_URL: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd !== undefined && { cwd }),
    ...(uid !== undefined && { uid, gid: uid }),
  })
  const said = { stdout: '', stderr: '' }
  let wake = () => {}
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text
      wake()
    })
  }
  let ended = false
  const exit = new Promise<number | null>((resolve) => {
    child.on('close', (code) => {
      ended = true
      resolve(code)
      wake()
    })
  })
  // Not SIGKILL: the program's Postgres must go too.
  onTestFinished(async () => {
    child.kill('SIGTERM')
    await exit
  })
  async function says(pattern: RegExp, seconds = 240): Promise<RegExpExecArray> {
    const deadline = Date.now() + seconds * 1000
    for (;;) {
      const match = pattern.exec(`${said.stdout}\n${said.stderr}`)
      if (match) return match
      const left = deadline - Date.now()
      if (ended || left <= 0) throw new Error(`It never said ${pattern}:\n${said.stdout}\n${said.stderr}`)
      await new Promise<void>((resolve) => {
        wake = resolve
        setTimeout(resolve, Math.min(left, 1000))
      })
    }
  }
  return { child, exit, says, stdout: () => said.stdout, stderr: () => said.stderr }
}

/** A folder that is gone after the test. Open to all: as root, Postgres runs as somebody else. */
export function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'inlay-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
