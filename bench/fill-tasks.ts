import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Shown } from '../src/learn/programs/types.ts'
import { everyday } from './everyday.ts'
import { everydayFresh } from './everyday-fresh.ts'

const data = resolve(import.meta.dirname, '../../shared/data/fill')

const moreTasks = resolve(import.meta.dirname, 'everyday-more.jsonl')

/** A column to complete: distinct rows in order, at most 60, and inputs whose right answer is to stay empty. */
export interface FillTask {
  set: string
  id: string
  rows: Shown[]
  silentRows: string[][]
  /** Costs and confidence are fitted on the other half; these are only looked at for figures. */
  heldOut: boolean
}

export const publicSets = ['prose-text', 'sygus', 'playgol', 'bustle', 'prose-split']
/** Sets that costs are fitted on; confidence on these and on `moreSet`. */
export const fillSets = [...publicSets, 'everyday']
/** Further columns of ours, by what people ask for in spreadsheets: programs were developed on them, costs were not fitted. */
export const moreSet = 'everyday, more'
/** Nothing is fitted on this one. */
export const freshSet = 'everyday, fresh'

export const hasPublicSets = () => existsSync(data)

interface RawTask {
  id: string
  rows: Shown[]
  silentRows?: string[][]
  dupOf?: string
}

const linesOf = (path: string): RawTask[] =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

/** All tasks of a set with at least four distinct rows. */
export function fillTasks(set: string): FillTask[] {
  const raw: RawTask[] =
    set === 'everyday'
      ? [...everyday]
      : set === freshSet
        ? [...everydayFresh]
        : linesOf(set === moreSet ? moreTasks : resolve(data, `${set}.jsonl`))
  return raw.flatMap(({ id, rows, silentRows = [], dupOf }) => {
    if (dupOf) return []
    const seen = new Set<string>()
    const distinct = rows.filter((row) => {
      const key = JSON.stringify(row.in)
      if (seen.has(key)) return false
      seen.add(key)
      return true
    })
    const odd = (createHash('sha256').update(`${set}${id}`).digest().at(-1) as number) % 2 === 1
    const heldOut = set === freshSet || (set !== moreSet && odd)
    return distinct.length > 3 ? [{ set, id, rows: distinct.slice(0, 60), silentRows, heldOut }] : []
  })
}
