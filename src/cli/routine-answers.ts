import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Fault } from '../contract/fault.ts'
import type { Ledger } from '../ledger/index.ts'
import type { RoutineAnswer, RoutineQuestion, ShadowReport } from '../shadow/index.ts'
import { type DataOptions, dataFolder } from './data-options.ts'

/**
 * There when something was ever said of a routine in a ledger of this folder: without it nobody has to start a Postgres
 * to learn that there is nothing.
 */
const mark = (folder: string) => join(folder, 'routines-were-spoken-of')

/** What people said of routines, oldest first. */
export async function answersIn(ledger: Pick<Ledger, 'facts'>): Promise<RoutineAnswer[]> {
  const answers: RoutineAnswer[] = []
  for await (const fact of ledger.facts({ kinds: ['saidOfRoutine'] }))
    if (fact.kind === 'saidOfRoutine') answers.push({ ...fact.body, at: fact.at })
  return answers
}

/** The same from the ledger of a data folder, which is opened only where there may be any. */
export async function readAnswers(options: DataOptions): Promise<RoutineAnswer[]> {
  const folder = await dataFolder(options)
  if (!process.env.DATABASE_URL && !existsSync(mark(folder))) return []
  const { withLedger } = await import('./open-ledger.ts')
  return withLedger({ ...options, own: true }, answersIn)
}

/** Keeps what was said of a routine of this report, as a fact. Throws a Fault that lists the routines where it is none. */
export async function sayOfRoutine(
  ledger: Ledger,
  folder: string,
  report: ShadowReport,
  { routine: id, question, answer }: { routine: string; question: RoutineQuestion; answer: boolean | string },
): Promise<void> {
  const routine = report.routines.find((each) => each.id === id)
  if (!routine) {
    const known = report.routines.slice(0, 8).map((each) => each.id)
    throw new Fault(
      'bad-input',
      `There is no routine "${id}" in these logs; ${known.length === 0 ? 'there is none at all' : `there are ${known.join(', ')}`}.`,
    )
  }
  const { kind, steps } = routine
  const about = { at: Date.now(), deployment: 'shadow', item: null, person: null }
  const body = { kind, steps, question, answer }
  await ledger.append([{ ...about, key: `saidOfRoutine:${randomUUID()}`, kind: 'saidOfRoutine', body }])
  await writeFile(mark(folder), '')
}
