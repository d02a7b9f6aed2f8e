import { Command } from 'commander'
import {
  type DataRecord,
  type Example,
  Fault,
  type Message,
  type Proof,
  type Skill,
  type Suggestion,
} from '../contract/index.ts'
import { auc, brierScore, expectedCalibrationError, logLoss } from '../learn/scoring-metrics.ts'
import { wouldShow } from '../prove/arm.ts'
import { type Backtest, backtest } from '../prove/backtest.ts'
import { orderExamples } from '../prove/order.ts'
import { percent } from '../server/index.ts'
import { baseRate, leaksOf, noSignal, probabilityOf, scoreWith } from '../skills/score.ts'
import { triage } from '../skills/triage.ts'
import { messageExamples, recordExamples } from '../surfaces/sheet/examples.ts'
import { readTable, type Table } from '../surfaces/sheet/table.ts'
import { progressLine } from './progress.ts'
import { tryReplyCommand } from './try-reply.ts'

const seed = 1

export function tryCommand(): Command {
  const command = new Command('try').description(
    'See what a skill would have done on your own past work, before connecting anything.',
  )
  command
    .command('triage')
    .description('Labels for messages: what share would have been shown, and what share of those was right.')
    .argument('<table>', 'CSV, JSON Lines or XLSX of past messages with the label that people gave')
    .requiredOption('--text <column>', 'the column with the text')
    .requiredOption(
      '--label <column>',
      'the column with the label; empty is a message that people left alone',
    )
    .option('--order <column>', 'the time column, where there are several')
    .option('--sheet <name>', 'the sheet of a workbook; the first one otherwise')
    .option('--on <table>', 'a second table to label')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      '\nExample:\n  inlay try triage tickets.csv --text subject --label team --on today.csv\n',
    )
    .action(tryTriage)
  command
    .command('score')
    .description('Leads: calibrated probability, band and reasons, tried on your own past records.')
    .argument('<table>', 'CSV, JSON Lines or XLSX of past records with their outcome')
    .requiredOption('--target <column>', 'the column with the outcome; empty is not known yet')
    .option('--positive <value>', 'the value that counts as won, where it is not plain')
    .option('--order <column>', 'the time column, where there are several')
    .option('--sheet <name>', 'the sheet of a workbook; the first one otherwise')
    .option('--keep <column...>', 'use this column although it seems to be known only after the outcome')
    .option('--on <table>', 'a second table to score')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  inlay try score leads.csv --target won --on new-leads.csv --json\n')
    .action(tryScore)
  command.addCommand(tryReplyCommand())
  return command
}

interface TableOptions {
  order?: string
  sheet?: string
  on?: string
  json?: boolean
}

async function tryTriage(
  path: string,
  options: TableOptions & { text: string; label: string },
): Promise<void> {
  const { text, label } = options
  const table = await readTable(path, sheetOf(options))
  const examples = messageExamples(table, { text, label, ...orderOf(options) })
  const other = options.on === undefined ? null : await readTable(options.on)
  // Read before anything is learned, so that a wrong second table is told at once.
  const asked = other && messageExamples(other, { text, label: null })
  tellNotices(table, other)

  const { backtested, model } = await learnAndProve(triage, examples)
  const { proof } = backtested
  const labelled = backtested.verify.filter(({ deed }) => deed.label !== null)
  const right = labelled.filter(({ judgement }) => judgement?.useful).length
  const labels = new Set(examples.map(({ deed }) => deed.label).filter((each) => each !== null)).size
  const document = {
    learned: examples.length,
    labels,
    proof,
    accuracy: labelled.length ? right / labelled.length : null,
    ...(asked && {
      predictions: await suggestions(
        triage,
        model,
        asked,
        (row, suggestion: Suggestion<'message'> | null) => ({
          row,
          label: suggestion?.value.type === 'label' ? suggestion.value.label : null,
          confidence: suggestion?.confidence ?? 0,
          arm: armOf(proof, suggestion),
        }),
      ),
    }),
  }
  if (options.json) return printJson(document)
  print(
    `Learned from ${examples.length} rows with ${labels} labels.`,
    `Right on the newest part without any silence: ${document.accuracy === null ? 'unknown' : percent(document.accuracy, 1)}.`,
    ...proofLines(proof),
    ...(document.predictions ?? []).slice(0, previewRows).map((each) => {
      const said = each.arm === 'shown' ? each.label : `(silent; best guess ${each.label})`
      return `  row ${each.row + 1}: ${said}  ${percent(each.confidence, 0)}`
    }),
    ...previewEnd(document.predictions?.length),
  )
}

