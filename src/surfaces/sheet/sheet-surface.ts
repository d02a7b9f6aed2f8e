import { join } from 'node:path'
import { z } from 'zod'
import type { Example, Kind, Opened, OpenTools, Place, Surface } from '../../contract/index.ts'
import { readKept, writeKept } from '../kept.ts'
import { columnWork } from './column-work.ts'
import { columnNamed, timeColumn } from './columns.ts'
import { messageRows, recordRows, wonValue } from './examples.ts'
import type { Loaded } from './plan-write.ts'
import { digest, type Identity, identityOf, rowKeys } from './row-keys.ts'
import { rowWork } from './row-work.ts'
import { openSheetFile, type SheetFile, type SheetFormat } from './sheet-file.ts'
import type { SheetKind } from './sheet-kind.ts'
import { watchSheet } from './sheet-watch.ts'
import type { Table } from './table.ts'

const sharedSettings = z.strictObject({
  path: z.string().min(1).describe('The file, as a path on this machine.'),
  key: z
    .string()
    .min(1)
    .optional()
    .describe(
      'The column that identifies a row; found by itself where one is named like an ID and differs in every row.',
    ),
  target: z
    .string()
    .min(1)
    .optional()
    .describe('The column with the outcome of a row (won or lost): rows are then records to score.'),
  positive: z
    .string()
    .min(1)
    .optional()
    .describe('The value of the target column that counts as won, where that is not plain.'),
  text: z
    .string()
    .min(1)
    .optional()
    .describe('The column with a text to sort: rows are then messages. Goes with "label".'),
  label: z
    .string()
    .min(1)
    .optional()
    .describe('The column in which people write the label of the text. Goes with "text".'),
  order: z
    .string()
    .min(1)
    .optional()
    .describe(
      'The column that says when a row arrived; found by itself where there is a single one of dates.',
    ),
})

/** What every sheet takes, whatever its medium. */
export const sharedFields = sharedSettings.shape

export const csvSettings = sharedSettings.refine(goTogether, { message: '"text" and "label" go together.' })

export const xlsxSettings = sharedSettings
  .extend({
    sheet: z
      .string()
      .min(1)
      .optional()
      .describe('The sheet; the first visible one that holds something otherwise.'),
  })
  .refine(goTogether, { message: '"text" and "label" go together.' })

function goTogether({ text, label }: { text?: string | undefined; label?: string | undefined }): boolean {
  return (text === undefined) === (label === undefined)
}

export type SheetSettings = z.infer<typeof xlsxSettings>

/** A surface over one file of rows; formats differ in `format` and in nothing else. */
export function sheetSurface(
  about: Pick<Surface<SheetSettings>, 'about' | 'settings'>,
  format: SheetFormat,
): Surface<SheetSettings> {
  return {
    name: format.name,
    ...about,
    hops: 0,
    open: (settings, tools) => openSheet(settings, tools, format),
  }
}

async function openSheet(settings: SheetSettings, tools: OpenTools, format: SheetFormat): Promise<Opened> {
  const deeds = [settings.target, settings.label].filter((column) => column !== undefined)
  // Other settings identify rows otherwise: they begin anew.
  const folder = join(tools.folder, digest([settings.key ?? null, ...deeds]))
  const file = await openSheetFile({
    path: settings.path,
    sheet: settings.sheet,
    format,
    folder,
    identify: (table) => stableIdentity(table, deeds, settings.key),
  })
  return openPlaces(settings, file, tools)
}

/** Everything that a sheet offers with these settings; closes it when they do not fit. */
export async function openPlaces(
  settings: Omit<SheetSettings, 'path' | 'sheet'>,
  file: SheetFile,
  tools: OpenTools,
): Promise<Opened> {
  try {
    const loaded = await file.load()
    checkColumns(loaded.table, settings)
    const kinds = await kindsOf(settings, file, loaded)
    const places = Object.entries(kinds).map(([name, kind]) => [
      name,
      placeOf(kind as SheetKind<Kind>, file, tools),
    ])
    return { ...Object.fromEntries(places), close: file.close }
  } catch (error) {
    await file.close()
    throw error
  }
}

function checkColumns(table: Table, settings: Omit<SheetSettings, 'path' | 'sheet'>): void {
  for (const name of [settings.key, settings.target, settings.text, settings.label]) {
    if (name !== undefined) columnNamed(table, name)
  }
  if (settings.order !== undefined && table.rows.length > 0) timeColumn(table, settings.order)
}

/**
 * What tells rows apart must not change while people work in them: columns without a gap are taken where they
 * suffice, since those with gaps are being filled.
 */
export function stableIdentity(table: Table, deeds: string[], key: string | undefined): Identity {
  const all = identityOf(table, deeds, key === undefined ? undefined : table.columns[columnNamed(table, key)])
  const whole = all.columns.filter((column) => {
    const index = table.columns.indexOf(column)
    return table.rows.every((row) => row[index] !== null)
  })
  const distinct = (columns: string[]) =>
    new Set(rowKeys(table, { key: null, columns }).map((each) => each.replace(/ \(\d+\)$/, ''))).size
  const enough = whole.length > 0 && distinct(whole) === distinct(all.columns)
  return { key: all.key, columns: enough ? whole : all.columns }
}

async function kindsOf(settings: Omit<SheetSettings, 'path' | 'sheet'>, file: SheetFile, { table }: Loaded) {
  const { target, text, label } = settings
  const { journal, versions } = file
  const deeds = [target, label].filter((column) => column !== undefined)
  const facts = (loaded: Loaded) => ({
    keys: loaded.keys,
    ...(settings.order !== undefined && { order: settings.order }),
  })
  const won = target === undefined ? null : await decidedWon(settings, file, table)
  return {
    table: columnWork({ without: deeds, journal, versions }),
    ...(won !== null && {
      record: rowWork({
        kind: 'record',
        column: table.columns[columnNamed(table, target!)]!,
        journal,
        rowsOf: (loaded) => recordRows(loaded.table, { target: target!, won, ...facts(loaded) }),
      }),
    }),
    ...(text !== undefined && {
      message: rowWork({
        kind: 'message',
        column: table.columns[columnNamed(table, label!)]!,
        journal,
        rowsOf: (loaded) => messageRows(loaded.table, { text, label: label!, ...facts(loaded) }),
      }),
    }),
  }
}

/** Decided once: which of two values is the rarer may change while people work. */
async function decidedWon(
  settings: Omit<SheetSettings, 'path' | 'sheet'>,
  file: SheetFile,
  table: Table,
): Promise<string> {
  const path = join(file.folder, 'won.json')
  const kept = await readKept<{ won: string; positive: string | null }>(path)
  const positive = settings.positive ?? null
  if (kept && kept.positive === positive) return kept.won
  const won = wonValue(table, columnNamed(table, settings.target!), settings.positive)
  await writeKept(path, { won, positive })
  return won
}

function placeOf<K extends Kind>(kind: SheetKind<K>, file: SheetFile, tools: OpenTools): Place<K> {
  return {
    async *history(): AsyncGenerator<Example<K>> {
      yield* kind.history(await file.load())
    },
    watch: (since, signal) => watchSheet(file, kind, since, signal, tools.now),
    place: (item, suggestion, key) =>
      file.place({
        key,
        kind: kind.kind,
        item: item.key,
        plan: (loaded) => kind.plan(loaded, item, suggestion),
      }),
    withdraw: ({ key }) => file.withdraw(key),
  }
}
