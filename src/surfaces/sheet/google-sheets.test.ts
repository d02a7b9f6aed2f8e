import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { until } from '../../../tests/until.ts'
import {
  type Cell,
  type Change,
  type Fault,
  type Item,
  type Kind,
  memoryVault,
  type OpenTools,
  type Place,
  type Suggestion,
  type TableColumn,
} from '../../contract/index.ts'
import { type Medium, surfaceConformance } from '../conformance.suite.ts'
import { googleSheets } from './google-sheets.ts'
import { type GoogleStandIn, googleStandIn, hasGoogleSpec } from './google-sheets-stand-in.fixture.ts'
import { leads, people, rowHands, tableHands } from './sheet-medium.fixture.ts'

if (!hasGoogleSpec) test.skip('Google Sheets (needs its discovery document in shared/data/specs)', () => {})
else all()

const score: Suggestion<'record'> = {
  kind: 'record',
  value: { type: 'score', probability: 0.907, band: 'hot' },
  confidence: 0.9,
  reasons: [{ field: 'source', value: 'web', effect: 1.2 }],
}

function all() {
  surfaceConformance(googleSheets, {
    record: () =>
      medium(leads, { target: 'won' }, (each) => ({
        ...rowHands(each, 'won', 'yes', ['Inlay: won', 'Inlay: why']),
        suggestion: () => score,
      })),
    message: () =>
      medium(leads, { text: 'message', label: 'team' }, (each) => ({
        ...rowHands(each, 'team', 'sales', ['Inlay: team']),
        suggestion: () => ({
          kind: 'message',
          value: { type: 'label', label: 'sales' },
          confidence: 0.9,
          reasons: [],
        }),
      })),
    table: () =>
      medium(people, {}, (each, standIn) => ({
        ...tableHands(each),
        async removePlacement(key: string) {
          const [sheet] = standIn.sheets
          const column = sheet!.cells[0]!.findIndex(({ value }) => value === key.split(' · ')[0])
          for (const line of sheet!.cells) if (line[column]?.note) line[column].value = null
        },
      })),
  } as never)

  describe('what else a Google Sheet brings', () => {
    test('what is filled carries a quiet mark; undo takes value, note and colour away, and leaves what people changed', async () => {
      const { standIn, open } = await document(people)
      standIn.cellAt(standIn.sheets[0]!, 5, 3).background = { red: 1 }
      standIn.cellAt(standIn.sheets[0]!, 6, 3).note = 'ask Ada'
      const before = standIn.snapshot()
      const { place, items } = await open<'table'>('table')
      const item = (await items()).find(({ column }) => column === 'first')!
      const placed = await place.place(item, fill(item, 5), 'k')
      expect(standIn.cellAt(standIn.sheets[0]!, 4, 3)).toMatchObject({
        value: 'filled 3',
        note: expect.stringContaining('Suggested by Inlay'),
        background: { blue: 1 },
      })
      expect(standIn.cellAt(standIn.sheets[0]!, 5, 3)).toMatchObject({
        value: 'filled 4',
        background: { red: 1 },
      })
      expect(standIn.cellAt(standIn.sheets[0]!, 6, 3)).toMatchObject({ value: 'filled 5', note: 'ask Ada' })
      expect(standIn.sheets).toHaveLength(1)
      standIn.cellAt(standIn.sheets[0]!, 4, 3).value = 'Ada the first'
      if (placed.placed) await place.withdraw(placed.placement)
      const after = standIn.snapshot()
      standIn.cellAt(standIn.sheets[0]!, 4, 3).value = null
      expect(after).not.toEqual(before)
      expect(standIn.snapshot()).toEqual(before)
    })

    test('formulas, merged cells and protected ranges are left alone', async () => {
      const { standIn, open } = await document(people)
      const [sheet] = standIn.sheets
      standIn.cellAt(sheet!, 4, 3).value = '=""'
      sheet!.merges.push({
        sheetId: 0,
        startRowIndex: 4,
        endRowIndex: 6,
        startColumnIndex: 3,
        endColumnIndex: 4,
      })
      sheet!.protectedRanges.push({
        range: { sheetId: 0, startRowIndex: 6, endRowIndex: 7, startColumnIndex: 3, endColumnIndex: 4 },
        requestingUserCanEdit: false,
      })
      const { place, items } = await open<'table'>('table')
      const item = (await items()).find(({ column }) => column === 'first')!
      const suggestion = fill(item, 0)
      for (let row = 3; row < 8; row++) suggestion.value.values[row] = `filled ${row}`
      expect((await place.place(item, suggestion, 'k')).placed).toBe(true)
      expect([4, 5, 6, 7, 8].map((row) => standIn.cellAt(sheet!, row, 3).value)).toEqual([
        '=""',
        null,
        null,
        'filled 6',
        'filled 7',
      ])
    })

    test('text that looks like a formula is written as text, numbers as numbers, dates as dates', async () => {
      const rows: Cell[][] = [
        ['id', 'n', 'when', 'what'],
        ...Array.from({ length: 8 }, (_, i): Cell[] => [
          `P-${i}`,
          i < 4 ? i : null,
          null,
          i < 4 ? `t${i}` : null,
        ]),
      ]
      const { standIn, open } = await document(rows)
      for (let row = 1; row < 5; row++)
        Object.assign(standIn.cellAt(standIn.sheets[0]!, row, 2), {
          value: 45_000 + row,
          numberFormat: { type: 'DATE' },
        })
      const { place, items } = await open<'table'>('table')
      const all = await items()
      for (const [column, value] of [
        ['n', '12'],
        ['when', '2023-03-21'],
        ['what', '=1+1'],
      ] as const) {
        const item = all.find((each) => each.column === column)!
        await place.place(item, { ...fill(item, 0), value: { type: 'fill', values: { 4: value } } }, column)
      }
      const [, n, when, what] = standIn.sheets[0]!.cells[5]!
      expect(n!.value).toBe(12)
      expect(when).toMatchObject({ value: 45_006, numberFormat: { type: 'DATE' } })
      expect(what!.value).toBe('=1+1')
    })

    test('a renamed sheet is followed; a deleted one is said, with what there is', async () => {
      const { standIn, open } = await document(leads)
      standIn.addSheet('Other', [['a']])
      const { place } = await open<'record'>('record', { target: 'won' })
      const told: Change[] = []
      const failure = await (async () => {
        for await (const change of place.watch(null, AbortSignal.timeout(90_000))) {
          told.push(change)
          if (change.type === 'caught up' && standIn.sheets[0]!.title === 'Leads') {
            standIn.sheets[0]!.title = "Leads' new name"
            standIn.sheets[0]!.cells[4]![5]!.value = 'yes'
          } else if (change.type === 'deed') standIn.sheets.shift()
        }
      })().catch((cause) => cause as Fault)
      expect(told.map(({ type }) => type)).toContain('deed')
      expect(failure).toMatchObject({
        kind: 'unreachable',
        message: expect.stringMatching(/was deleted; it has "Other"/),
      })
    })

    test('50,000 × 30 cells are followed with one read call a look', async () => {
      const rows: Cell[][] = [
        Array.from({ length: 30 }, (_, column) =>
          column === 0 ? 'id' : column === 29 ? 'won' : `c${column}`,
        ),
      ]
      for (let row = 0; row < 50_000; row++)
        rows.push(
          Array.from({ length: 30 }, (_, column) =>
            column === 0
              ? `L-${row}`
              : column === 29
                ? row < 100
                  ? 'yes'
                  : row < 300
                    ? 'no'
                    : null
                : row % 7,
          ),
        )
      const { standIn, open } = await document(rows)
      const { place, opened } = await open<'record'>('record', { target: 'won', seconds: 0.5 })
      const end = new AbortController()
      let reads = 0
      let items = 0
      for await (const change of place.watch(null, end.signal)) {
        if (change.type === 'item') items++
        if (change.type !== 'caught up') continue
        reads = standIn.calls.length
        until(() => standIn.calls.length >= reads + 2, 'it has looked twice').finally(() => end.abort())
      }
      expect(items).toBe(49_700)
      const idle = standIn.calls.slice(reads)
      expect(idle.length).toBeGreaterThanOrEqual(2)
      expect(new Set(idle.map(({ name }) => name))).toEqual(new Set(['spreadsheets.values.batchGet']))
      expect(opened.health!().waitsFor).toMatch(/next look/)
    })

    test('a person gives consent in place of a key: tokens are fetched anew, and what is wrong with it is said', async () => {
      const { standIn, open } = await document(leads)
      const consent = { credentials: undefined, ...standIn.consent }
      const { place, items, opened } = await open<'record'>('record', { target: 'won', ...consent })
      const all = await items()
      expect(await place.place(all[0]!, score, 'k1')).toMatchObject({ placed: true })
      standIn.expire()
      expect(await place.place(all[1]!, score, 'k2')).toMatchObject({ placed: true })
      await opened.close()
      const said = async (more: object) =>
        (await open('record', { target: 'won', ...consent, ...more }).catch((cause) => cause)) as Fault
      for (const more of [{ refreshToken: '1//another' }, { clientSecret: 'another' }]) {
        expect(await said(more)).toMatchObject({
          kind: 'unreachable',
          message: expect.stringMatching(/refuses the consent.*inlay connect google-sheets/),
        })
      }
      standIn.trouble.notShared = true
      expect((await said({})).message).toMatch(/with this consent: pick it again/)
      expect(standIn.wrongs).toEqual([])
    })

    test('quotas, 5xx and lost connections are waited out; a lost answer writes nothing twice', async () => {
      const { standIn, open } = await document(leads)
      Object.assign(standIn.trouble, { limited: 1, retryAfter: '1', broken: 1, dropped: 1 })
      const { place, items } = await open<'record'>('record', { target: 'won' })
      const [item] = await items()
      standIn.trouble.droppedAfter = 1
      expect(await place.place(item!, score, 'k')).toMatchObject({ placed: true })
      expect(standIn.sheets).toHaveLength(1)
      const [header, ...rows] = standIn.sheets[0]!.cells
      expect(header!.map(({ value }) => value).slice(6)).toEqual(['Inlay: won', 'Inlay: why'])
      expect(rows.filter((line) => line[6]?.value === 'hot · 91 %')).toHaveLength(1)
    })

    test('a process that dies at any step of a write leaves nothing doubled, lost or behind', async () => {
      for (let step = 0; step < 6; step++) {
        const { standIn, open } = await document(leads)
        const first = await open<'record'>('record', { target: 'won' })
        const [item] = await first.items()
        // From this call on nothing answers any more, as for a process that was killed there.
        let left = step
        standIn.meanwhile(() => {
          if (left-- === 0) standIn.trouble.notShared = true
        })
        const dead = await first.place.place(item!, score, 'k').catch((cause) => cause as Fault)
        standIn.meanwhile(() => {})
        standIn.trouble.notShared = false
        await first.opened.close()
        const next = await open<'record'>('record', { target: 'won' })
        expect(await next.place.place(item!, score, 'k'), `step ${step}, ${dead}`).toMatchObject({
          placed: true,
        })
        expect(
          standIn.sheets.map(({ title }) => title),
          `step ${step}`,
        ).toEqual(['Leads'])
        const rows = standIn.sheets[0]!.cells
        expect(rows[0]!.filter(({ value }) => String(value).startsWith('Inlay: '))).toHaveLength(2)
        expect(
          rows.filter((line) => line[6]?.value === 'hot · 91 %'),
          `step ${step}`,
        ).toHaveLength(1)
      }
    })

    test('what was not shared, and a key that was deleted, are told in words without the key', async () => {
      const { standIn, open } = await document(leads)
      standIn.trouble.notShared = true
      const notShared = await open('record', { target: 'won' }).catch((cause) => cause as Fault)
      expect(notShared).toMatchObject({
        kind: 'unreachable',
        message: expect.stringContaining(`share it with ${standIn.account}`),
      })
      standIn.trouble.notShared = false
      standIn.trouble.revoked = true
      const revoked = await open('record', { target: 'won' }).catch((cause) => cause as Fault)
      expect(revoked).toMatchObject({
        kind: 'unreachable',
        message: expect.stringContaining('inlay connect google-sheets'),
      })
      const slip = await open('record', { target: 'won', credentials: '{"private_key":"hush"' }).catch(
        (cause) => cause as Fault,
      )
      expect(slip).toMatchObject({ kind: 'bad-input', message: expect.not.stringContaining('hush') })
    })

    test('a person at the same time: in 10,000 random interleavings nothing of theirs is overwritten', async () => {
      const rowsEach = 250
      let interleavings = 0
      let collisions = 0
      let random = 12_345
      const next = () => {
        random = (Math.imul(random, 1_103_515_245) + 12_345) & 0x7fffffff
        return random / 0x7fffffff
      }
      while (interleavings < 10_000) {
        const rows: Cell[][] = [
          ['id', 'name', 'first'],
          ...Array.from({ length: rowsEach + 3 }, (_, i): Cell[] => [
            `P-${i}`,
            `Ada${i}`,
            i < 3 ? `Ada${i}` : null,
          ]),
        ]
        const { standIn, open } = await document(rows)
        const [sheet] = standIn.sheets
        const { place, items, opened } = await open<'table'>('table')
        const item = (await items()).find(({ column }) => column === 'first')!
        // Every cell has its own person, who writes once or twice, at any moment of the whole write, or clears it again.
        const moments = 18
        const edits = Array.from({ length: rowsEach }, () => {
          const count = next() < 0.3 ? 0 : next() < 0.6 ? 1 : 2
          return Array.from({ length: count }, () => ({
            at: Math.floor(next() * moments),
            value: next() < 0.15 ? null : `typed ${Math.floor(next() * 1e6)}`,
          })).sort((a, b) => a.at - b.at)
        })
        const last = new Map<number, Cell>()
        let moment = 0
        const act = (now: number) => {
          for (const [row, list] of edits.entries()) {
            for (const edit of list) {
              if (edit.at !== now) continue
              standIn.cellAt(sheet!, row + 4, 2).value = edit.value
              last.set(row, edit.value)
            }
          }
        }
        standIn.meanwhile(() => act(moment++))
        const values = Object.fromEntries(
          Array.from({ length: rowsEach }, (_, row) => [row + 3, `ours ${row}`]),
        )
        await place.place(item, { ...fill(item, 0), value: { type: 'fill', values } }, 'k')
        for (; moment < moments; moment++) act(moment)
        standIn.meanwhile(() => {})
        for (let row = 0; row < rowsEach; row++) {
          const { value } = standIn.cellAt(sheet!, row + 4, 2)
          if (!last.has(row)) expect(value, `row ${row} of nobody`).toBe(`ours ${row}`)
          // A cell that its person left empty before we looked is empty, and may be filled.
          else if (last.get(row) === null) expect([null, `ours ${row}`]).toContain(value)
          else expect(value, `row ${row}, ${JSON.stringify(edits[row])}`).toBe(last.get(row))
          if (last.has(row)) collisions++
        }
        expect(standIn.sheets).toHaveLength(1)
        await opened.close()
        await standIn.close()
        expect(standIn.wrongs).toEqual([])
        interleavings += rowsEach
      }
      expect(collisions).toBeGreaterThan(5000)
    }, 120_000)

    test('rows that people insert at the very moment of a write get nothing that is not theirs', async () => {
      const { standIn, open } = await document(people)
      const [sheet] = standIn.sheets
      const { place, items } = await open<'table'>('table')
      const item = (await items()).find(({ column }) => column === 'first')!
      let seen = 0
      standIn.meanwhile((name) => {
        if (name === 'spreadsheets.batchUpdate' && seen++ === 0)
          sheet!.cells.splice(1, 0, [{ value: 'P-new' }, { value: 'Bob Bush' }])
      })
      await place.place(item, fill(item, 30), 'k')
      standIn.meanwhile(() => {})
      for (const [id, name, , first] of sheet!.cells.slice(1)) {
        const value = first?.value ?? null
        if (value !== null) expect(String(value), `${id!.value}`).toBe(String(name!.value).split(' ')[0])
      }
      expect(standIn.sheets).toHaveLength(1)
    })
  })
}