async function tryScore(
  path: string,
  options: TableOptions & { target: string; positive?: string; keep?: string[] },
): Promise<void> {
  const { target, positive, keep = [] } = options
  const outcome = { target, ...(positive !== undefined && { positive }) }
  const table = await readTable(path, sheetOf(options))
  for (const field of keep) {
    if (!table.columns.includes(field)) {
      throw new Fault(
        'bad-input',
        `${path} has no column "${field}" to keep; it has ${table.columns.join(', ')}.`,
      )
    }
  }
  const examples = recordExamples(table, { ...outcome, ...orderOf(options) })
  const other = options.on === undefined ? null : await readTable(options.on)
  const asked = other && recordExamples(other, { target: null, without: target })
  tellNotices(table, other)

  const skill = scoreWith({ keep })
  const { backtested, model } = await learnAndProve(skill, examples)
  const { proof } = backtested
  const known = backtested.verify.filter(({ suggestion, deed }) => suggestion && deed.value !== null)
  const outcomes = Uint8Array.from(known, ({ deed }) => (deed.value === true ? 1 : 0))
  const probabilities = Float64Array.from(known, ({ suggestion }) => suggestion!.value.probability)
  const document = {
    learned: examples.filter(({ deed }) => deed.value !== null).length,
    proof,
    auc: finite(auc(outcomes, probabilities)),
    brier: finite(brierScore(outcomes, probabilities)),
    logLoss: finite(logLoss(outcomes, probabilities)),
    ece: finite(expectedCalibrationError(outcomes, probabilities)),
    leaks: leaksOf(model),
    noSignal: noSignal(model),
    baseRate: baseRate(model),
    ...(asked && {
      predictions: await suggestions(skill, model, asked, (row, suggestion: Suggestion<'record'> | null) => ({
        row,
        // Also where the columns tell nothing and the skill says nothing.
        probability: probabilityOf(model, asked[row]!.item),
        band: armOf(proof, suggestion) === 'shown' ? suggestion!.value.band : null,
        reasons: suggestion?.reasons ?? [],
      })),
    }),
  }
  if (options.json) return printJson(document)
  print(
    `Learned from ${document.learned} records with a known outcome.`,
    ...(document.auc === null
      ? []
      : [`Ranks a won before a lost record in ${percent(document.auc, 1)} of pairs (AUC).`]),
    ...document.leaks.map(
      (leak) => `Left out "${leak.field}": ${leak.because} (--keep "${leak.field}" overrules.)`,
    ),
    ...(document.noSignal ? [document.noSignal] : []),
    ...proofLines(proof),
    ...(document.predictions ?? []).slice(0, previewRows).map((each) => {
      const why = each.reasons.slice(0, 3).map(({ field, value }) => `${field}: ${value ?? 'empty'}`)
      return `  row ${each.row + 1}: ${percent(each.probability, 0)}${each.band ? ` ${each.band}` : ''}  (${why.join('; ')})`
    }),
    ...previewEnd(document.predictions?.length),
  )
}

/** Backtest on the past, then the model of all rows. */
async function learnAndProve<K extends 'message' | 'record', Model>(
  skill: Skill<K, Model>,
  examples: Example<K>[],
): Promise<{ backtested: Backtest<K>; model: Model }> {
  const line = progressLine()
  try {
    const backtested = await backtest(skill, examples, {
      seed,
      progress: (share) => line.show('proving', share),
    })
    const { examples: ordered } = orderExamples(examples, { seed })
    const model = await skill.learn(ordered, { seed, progress: (share) => line.show('learning', share) })
    return { backtested, model }
  } finally {
    line.clear()
  }
}

async function suggestions<K extends 'message' | 'record', Model, Row>(
  skill: Skill<K, Model>,
  model: Model,
  asked: Example<K>[],
  rowOf: (row: number, suggestion: Suggestion<K> | null) => Row,
): Promise<Row[]> {
  const rows: Row[] = []
  for (const [row, { item }] of asked.entries()) {
    rows.push(rowOf(row, await skill.suggest(model, item as (Message & DataRecord) | never, { seed })))
  }
  return rows
}

function armOf(proof: Proof, suggestion: Suggestion | null): 'shown' | 'silent' {
  return suggestion && wouldShow(proof, suggestion) ? 'shown' : 'silent'
}

/** JSON has no word for a figure that does not exist (an AUC of one class). */
function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null
}

function sheetOf({ sheet }: TableOptions): { sheet?: string } {
  return sheet === undefined ? {} : { sheet }
}

function orderOf({ order }: TableOptions): { order?: string } {
  return order === undefined ? {} : { order }
}

function tellNotices(...tables: (Table | null)[]): void {
  for (const table of tables) for (const notice of table?.notices ?? []) console.error(`inlay: ${notice}`)
}

const previewRows = 10

function previewEnd(count = 0): string[] {
  return count > previewRows ? [`  … and ${count - previewRows} more rows; --json gives all of them.`] : []
}

function proofLines(proof: Proof): string[] {
  return [proof.passed ? 'It would speak up.' : 'It would stay silent.', proof.because]
}

function print(...lines: string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`)
}

function printJson(document: unknown): void {
  process.stdout.write(`${JSON.stringify(document)}\n`)
}
