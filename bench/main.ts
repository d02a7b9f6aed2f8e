import { cpus, totalmem } from 'node:os'
import { newTable } from './table.ts'

/** Every benchmark there is, by its name: `npm run bench -- ledger start` runs two of them. */
const benches = {
  ledger: () => import('./ledger.ts'),
  savings: () => import('./savings.ts'),
  start: () => import('./start.ts'),
  triage: () => import('./triage.ts'),
  score: () => import('./score.ts'),
  reruns: () => import('./reruns.ts'),
  shadow: () => import('./shadow.ts'),
  summary: () => import('./summary.ts'),
  fill: () => import('./fill.ts'),
  index: () => import('./index.ts'),
  reply: () => import('./reply.ts'),
  mail: () => import('./mail.ts'),
  slack: () => import('./slack.ts'),
}

const asked = process.argv.slice(2)
const names = Object.keys(benches) as (keyof typeof benches)[]
const unknown = asked.find((name) => !names.some((known) => known === name))
if (unknown) {
  console.error(`There is no benchmark "${unknown}"; there are ${names.join(', ')}.`)
  process.exit(2)
}

const table = newTable()
for (const name of names.filter((each) => asked.length === 0 || asked.includes(each))) {
  console.error(`bench: ${name} …`)
  await (await benches[name]()).bench(table)
}
const memory = Math.round(totalmem() / 2 ** 30)
console.log(
  `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores, ${memory} GiB, Node.js ${process.version}\n`,
)
table.print()
