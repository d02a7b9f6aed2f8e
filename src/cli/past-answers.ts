import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type Example, Fault, type Message, plainMessage } from '../contract/index.ts'
import { roleOf } from '../surfaces/inbox/maildir-folders.ts'
import { readFrom } from '../surfaces/inbox/mbox-files.ts'
import { readMail } from '../surfaces/inbox/read-mail.ts'
import { readTable, type Table } from '../surfaces/sheet/table.ts'

/** What came in and how it was answered, from mailboxes or from an export of questions and answers. */
export interface PastAnswers {
  /** All that was read, own mail included. */
  messages: number
  examples: Example<'message'>[]
  /** Whose answers these are, in one sentence. */
  whose: string
}

export interface PastAnswersOptions {
  /** The owner's addresses; guessed where there are none. */
  me: readonly string[]
  /** Called now and then with the number of messages read. */
  progress?(count: number): void
}

/**
 * Reads mail (Maildir, mbox, single mails, folders of them; gzipped or not) or exports of questions and answers (JSON
 * Lines, CSV, XLSX). Fault of kind `bad-input` where a path is neither, where both are mixed, or where nobody is
 * known to have answered.
 */
export async function readPastAnswers(
  paths: readonly string[],
  options: PastAnswersOptions,
): Promise<PastAnswers> {
  const tables: string[] = []
  for (const path of paths) if (await isTable(path)) tables.push(path)
  if (tables.length === 0) return fromMail(paths, options)
  if (tables.length < paths.length) {
    throw new Fault(
      'bad-input',
      `'${tables[0]}' is an export of questions and answers and others of these paths are mail; give one sort at a time.`,
    )
  }
  return fromTables(tables, options)
}

/** Exports begin with a brace, or say by their name that they are a table. */
async function isTable(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null)
  if (!found?.isFile()) return false
  if (/\.(?:csv|tsv|xlsx)(?:\.gz)?$/i.test(path)) return true
  try {
    for await (const chunk of readFrom(path))
      return (chunk as Buffer).toString('latin1', 0, 200).trimStart().startsWith('{')
  } catch {
    // A damaged file is told about by whoever reads it.
  }
  return /\.jsonl(?:\.gz)?$/i.test(path)
}

async function fromMail(
  paths: readonly string[],
  { me, progress }: PastAnswersOptions,
): Promise<PastAnswers> {
  const mails: Message[] = []
  for await (const mail of readMail(paths)) {
    mails.push(mail)
    if (mails.length % 500 === 0) progress?.(mails.length)
  }
  const own =
    me.length > 0
      ? { addresses: new Set(me.map((each) => each.toLowerCase())), because: '' }
      : await guessOwner(paths, mails)
  if (own.addresses.size === 0) {
    throw new Fault(
      'bad-input',
      `None of the ${mails.length} messages answers another; name your own address with --me.`,
    )
  }
  const isOwn = ({ from }: Message) => from !== null && own.addresses.has(from.address)
  if (!mails.some(isOwn)) {
    throw new Fault(
      'bad-input',
      `No message is from ${[...own.addresses].join(', ')}; --me must name an address as it stands in From lines${mostFrequent(mails)}.`,
    )
  }
  const byKey = new Map(mails.map((mail) => [mail.key, mail]))
  const answers = new Map<Message, Message>()
  const lastOther = new Map<string, Message>()
  const inOrder = mails
    .map((mail, i) => ({ mail, i }))
    .sort((a, b) => (a.mail.at ?? 0) - (b.mail.at ?? 0) || a.i - b.i)
  for (const { mail } of inOrder) {
    if (!isOwn(mail)) {
      lastOther.set(mail.group, mail)
      continue
    }
    const named = [mail.inReplyTo, ...mail.references.toReversed()].flatMap((id) =>
      id ? (byKey.get(id) ?? []) : [],
    )
    const answered = named.find((each) => !isOwn(each)) ?? lastOther.get(mail.group)
    if (answered && !answers.has(answered)) answers.set(answered, mail)
  }
  const examples = inOrder.flatMap(({ mail }): Example<'message'>[] => {
    if (isOwn(mail)) return []
    const answer = answers.get(mail)
    const deed = { person: null, seconds: null, secondsFrom: null, label: null }
    return [
      { item: mail, deed: { kind: 'message', at: answer?.at ?? null, ...deed, reply: answer?.text ?? null } },
    ]
  })
  const list = [...own.addresses].join(', ')
  const whose =
    me.length > 0
      ? `Your answers are those from ${list}.`
      : `Taken for your answers: those from ${list} (${own.because}); --me says otherwise.`
  return { messages: mails.length, examples, whose }
}

/** Who sends from the folders of sent mail; where there are none, who answers others most often. */
async function guessOwner(paths: readonly string[], mails: readonly Message[]) {
  const sent = new Map<string, number>()
  for (const path of await sentFolders(paths)) {
    for await (const { from } of readMail([path]))
      if (from?.address) sent.set(from.address, (sent.get(from.address) ?? 0) + 1)
  }
  const all = [...sent.values()].reduce((sum, count) => sum + count, 0)
  if (all > 0) {
    // A stray copy of somebody else's mail does not make it one's own.
    const addresses = [...sent]
      .filter(([, count]) => count >= Math.max(1, all * 0.02))
      .map(([address]) => address)
    return {
      addresses: new Set(addresses),
      because: `the senders in the folder of sent mail, ${all} messages`,
    }
  }
  const replies = repliers(mails)
  const [address, count] = replies[0] ?? []
  if (!address) return { addresses: new Set<string>(), because: '' }
  return { addresses: new Set([address]), because: `who answers others most often here, ${count} times` }
}

