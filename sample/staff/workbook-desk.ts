import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { minute } from '../calendar.ts'
import { type Customer, orderEntry } from '../company.ts'
import { random } from '../random.ts'
import { makeOrder, makeRemark, orderCells, orderColumns, orderMoney, reasons } from '../tables/orders.ts'
import { appendRow, closeSheet, openSheet, readRows, setCell } from '../tables/xlsx.ts'
import { type Lane, openLane } from './lane.ts'
import { editUnderLock } from './office-lock.ts'
import { react } from './reaction.ts'
import type { Desk } from './staff.ts'

/** Simulated time between two openings of the workbook: reading and packing it is slow. */
const session = 6 * minute
/** Rows that get their reason at one opening, at most. */
const atOnce = 3
/** Openings that a row waits before somebody gives its reason. */
const waits = 3

/**
 * The order workbook: at each opening an order with a remark comes in, and rows that have waited get their reason.
 * Truth comes from `truth/orders.json` for the rows of the history, and is remembered for those that come in.
 */
export function workbookDesk(desk: Desk, customers: readonly Customer[]): Lane {
  const { clock, signal, folder, tell } = desk
  const path = join(folder, 'orders.xlsx')
  const lane = openLane(clock, signal)
  const { Orders: right } = JSON.parse(readFileSync(join(folder, 'truth', 'orders.json'), 'utf8'))
  const truth = new Map<string, string | null>(Object.entries(right.reason))
  const rng = random(`${desk.seed}/workbook desk/${Math.floor(clock.now())}`)
  const cameAt = new Map<string, number>()
  let opening = 0

  async function open() {
    lane.at(clock.now() + session, open)
    opening++
    const chance = rng.fork(opening)
    const [clerk] = orderEntry
    const events: Parameters<typeof tell>[0][] = []
    const edited = await editUnderLock(path, clerk!.name, signal, (before) => {
      events.length = 0
      const sheet = openSheet(before, 0)
      const rows = readRows(sheet)
      const header = new Map([...rows.get(1)!].map(([column, name]) => [name, column]))
      const [key, remark, reason] = ['order', 'remark', 'reason'].map((name) => header.get(name))
      if (key === undefined || remark === undefined || reason === undefined) return null

      const help = header.get('Inlay: reason')
      const waiting = [...rows].filter(
        ([number, cells]) =>
          number > 1 &&
          cells.has(remark) &&
          !cells.has(reason) &&
          truth.get(cells.get(key) ?? '') &&
          opening - (cameAt.get(cells.get(key)!) ?? 0) >= waits,
      )
      for (const [number, cells] of waiting.slice(-atOnce)) {
        const order = cells.get(key)!
        const wanted = truth.get(order)!
        const suggested = help === undefined ? null : (cells.get(help) ?? null)
        const reaction = react(chance, suggested, suggested === wanted)
        const own = chance.chance(0.03) ? chance.pick(reasons) : wanted
        const value = reaction === 'use' ? suggested! : own
        setCell(sheet, number, reason, value)
        events.push({
          type: 'reason',
          item: order,
          person: clerk!,
          detail: value,
          helped: reaction === 'use',
        })
      }

      // The columns begun by hand grow by a cell now and then, as somebody has the patience for it.
      for (const name of ['postcode', 'code']) {
        const column = header.get(name)
        const next = [...rows].find(
          ([number, cells]) => number > 1 && column !== undefined && !cells.has(column),
        )
        const value = next && right[name][next[0] - 2]
        if (column !== undefined && value && chance.chance(0.3)) setCell(sheet, next[0], column, value)
      }

      const last = Math.max(
        ...[...rows.values()].map((cells) => Number((cells.get(key) ?? '').replace(/\D/g, '')) || 0),
      )
      const made = makeOrder(chance, last + 1, clock.now(), customers)
      const said = makeRemark(chance, made.customer, made.product)
      const number = Math.max(...rows.keys()) + 1
      const cells = orderCells(made, number, false, said.text, null)
      const placed = orderColumns.map((name, i) => [header.get(name) ?? i, cells[i] ?? null] as const)
      const width = Math.max(...placed.map(([column]) => column)) + 1
      const row: (typeof cells)[number][] = Array(width).fill(null)
      for (const [column, cell] of placed) row[column] = cell
      appendRow(sheet, row, orderMoney)
      truth.set(made.order, said.reason)
      cameAt.set(made.order, opening)
      events.push({ type: 'order came', item: made.order, person: null, detail: null })
      return closeSheet(sheet)
    })
    if (edited) for (const event of events) tell(event)
  }

  lane.at(clock.now() + session / 2, open)
  return lane
}
