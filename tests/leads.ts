import type { Cell } from '../src/contract/index.ts'
import { seeded } from '../src/stats/random.ts'
import type { HubSpotStandIn } from '../src/surfaces/crm/hubspot-stand-in.fixture.ts'

/** Something that can be learned, from no single column: who came often, stayed long and read much buys. */
export function leadOf(n: number) {
  const random = seeded(n + 1)
  const [visits, minutes, pages] = [0, 0, 0].map(() => Math.floor(random.uniform() * 10))
  return { visits: visits!, minutes: minutes!, pages: pages!, won: visits! + minutes! + pages! > 13 }
}

/** Contacts whose outcome is known, then contacts that wait for it; gives the ids of these. */
export function contactsIn(standIn: HubSpotStandIn, decided: number, open: number): string[] {
  for (const name of ['minutes', 'pages']) {
    const words = { label: name, groupName: 'x', description: '', options: [] }
    standIn.defineProperty('contacts', { name, type: 'number', fieldType: 'number', ...words })
  }
  const contact = (n: number, stage: (won: boolean) => string) => {
    const { visits, minutes, pages, won } = leadOf(n)
    const values = Object.entries({ visits, minutes, pages, lifecyclestage: stage(won) })
    return standIn.create(
      'contacts',
      Object.fromEntries(values.map(([name, value]) => [name, String(value)])),
    )
  }
  for (let n = 0; n < decided; n++) contact(n, (won) => (won ? 'customer' : 'other'))
  return Array.from({ length: open }, (_, n) => contact(decided + n, () => 'lead'))
}

/** The same as a table, header first. */
export function leadRows(decided: number, open: number): Cell[][] {
  const rows: Cell[][] = [['id', 'visits', 'minutes', 'pages', 'won']]
  for (let n = 0; n < decided + open; n++) {
    const { visits, minutes, pages, won } = leadOf(n)
    rows.push([`L-${n}`, visits, minutes, pages, n < decided ? (won ? 'yes' : 'no') : null])
  }
  return rows
}
