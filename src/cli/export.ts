import { open } from 'node:fs/promises'
import { Command } from 'commander'
import { type Deed, Fault, type Item, type Suggestion } from '../contract/index.ts'
import { ownWords } from '../learn/text/own-words.ts'
import type { Ledger } from '../ledger/index.ts'
import { type DataOptions, withData, withLedger } from './open-ledger.ts'

export function exportCommand(): Command {
  const command = new Command('export').description(
    'Take out what your team has taught Inlay, for your own use.',
  )
  withData(command.command('finetune'))
    .description(
      "Your team's accepted answers as chat JSONL, as those read it who train a model of their own: each mail with the answer that was sent.",
    )
    .argument('[file]', 'where to write; stdout otherwise')
    .option('--deployment <id>', 'only this deployment')
    .option('--system <text>', 'the first message of each chat; none otherwise')
    .option('--all', 'also answers that were written without an accepted draft')
    .option('--dry-run', 'only count what would be written')
    .option('--json', 'the counts as one JSON document (on stderr where the chats go to stdout)')
    .addHelpText(
      'after',
      '\nTexts that were erased or whose time is over are not in it; it holds texts of customers, so keep it as you keep your mail.\n\nExample:\n  inlay export finetune --dry-run\n  inlay export finetune answers.jsonl --system "You answer for Halvorsen & Reuter."\n',
    )
    .action(exportFinetune)
  return command
}

interface ExportOptions extends DataOptions {
  deployment?: string
  system?: string
  all?: boolean
  dryRun?: boolean
  json?: boolean
}

/** One chat, as fine-tuning services and trainers read it: a line of `{"messages": [{"role", "content"}, …]}`. */
export interface Chat {
  messages: { role: 'system' | 'user' | 'assistant'; content: string }[]
}

export interface ExportCounts {
  pairs: number
  /** Of those, answers that began as a draft of Inlay's which was used or edited. */
  accepted: number
  /** Answered mails that are not in it, by why. */
  leftOut: { notAccepted: number; erased: number }
}

async function exportFinetune(file: string | undefined, options: ExportOptions): Promise<void> {
  const counts = await withLedger({ ...options, own: true }, async (ledger) => {
    // What is over its time must not go out, also where nothing has run since to drop it.
    await ledger.dropExpiredBodies(Date.now())
    const all = await ledger.deployments()
    if (options.deployment !== undefined && !all.some(({ id }) => id === options.deployment)) {
      const there = all.map(({ id }) => id).join(', ') || 'none'
      throw new Fault('bad-input', `There is no deployment "${options.deployment}"; there are: ${there}.`)
    }
    const chosen = all.filter(({ id }) => options.deployment === undefined || id === options.deployment)
    const ids = chosen.map(({ id }) => id)
    const choice = { system: options.system ?? null, all: Boolean(options.all) }
    if (options.dryRun) return writeChats(ledger, ids, choice, async () => {})
    if (file === undefined) {
      return writeChats(ledger, ids, choice, async (line) => void process.stdout.write(line))
    }
    const out = await open(file, 'wx').catch((cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EEXIST' ? 'it is there already; name another file' : String(cause.code)
      throw new Fault('bad-input', `${file} cannot be written: ${why}.`, { cause })
    })
    try {
      return await writeChats(ledger, ids, choice, async (line) => void (await out.write(line)))
    } finally {
      await out.close()
    }
  })
  const told = options.json ? JSON.stringify(counts) : sentenceOf(counts, options)
  if (file === undefined && !options.dryRun) console.error(told)
  else console.log(told)
}

function sentenceOf({ pairs, accepted, leftOut }: ExportCounts, { dryRun }: ExportOptions): string {
  const left = [
    ...(leftOut.notAccepted > 0
      ? [`${leftOut.notAccepted} written without an accepted draft (--all takes them too)`]
      : []),
    ...(leftOut.erased > 0 ? [`${leftOut.erased} whose text is erased or over its time`] : []),
  ]
  const rest = left.length > 0 ? ` Left out: ${left.join(', ')}.` : ''
  return `${pairs} pairs ${dryRun ? 'would be written' : 'written'}, ${accepted} of them from accepted drafts.${rest}`
}

/** Writes the answered mails of deployments, a line each, oldest first as they came in. */
export async function writeChats(
  ledger: Pick<Ledger, 'items' | 'body'>,
  deployments: readonly string[],
  { system, all }: { system: string | null; all: boolean },
  write: (line: string) => Promise<void>,
): Promise<ExportCounts> {
  const counts: ExportCounts = { pairs: 0, accepted: 0, leftOut: { notAccepted: 0, erased: 0 } }
  // Two skills on one mailbox see the same mails.
  const written = new Set<string>()
  for (const deployment of deployments) {
    for await (const state of ledger.items(deployment, { open: false })) {
      if (state.didAt === null || written.has(state.item)) continue
      const [item, deed, suggestion] = (await Promise.all([
        ledger.body(deployment, state.item, 'item'),
        ledger.body(deployment, state.item, 'deed'),
        ledger.body(deployment, state.item, 'suggestion'),
      ])) as [Item | null, Deed | null, Suggestion | null]
      const accepted = state.outcome === 'used' || state.outcome === 'edited'
      if (!item || !deed) {
        // A label leaves no answer, and whether there was one nobody knows any more.
        if (accepted) counts.leftOut.erased++
        continue
      }
      if (item.kind !== 'message' || deed.kind !== 'message' || !deed.reply?.trim()) continue
      const fromDraft =
        accepted &&
        suggestion?.kind === 'message' &&
        (suggestion as Suggestion<'message'>).value.type === 'reply'
      if (!fromDraft && !all) {
        counts.leftOut.notAccepted++
        continue
      }
      written.add(state.item)
      counts.pairs++
      if (fromDraft) counts.accepted++
      const chat: Chat = {
        messages: [
          ...(system === null ? [] : [{ role: 'system' as const, content: system }]),
          { role: 'user', content: `${item.subject}\n\n${item.text}`.trim() },
          { role: 'assistant', content: ownWords(deed.reply) },
        ],
      }
      await write(`${JSON.stringify(chat)}\n`)
    }
  }
  return counts
}
