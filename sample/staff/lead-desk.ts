import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { minute, second } from '../calendar.ts'
import { leadDesk as leadPeople } from '../company.ts'
import { random } from '../random.ts'
import { readCsv, writeCsv } from '../tables/csv.ts'
import { decidedCells, type Lead, makeLead } from '../tables/leads.ts'
import { type Lane, openLane } from './lane.ts'
import { editUnderLock } from './office-lock.ts'
import type { Desk } from './staff.ts'

/** Simulated time between two leads, until a lead is decided, and between two of the old ones. */
const between = 180 * second
const decidedAfter = 45 * minute
const oldOnesEvery = 6 * minute
/** Simulated time between two rounds of calls to hot leads. */
const session = 3 * minute
/** Real milliseconds that a person saves up what to write into the file. */
const openingEvery = 700

/**
 * The lead table: new leads come in, and their outcomes are written when they are known. The truth of every lead
 * that comes in is a line of `truth/live-leads.jsonl`, written before the lead is.
 */
export function leadDesk(desk: Desk): Lane {
  const { clock, signal, folder, tell } = desk
  const path = join(folder, 'leads.csv')
  const truthFile = join(folder, 'truth', 'live-leads.jsonl')
  const lane = openLane(clock, signal)
  const earlier = readLines(truthFile)
  const rng = random(`${desk.seed}/lead desk/${earlier.length}`)
  let sequence = earlier.length
  /** What is known and not yet written: key → won. */
  const decided = new Map<string, boolean>()
  const incoming: Lead[] = []

  /** What a person sees about a lead in Inlay's column, before they decide it. */
  const seen = new Map<string, string>()

  function arrive() {
    const chance = random(`${desk.seed}/live lead/${sequence++}`)
    incoming.push(makeLead(chance, 0, Math.floor(clock.now() / second) * second, decidedAfter))
    lane.at(clock.now() - Math.log(1 - rng.next()) * between, arrive)
    openSoon()
  }

  /** Plans one opening of the file, however much there is to write by then. */
  let planned = false
  function openSoon() {
    if (planned) return
    planned = true
    lane.at(clock.now() + openingEvery * clock.speed, async () => {
      planned = false
      await write()
    })
  }

  /** One opening of the file: adds what came in, writes what was decided, keeps everything else as it is. */
  async function write() {
    const done: (() => void)[] = []
    const person = rng.pick(leadPeople)
    const cells = rng.fork(`cells ${sequence} ${decided.size}`)
    const edited = await editUnderLock(path, person.name, signal, (before) => {
      done.length = 0
      const table = readCsv(before)
      const place = new Map(table.header.map((name, i) => [name, i]))
      const key = place.get('id')
      if (key === undefined) return null
      const set = (row: string[], values: Partial<Record<string, string>>) => {
        for (const [column, value] of Object.entries(values)) {
          const at = place.get(column)
          if (at === undefined || value === undefined) continue
          while (row.length <= at) row.push('')
          row[at] = value
        }
      }
      const help = place.get('Inlay: outcome')
      for (const row of table.rows) {
        const id = row[key]!
        if (help !== undefined && row[help]) seen.set(id, row[help])
        const won = decided.get(id)
        if (won === undefined) continue
        done.push(() => {
          decided.delete(id)
          tell({ type: 'outcome', item: id, person, detail: won ? 'won' : 'lost' })
        })
        if (row[place.get('outcome')!]) continue
        set(row, decidedCells({ won }, cells, clock.now()))
      }
      let last = Math.max(0, ...table.rows.map((row) => Number(row[key]!.replace(/\D/g, '')) || 0))
      for (const lead of incoming) {
        const id = `L-${++last}`
        const row: string[] = table.header.map(() => '')
        set(row, { ...lead.row, id })
        table.rows.push(row)
        done.push(() => came(id, lead))
      }
      return done.length > 0 ? writeCsv(table) : null
    })
    if (edited) {
      for (const each of done) each()
      incoming.length = 0
    }
  }

  function came(id: string, lead: Lead) {
    appendFileSync(truthFile, `${JSON.stringify({ id, won: lead.won, probability: lead.probability })}\n`)
    tell({ type: 'lead came', item: id, person: null, detail: null })
    lane.at(lead.decidedAt, () => decide(id, lead.won))
  }

  function callHotOnes() {
    lane.at(clock.now() + session, callHotOnes)
    // What Inlay calls hot is called first, and so decided first.
    for (const [id, won] of open) if (seen.get(id)?.startsWith('hot') && rng.chance(0.1)) settle(id, won)
  }

  function settle(id: string, won: boolean) {
    open.delete(id)
    decide(id, won)
  }

  function decide(id: string, won: boolean) {
    decided.set(id, won)
    openSoon()
  }

  function decideOld() {
    const next = open.entries().next().value
    if (!next) return
    settle(...next)
    lane.at(clock.now() - Math.log(1 - rng.next()) * oldOnesEvery, decideOld)
  }

  /** Leads of before that are still open, oldest first. */
  const open = new Map(
    [
      ...(JSON.parse(readFileSync(join(folder, 'truth', 'leads.json'), 'utf8')).open as Truth[]),
      ...earlier,
    ].map(({ id, won }) => [id, won]),
  )
  const table = readCsv(readFileSync(path))
  const key = table.header.indexOf('id')
  const outcome = table.header.indexOf('outcome')
  const undecided = new Set(table.rows.filter((row) => !row[outcome]).map((row) => row[key]!))
  for (const id of [...open.keys()]) if (!undecided.has(id)) open.delete(id)

  lane.at(clock.now(), arrive)
  lane.at(clock.now() + session, callHotOnes)
  lane.at(clock.now() + oldOnesEvery, decideOld)
  return lane
}

interface Truth {
  id: string
  won: boolean
}

function readLines(path: string): Truth[] {
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return line ? [JSON.parse(line) as Truth] : []
      } catch {
        return []
      }
    })
}
