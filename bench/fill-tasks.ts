import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Shown } from '../src/learn/programs/types.ts'
import { everyday } from './everyday.ts'
import { everydayFresh } from './everyday-fresh.ts'

const data = resolve(import.meta.dirname, '../../shared/data/fill')

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
/** Sets that costs and confidence are fitted on. */
export const fillSets = [...publicSets, 'everyday']
/** Nothing is fitted on this one. */
export const freshSet = 'everyday, fresh'

export const hasPublicSets = () => existsSync(data)

/** All tasks of a set with at least four distinct rows. */
export function fillTasks(set: string): FillTask[] {
  const raw: { id: string; rows: Shown[]; silentRows?: string[][]; dupOf?: string }[] =
    set === 'everyday'
      ? [...everyday]
      : set === freshSet
        ? [...everydayFresh]
        : readFileSync(resolve(data, `${set}.jsonl`), 'utf8')
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line))
  return raw.flatMap(({ id, rows, silentRows = [], dupOf }) => {
    if (dupOf) return []
    const seen = new Set<string>()
    const distinct = rows.filter((row) => {
      const key = JSON.stringify(row.in)
      if (seen.has(key)) return false
      seen.add(key)
      return true
    })
    const heldOut =
      set === freshSet || (createHash('sha256').update(`${set}${id}`).digest().at(-1) as number) % 2 === 1
    return distinct.length > 3 ? [{ set, id, rows: distinct.slice(0, 60), silentRows, heldOut }] : []
  })
}