function fill(
  item: TableColumn,
  count: number,
): Suggestion<'table'> & { value: { values: Record<number, Cell> } } {
  const at = item.columns.indexOf(item.column)
  const empty = item.rows.flatMap((row, i) => (row[at] === null ? [i] : [])).slice(0, count)
  return {
    kind: 'table',
    value: { type: 'fill', values: Object.fromEntries(empty.map((row) => [row, `filled ${row}`])) },
    confidence: 0.95,
    reasons: [],
  }
}

async function medium(
  rows: Cell[][],
  more: object,
  hands: (
    each: { change(edit: (rows: Cell[][]) => void): Promise<void> },
    standIn: GoogleStandIn,
  ) => Partial<Medium<Kind>>,
): Promise<Medium<Kind>> {
  const standIn = await googleStandIn()
  const sheet = standIn.addSheet('Leads', rows)
  /** A person's hand on the values; notes and colours move with their cells. */
  async function change(edit: (rows: Cell[][]) => void): Promise<void> {
    const cells = sheet.cells
    const width = Math.max(...cells.map(({ length }) => length))
    const owners = new Map<Cell[], (typeof cells)[number]>()
    const now = cells.map((line) => {
      const row = Array.from({ length: width }, (_, column) => line[column]?.value ?? null)
      owners.set(row, line)
      return row
    })
    const before = new Map(now.map((row) => [row, [...row]]))
    edit(now)
    sheet.cells = now.map((row) => {
      const [line, was] = [owners.get(row), before.get(row)]
      if (!line || !was) return row.map((value) => ({ value }))
      if (row.length < was.length) {
        const gone = was.findIndex((value, column) => row[column] !== value)
        line.splice(gone < 0 ? row.length : gone, 1)
      }
      return row.map((value, column) => ({ ...line[column], value }))
    })
  }
  return {
    settings: {
      spreadsheet: standIn.id,
      credentials: standIn.credentials,
      url: standIn.url,
      seconds: 0.1,
      ...more,
    },
    invalid: [
      {},
      { spreadsheet: 'a' },
      { spreadsheet: 'a', credentials: 'b', text: 'c' },
      { spreadsheet: 'a', credentials: 'b', refreshToken: 'c' },
    ],
    snapshot: async () => standIn.snapshot(),
    vanish: async () => {
      standIn.trouble.gone = true
    },
    async remove() {
      await standIn.close()
      expect(standIn.wrongs).toEqual([])
    },
    ...hands({ change }, standIn),
  } as Medium<Kind>
}

/** A spreadsheet with one sheet "Leads", and ways to open the surface on it that end with the test. */
async function document(rows: Cell[][]) {
  const standIn = await googleStandIn()
  standIn.addSheet('Leads', rows)
  const folder = mkdtempSync(join(tmpdir(), 'inlay-google-'))
  onTestFinished(async () => {
    await standIn.close()
    rmSync(folder, { recursive: true, force: true })
  })
  async function open<K extends Kind>(kind: K, more: object = {}) {
    const tools: OpenTools = { now: Date.now, pseudonym: String, folder, vault: memoryVault() }
    const settings = {
      spreadsheet: standIn.id,
      credentials: standIn.credentials,
      url: standIn.url,
      seconds: 0.05,
      ...more,
    }
    const opened = await googleSheets.open(googleSheets.settings.parse(settings), tools)
    onTestFinished(() => opened.close())
    const place = opened[kind] as Place<K>
    const items = async () => {
      const found: Item<K>[] = []
      for await (const change of place.watch(null, AbortSignal.timeout(90_000))) {
        if (change.type === 'item') found.push(change.item as Item<K>)
        if (change.type === 'caught up') break
      }
      return found
    }
    return { opened, place, items }
  }
  return { standIn, open }
}
