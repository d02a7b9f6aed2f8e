import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { Command } from 'commander'
import { z } from 'zod'
import { Fault } from '../contract/index.ts'
import { complete, fillFrom } from '../learn/programs/complete.ts'
import { completeColumn, type FilledColumn } from '../skills/fill/column.ts'
import { isOwnColumn } from '../surfaces/sheet/column-names.ts'
import { columnNamed } from '../surfaces/sheet/columns.ts'
import { fillFile } from '../surfaces/sheet/fill-file.ts'
import { readTable, type Table, where } from '../surfaces/sheet/table.ts'

interface FillOptions {
  column?: string
  sheet?: string
  write?: boolean
  tasks?: string
  json?: boolean
}

export function fillCommand(): Command {
  return new Command('fill')
    .description('Fills the empty cells of columns begun by hand, where it is at least 95 % sure.')
    .argument('[table]', 'CSV, JSON Lines or XLSX')
    .option('--column <column>', 'the column to fill; otherwise every column that is begun and not finished')
    .option('--sheet <name>', 'the sheet of a workbook; the first one otherwise')
    .option('--write', 'write the values into the file; every other byte stays')
    .option(
      '--tasks <jsonl>',
      'many tasks, one a line: {"id", "examples": [{"in", "out"}], "inputs"}; one answer a line',
    )
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  inlay fill contacts.csv --column Initials\n')
    .action(async (path: string | undefined, options: FillOptions) => {
      if (options.tasks !== undefined) {
        if (path !== undefined) throw new Fault('bad-input', 'Give a table or --tasks, not both.')
        return fillTasks(options.tasks)
      }
      if (path === undefined) {
        throw new Fault(
          'bad-input',
          "Expected a table to fill, or --tasks with a file: 'inlay fill --help' shows both.",
        )
      }
      return fillTable(path, options)
    })
}

async function fillTable(path: string, options: FillOptions): Promise<void> {
  const table = await readTable(path, { sheet: options.sheet })
  for (const notice of table.notices) console.error(`inlay: ${notice}`)
  const columns: FilledColumn[] = []
  for (const column of begunColumns(table, options.column)) columns.push(await filledOf(table, column))
  if (options.write) {
    const cells = columns.flatMap(({ column, cells }) =>
      cells.map(({ row, value }) => ({ row, column, value })),
    )
    const written = cells.length ? await fillFile(path, cells, options.sheet) : 0
    console.error(`inlay: wrote ${written} ${written === 1 ? 'cell' : 'cells'} into ${path}.`)
  }
  if (options.json) {
    const document = columns.map(({ cells, contradictions, ...rest }) => ({
      ...rest,
      filled: cells.length,
      contradictions,
      cells,
    }))
    process.stdout.write(`${JSON.stringify({ columns: document })}\n`)
    return
  }
  process.stdout.write(`${columns.map((each) => textOf(table, each)).join('\n\n')}\n`)
}

/** The columns that Inlay wrote itself are no input. */
async function filledOf(table: Table, column: string): Promise<FilledColumn> {
  const others = table.others?.()
  const theirs = table.columns.map((_, i) => i).filter((i) => !isOwnColumn(table.columns[i] as string))
  if (theirs.length === table.columns.length)
    return completeColumn(table.columns, table.rows, column, { others })
  const names = theirs.map((i) => table.columns[i] as string)
  const rows = table.rows.map((row) => theirs.map((i) => row[i] ?? null))
  return completeColumn(names, rows, column, { others })
}

/** The named column, or every one with filled and empty cells; a Fault says why there is nothing to fill. */
function begunColumns(table: Table, named: string | undefined): string[] {
  const begun = (index: number) => {
    let filled = 0
    for (const row of table.rows) if ((row[index] ?? null) !== null) filled++
    return { filled, empty: table.rows.length - filled }
  }
  if (named !== undefined) {
    const index = columnNamed(table, named)
    const { filled, empty } = begun(index)
    const column = table.columns[index] as string
    if (filled === 0) {
      throw new Fault(
        'bad-input',
        `${table.path}: the column "${column}" is empty: type one to three values and ask again.`,
      )
    }
    if (empty === 0)
      throw new Fault('bad-input', `${table.path}: the column "${column}" has no empty cell to fill.`)
    return [column]
  }
  const columns = table.columns.filter((column, index) => {
    if (isOwnColumn(column)) return false
    const { filled, empty } = begun(index)
    return filled > 0 && empty > 0
  })
  if (columns.length === 0) {
    throw new Fault(
      'bad-input',
      `${table.path} has no column that is begun and not finished: type one to three values into one.`,
    )
  }
  return columns
}