function repliers(mails: readonly Message[]): [string, number][] {
  const byKey = new Map(mails.map((mail) => [mail.key, mail]))
  const counts = new Map<string, number>()
  for (const { from, inReplyTo, automated } of mails) {
    const answered = inReplyTo === null ? undefined : byKey.get(inReplyTo)
    if (!from?.address || automated || !answered?.from || answered.from.address === from.address) continue
    counts.set(from.address, (counts.get(from.address) ?? 0) + 1)
  }
  return [...counts].sort((a, b) => b[1] - a[1])
}

function mostFrequent(mails: readonly Message[]): string {
  const [first] = repliers(mails)
  return first ? `, such as ${first[0]}` : ''
}

async function sentFolders(paths: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const path of paths) {
    if (!(await stat(path)).isDirectory()) {
      if (isSent(basename(path))) found.push(path)
      continue
    }
    for (const entry of await readdir(path, { withFileTypes: true })) {
      if (!isSent(entry.name)) continue
      const inside = join(path, entry.name)
      const usable = entry.isDirectory()
        ? await readdir(inside).then((names) => names.includes('cur') && names.includes('new'))
        : (await stat(inside)).size > 0
      if (usable && !(await isEmptyMaildir(inside))) found.push(inside)
    }
  }
  return found
}

const isSent = (name: string) =>
  roleOf(name.replace(/^\./, '').replaceAll('.', '/')) === 'sent' ||
  roleOf(name.replace(/\.(?:mbox|mbx)?(?:\.gz)?$/i, '')) === 'sent'

async function isEmptyMaildir(path: string): Promise<boolean> {
  const count = async (sub: string) => (await readdir(join(path, sub)).catch(() => [])).length
  return (await stat(path)).isDirectory() && (await count('cur')) + (await count('new')) === 0
}

/** Names that exports give to what is needed, the likeliest first. */
const names = {
  question: [
    'q',
    'question',
    'query',
    'body',
    'message',
    'text',
    'description',
    'customer_message',
    'input',
    'prompt',
    'frage',
    'anfrage',
  ],
  answer: ['a', 'answer', 'reply', 'response', 'agent_reply', 'output', 'completion', 'antwort'],
  subject: ['q_subj', 'subject', 'title', 'summary', 'betreff'],
  time: ['ts', 'time', 'date', 'created_at', 'created', 'timestamp', 'q_ts', 'asked_at', 'datum'],
  id: ['id', 'message_id', 'ticket', 'ticket_id', 'key'],
  group: ['thread', 'thread_id', 'conversation', 'conversation_id'],
  from: ['from', 'asker', 'customer', 'email', 'sender', 'requester'],
  agent: ['agent', 'answered_by', 'assignee', 'author', 'responder'],
} as const

async function fromTables(
  paths: readonly string[],
  { me, progress }: PastAnswersOptions,
): Promise<PastAnswers> {
  const examples: Example<'message'>[] = []
  const agents = new Set<string>()
  const wanted = new Set(me.map((each) => each.toLowerCase()))
  for (const path of paths) {
    const table = await readTable(path)
    const column = columnsOf(table)
    for (const [i, row] of table.rows.entries()) {
      const cell = (name: keyof typeof names) => (column[name] < 0 ? null : (row[column[name]] ?? null))
      const text = String(cell('question') ?? '')
      const agent = String(cell('agent') ?? '')
      const answer = cell('answer')
      // Whoever names addresses wants only their answers; what others answered is to them a message left alone.
      const mine = wanted.size === 0 || wanted.has(agent.toLowerCase())
      const reply = answer !== null && mine ? String(answer) : null
      if (reply) agents.add(agent)
      const key = `${paths.length > 1 ? `${basename(path)}#` : ''}${cell('id') ?? `row ${i + 1}`}`
      const from = cell('from')
      const at = timeOf(cell('time'))
      examples.push({
        item: plainMessage(key, text, {
          group: String(cell('group') ?? key),
          at,
          subject: String(cell('subject') ?? ''),
          from: from === null ? null : { name: '', address: String(from).toLowerCase() },
        }),
        deed: { kind: 'message', at, person: null, seconds: null, secondsFrom: null, label: null, reply },
      })
      if (examples.length % 5000 === 0) progress?.(examples.length)
    }
  }
  const whose =
    wanted.size > 0
      ? `Your answers are those of ${[...wanted].join(', ')}.`
      : agents.size > 1
        ? `Taken for your team's answers: those of all ${agents.size} who answered; --me names one.`
        : 'Taken for your answers: all in the file.'
  return { messages: examples.length, examples, whose }
}

function columnsOf(table: Table): Record<keyof typeof names, number> {
  const lower = table.columns.map((column) => column.trim().toLowerCase())
  const column = {} as Record<keyof typeof names, number>
  for (const name of Object.keys(names) as (keyof typeof names)[]) {
    const known = names[name].find((each) => lower.includes(each))
    column[name] = known === undefined ? -1 : lower.indexOf(known)
  }
  for (const name of ['question', 'answer'] as const) {
    if (column[name] >= 0) continue
    throw new Fault(
      'bad-input',
      `${table.path} has no column for the ${name}: expected one named ${names[name].slice(0, 4).join(', ')}; it has ${table.columns.slice(0, 12).join(', ')}.`,
    )
  }
  return column
}

/** Seconds or milliseconds since the epoch, or a date as text; null where it is none. */
function timeOf(cell: unknown): number | null {
  if (cell === null || cell === '') return null
  const number = Number(cell)
  if (Number.isFinite(number)) return number > 1e11 ? number : number > 1e8 ? number * 1000 : null
  const parsed = Date.parse(String(cell))
  return Number.isNaN(parsed) ? null : parsed
}
