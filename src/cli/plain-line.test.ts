import { Command } from 'commander'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readPlainLine } from './plain-line.ts'

const known = { metric: ['<column>', ''], by: ['<columns>', ''], json: [null, ''] } as const

/** What Commander makes of the same line, or null where it refuses it. */
function commanderReads(args: string[]) {
  const command = new Command()
    .exitOverride()
    .configureOutput({ writeOut: () => {}, outputError: () => {} })
    .argument('<table>')
    .option('--metric <column>')
    .option('--by <columns>')
    .option('--json')
  try {
    command.parse(args, { from: 'user' })
  } catch {
    return null
  }
  return { argument: command.args[0], options: command.opts() }
}

test('a plain line is read as Commander reads it, and any other is left to it', () => {
  const word = fc.constantFrom(
    'a.csv', 'b', '', '-', '--', '--metric', '--by', '--json', '--per', '--metric=x', '-h', '--help', '-5', '__proto__',
    '--__proto__', '--constructor',
  ) // biome-ignore format: one list
  fc.assert(
    fc.property(fc.array(word, { maxLength: 7 }), (args) => {
      const line = readPlainLine(args, known)
      if (line)
        expect({ argument: line.argument, options: { ...line.options } }).toEqual(commanderReads(args))
    }),
    { numRuns: 2_000 },
  )
  expect(readPlainLine(['t.csv', '--by', 'a,b', '--json'], known)).toEqual({
    argument: 't.csv',
    options: { by: 'a,b', json: true },
  })
  expect(readPlainLine(['--json'], known)).toBeNull()
  expect(readPlainLine(['t.csv', '--by', 'a', '--by', 'b'], known)).toBeNull()
})