const previewRows = 10

function textOf(table: Table, filled: FilledColumn): string {
  const { column, cells, silent, program, formula, next } = filled
  const lines = [
    `${column}: ${cells.length} filled, ${silent} left empty, from ${filled.examples} typed by hand.`,
  ]
  if (program !== null) lines.push(`  ${program}`)
  if (formula !== null) lines.push(`  =${formula}`)
  for (const { row, value, confidence } of cells.slice(0, previewRows)) {
    lines.push(`  ${where(table, row)}: ${value}  ${Math.floor(confidence * 100)} %`)
  }
  if (cells.length > previewRows)
    lines.push(`  … and ${cells.length - previewRows} more; --json gives all of them.`)
  for (const [row, later] of filled.contradictions) {
    lines.push(
      `  ${where(table, row)} and ${where(table, later)} contradict each other; the later one counts.`,
    )
  }
  if (next !== null) lines.push(`  To go on, type the value at ${where(table, next)}.`)
  return lines.join('\n')
}

const text = z.string()
const taskShape = z.object({
  id: z.union([z.string(), z.number()]),
  examples: z.array(z.object({ in: z.array(text), out: text })),
  inputs: z.array(z.array(text)),
})

async function fillTasks(path: string): Promise<void> {
  const there = await stat(path).catch(() => null)
  if (!there?.isFile())
    throw new Fault('bad-input', `There is no file ${path}: check the name and the folder.`)
  let line = 0
  for await (const row of createInterface({
    input: createReadStream(path, 'utf8'),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    line++
    if (row.trim() === '') continue
    const { id, examples, inputs } = taskOf(path, line, row)
    const started = performance.now()
    const { best, confidence, program, contradicted } = complete(examples, inputs)
    const answer = {
      id,
      outputs: best.map((value, i) =>
        value !== null && (confidence[i] as number) >= fillFrom ? value : null,
      ),
      confidence: confidence.map((each) => Number(each.toFixed(4))),
      best,
      program: program && named(program.words),
      formula: program?.formula ? named(program.formula) : null,
      ...(contradicted.length > 0 && { contradicted }),
      ms: Number((performance.now() - started).toFixed(2)),
    }
    if (!process.stdout.write(`${JSON.stringify(answer)}\n`)) {
      await new Promise<void>((resolve) => process.stdout.once('drain', () => resolve()))
    }
  }
}

const named = (words: string) => words.replace(/\{(\d+)\}/g, (_, c) => `input ${Number(c) + 1}`)

function taskOf(path: string, line: number, row: string): z.infer<typeof taskShape> {
  let parsed: unknown
  try {
    parsed = JSON.parse(row)
  } catch (cause) {
    throw new Fault(
      'bad-input',
      `${path}, line ${line}: expected one JSON object, found "${row.slice(0, 60)}".`,
      { cause },
    )
  }
  const task = taskShape.safeParse(parsed)
  if (!task.success) {
    const issue = task.error.issues[0]
    throw new Fault(
      'bad-input',
      `${path}, line ${line}: "${issue?.path.join('.')}" is not as expected (${issue?.message}); a task is {"id", "examples": [{"in": […], "out"}], "inputs": [[…]]}.`,
    )
  }
  const { examples, inputs } = task.data
  const width = examples[0]?.in.length ?? inputs[0]?.length ?? 0
  const odd = [...examples.map((each) => each.in), ...inputs].find((each) => each.length !== width)
  if (odd) {
    throw new Fault(
      'bad-input',
      `${path}, line ${line}: the rows of a task have ${width} and ${odd.length} inputs; expected as many in all.`,
    )
  }
  return task.data
}
