import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { Fault } from '../contract/fault.ts'
import { type EventLog, type TableVersion, versionsLog } from '../shadow/index.ts'
import { readTable } from '../surfaces/sheet/table.ts'
import { openZip, zipEntry } from '../surfaces/sheet/zip.ts'

/**
 * Several saved versions of one table, CSV or XLSX, as a history of what people changed in between. When a version was
 * saved, and by whom, a workbook says itself; else the date in the file's name, else the file's own time.
 */
export async function openVersions(paths: readonly string[]): Promise<EventLog> {
  if (paths.length < 2) {
    throw new Fault(
      'bad-input',
      `${paths[0]} is one version of a table, which tells no change: give several, such as leads-2026-01-05.xlsx leads-2026-01-12.xlsx.`,
    )
  }
  const versions: TableVersion[] = []
  for (const path of paths) versions.push(await versionAt(path, nameOf(paths[0]!)))
  const times = new Set(versions.map(({ at }) => at))
  if (times.size < versions.length) {
    throw new Fault(
      'bad-input',
      `Two of ${paths.join(', ')} have the same time: put the date in their names, such as leads-2026-01-05.csv.`,
    )
  }
  const columns = new Set(versions[0]!.columns)
  const stranger = versions.findIndex((version) => !version.columns.some((column) => columns.has(column)))
  if (stranger > 0) {
    throw new Fault(
      'bad-input',
      `${paths[stranger]} has no column in common with ${paths[0]}: they are not versions of one table.`,
    )
  }
  return versionsLog(versions)
}

async function versionAt(path: string, table: string): Promise<TableVersion> {
  const read = await readTable(path)
  const said = read.format === 'xlsx' ? await propertiesOf(path) : null
  const at = said?.at ?? timeInName(basename(path)) ?? (await stat(path)).mtimeMs
  return {
    table,
    at: Math.round(at),
    person: said?.person ?? null,
    columns: read.columns,
    rows: read.rows.map((row) => row.map((cell) => (cell === null ? '' : String(cell)))),
  }
}

/** `dcterms:modified` and `cp:lastModifiedBy` of a workbook (ECMA-376 part 2, core properties). */
async function propertiesOf(path: string): Promise<{ at: number | null; person: string | null }> {
  const bytes = await readFile(path)
  // Gzipped workbooks keep theirs to themselves.
  if (bytes.readUInt32LE(0) !== 0x04034b50) return { at: null, person: null }
  const core = zipEntry(path, openZip(path, bytes), 'docProps/core.xml')?.toString('utf8') ?? ''
  const of = (tag: string) => new RegExp(`<${tag}\\b[^>]*>([^<]+)</${tag}>`).exec(core)?.[1]?.trim() ?? null
  const at = Date.parse(of('dcterms:modified') ?? '')
  return { at: Number.isNaN(at) ? null : at, person: of('cp:lastModifiedBy') }
}

/** A date, and a time of day where there is one, in a file's name: 2026-01-05, 20260105, 2026-01-05T1730; UTC. */
function timeInName(name: string): number | null {
  const found = /(20\d\d)-?([01]\d)-?([0-3]\d)(?:[T_ -]?([0-2]\d)[-:h]?([0-5]\d))?/.exec(name)
  if (!found) return null
  const [, year, month, day, hour = '0', minute = '0'] = found
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute))
}

/** "leads" of "exports/leads-2026-01-05.xlsx". */
function nameOf(path: string): string {
  const bare = basename(path)
    .replace(/\.(?:csv|tsv|xlsx|jsonl)(?:\.gz)?$/i, '')
    .replace(/[-_ .]*20\d\d-?[01]\d-?[0-3]\d.*$/, '')
    .replace(/[-_ .]*v?\d+$/i, '')
  return bare === '' ? 'table' : bare
}
