import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'

/** Debian's Python, where the peers from Debian's packages are. */
const python = '/usr/bin/python3'

/**
 * Runs a peer that lives in Python (`bench/peers/NAME.py`), which prints one JSON document. Null, with one line that
 * says so, where its packages are not installed.
 */
export function python3<Answer>(name: string, args: string[], packages: string[]): Answer | null {
  const modules: Record<string, string> = { 'python3-sklearn': 'sklearn', 'python3-xgboost': 'xgboost' }
  try {
    execFileSync(python, ['-c', packages.map((each) => `import ${modules[each]}`).join('\n')], {
      stdio: 'ignore',
    })
  } catch {
    console.error(`bench: no peer for ${name}: install ${packages.join(' ')} (Debian) to see it beside.`)
    return null
  }
  const script = resolve(import.meta.dirname, 'peers', `${name}.py`)
  const out = execFileSync(python, [script, ...args], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return JSON.parse(out)
}
