import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type EventLog, shadow } from '../shadow/index.ts'
import { makeWorkbook } from '../surfaces/sheet/workbook.fixture.ts'
import { openVersions } from './table-versions.ts'

const folder = mkdtempSync(join(tmpdir(), 'inlay-versions-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const file = (name: string, content: string | Buffer) => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
const told = (log: EventLog) =>
  Array.from({ length: log.length }, (_, i) =>
    [
      new Date(log.at[i]!).toISOString().slice(0, 16),
      log.cases.names[log.case[i]!],
      log.actions.names[log.action[i]!],
      log.people.names[log.person[i]!] ?? 'nobody',
    ].join(' | '),
  )

const workbook = (name: string, modified: string, who: string, rows: (string | number | null)[][]) =>
  file(
    name,
    makeWorkbook({
      sheets: [{ name: 'Leads', rows: [['Id', 'Name', 'Rating', 'Status'], ...rows] }],
      parts: {
        'docProps/core.xml': `<?xml version="1.0"?><cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dcterms="http://purl.org/dc/terms/"><cp:lastModifiedBy>${who}</cp:lastModifiedBy><dcterms:modified xsi:type="dcterms:W3CDTF">${modified}</dcterms:modified></cp:coreProperties>`,
      },
    }),
  )

test('of a workbook tell who set and changed what, and when; rows may be sorted anew in between', async () => {
  const second = workbook('leads v2.xlsx', '2026-01-12T09:30:00Z', 'Ben', [
    [2, 'Brix', 'hot', 'open'],
    [1, 'Acme', 'cold', 'open'],
  ])
  const first = workbook('leads v1.xlsx', '2026-01-05T09:00:00Z', 'Ada', [
    [1, 'Acme', null, 'open'],
    [2, 'Brix', 'cold', 'open'],
  ])
  const third = workbook('leads v3.xlsx', '2026-01-13T10:00:00Z', 'Ada', [
    [1, 'Acme', 'cold', 'won'],
    [3, 'Cora', null, 'open'],
  ])
  expect(told(await openVersions([second, third, first]))).toEqual([
    '2026-01-12T09:30 | leads 2 | Rating changed | person 2',
    '2026-01-12T09:30 | leads 1 | Rating set | person 2',
    '2026-01-13T10:00 | leads 1 | Status: won | person 1',
    '2026-01-13T10:00 | leads 3 | row added | person 1',
  ])
})

test('of a CSV are told by the dates in their names, and what is set again and again comes out as a routine', async () => {
  const paths = Array.from({ length: 10 }, (_, day) => {
    const rows = Array.from({ length: 10 }, (_, n) => `${n},company ${n},${n <= day ? 'hot' : ''}`)
    return file(
      `orders-2026-01-${String(day + 5).padStart(2, '0')}.csv`,
      `id,name,rating\n${rows.join('\n')}\n`,
    )
  })
  const log = await openVersions(paths)
  expect(told(log)[0]).toBe('2026-01-06T00:00 | orders 1 | rating set | nobody')
  expect(log.length).toBe(9)
  expect(shadow(log)).toMatchObject({ events: 9, people: 0 })
})

test('that tell nothing are refused in one sentence', async () => {
  const one = file('a-2026-01-05.csv', 'id,x\n1,a\n')
  const same = file('a-2026-01-06.csv', 'id,x\n1,a\n')
  const other = file('b-2026-01-07.csv', 'name,y\nq,r\n')
  const sameDay = file('c-2026-01-05.csv', 'id,x\n1,b\n')
  await expect(openVersions([one])).rejects.toThrow('one version of a table')
  await expect(openVersions([one, same])).rejects.toThrow('Nothing differs between the 2 versions')
  await expect(openVersions([one, other])).rejects.toThrow('no column in common')
  await expect(openVersions([one, sameDay])).rejects.toThrow('have the same time')
})
