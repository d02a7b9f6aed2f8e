import { complete } from '../src/learn/programs/complete.ts'
import { fillColumn } from '../src/skills/fill/column.ts'

/**
 * One long or wide table filled in a process of its own; prints one line of JSON:
 *
 *   node bench/fill-rows.ts names|dates ROWS
 *   node bench/fill-rows.ts wide COLUMNS
 */
const [what = 'names', size = '100000'] = process.argv.slice(2)
const count = Number(size)
const two = (n: number) => String(n).padStart(2, '0')
const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August']

interface Asked {
  warm(): unknown
  run(): number
}

function rowsOf(input: (i: number) => string, output: (i: number) => string, example: number): Asked {
  const inputs = Array.from({ length: count }, (_, i) => [input(i)])
  const examples = [{ in: inputs[example] as string[], out: output(example) }]
  return {
    warm: () => complete(examples, inputs.slice(0, 2000)),
    run: () => complete(examples, inputs).best.filter((value, i) => value === output(i)).length,
  }
}

function columnsOf(): Asked {
  const names = ['Ada Lovelace', 'Alan Turing', 'Grace Hopper', 'Edsger Dijkstra', 'Barbara Liskov']
  const columns = Array.from({ length: count }, (_, c) => `Column ${c}`)
  const rows = names.map((name, row) =>
    columns.map((_, c) =>
      c === 7000 ? name : c === 7001 && row > 0 ? null : c === 7001 ? 'Lovelace' : c * row,
    ),
  )
  const run = () => {
    const { cells } = fillColumn(columns, rows, 'Column 7001')
    return 1 + cells.filter(({ row, value }) => value === names[row]?.split(' ')[1]).length
  }
  return { warm: () => null, run }
}

const asked =
  what === 'wide'
    ? columnsOf()
    : what === 'dates'
      ? rowsOf(
          (i) => `2024-${two(1 + (i % 8))}-${two(1 + (i % 28))} ${i}`,
          (i) => `${1 + (i % 28)} ${months[i % 8]} 2024`,
          14,
        )
      : rowsOf(
          (i) => `Person${i % 50_000} Number${i}, ${i % 97} Oak Street`,
          (i) => `Number${i}`,
          0,
        )
asked.warm()
const before = process.cpuUsage()
const right = asked.run()
const { user, system } = process.cpuUsage(before)
const megabytes = (process.resourceUsage().maxRSS * 1024) / 1e6
console.log(JSON.stringify({ ms: (user + system) / 1000, right, megabytes }))
