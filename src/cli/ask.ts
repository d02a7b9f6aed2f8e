import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { Fault } from '../contract/index.ts'

/** One line that a person types, without spaces around it. A secret is not echoed. */
export async function ask(question: string, { secret = false } = {}): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const prompt = createInterface({
    input: process.stdin,
    output: secret ? silent : process.stdout,
    terminal: true,
    historySize: 0,
  })
  // Only now: from here on the terminal itself echoes nothing.
  if (secret) process.stdout.write(`${question}\n> `)
  // While it reads, Ctrl-C is a key like any other.
  prompt.on('SIGINT', () => {
    prompt.close()
    process.stdout.write('\n')
    process.exit(130)
  })
  try {
    return (await prompt.question(secret ? '' : `${question}\n> `)).trim()
  } catch (cause) {
    // Ctrl-D, or the terminal is gone.
    if ((cause as Error).name === 'AbortError') throw new Fault('bad-input', 'Stopped; nothing was changed.')
    throw cause
  } finally {
    prompt.close()
    if (secret) process.stdout.write('\n')
  }
}
