import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'

/** One line that a person types, without spaces around it. A secret is not echoed. */
export async function ask(question: string, { secret = false } = {}): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  if (secret) process.stdout.write(`${question}\n> `)
  const prompt = createInterface({
    input: process.stdin,
    output: secret ? silent : process.stdout,
    terminal: true,
    historySize: 0,
  })
  // While it reads, Ctrl-C is a key like any other.
  prompt.on('SIGINT', () => {
    prompt.close()
    process.stdout.write('\n')
    process.exit(130)
  })
  try {
    return (await prompt.question(secret ? '' : `${question}\n> `)).trim()
  } finally {
    prompt.close()
    if (secret) process.stdout.write('\n')
  }
}
