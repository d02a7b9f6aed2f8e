import type { WriteRequest } from '../contract/index.ts'

/**
 * Whether a written text says only what is in its sources. Null where it does, else what is wrong, in one sentence.
 *
 * The sender of a mail is a stranger who may have written instructions for whoever drafts the answer, so sources
 * differ in what they may give: numbers, dates, amounts and names may come from the conversation and the facts; links
 * and addresses only from the facts, or where two of the team's own answers have them (and the sender's own address).
 * Whatever would be loaded or run where the draft is shown is never let through.
 */
export function ungrounded(text: string, request: WriteRequest): string | null {
  return (
    remoteContent(text) ??
    disguised(text) ??
    headerLine(text) ??
    unsourced(text, request) ??
    lost(text, request)
  )
}

/** In other words it must still say every number that was said. */
function lost(text: string, { task, text: given = '' }: WriteRequest): string | null {
  if (task !== 'rephrase') return null
  const kept = new Set(numbersIn(text))
  const missing = numbersIn(given).find((number) => !kept.has(number))
  return missing === undefined ? null : `The draft has lost a number of the text (${quoted(missing)}).`
}

/** HTML, images, Markdown and reference links, and anything else that a mail program or browser would fetch or run. */
function remoteContent(text: string): string | null {
  const found =
    /<\s*\/?\s*[a-z!?][^>]*>?/i.exec(text) ??
    /!?\[[^\]]*\]\s*[([][^)\]]*[)\]]?/.exec(text) ??
    /^\s{0,3}\[[^\]]+\]:\s*\S+/m.exec(text) ??
    /(?<![\p{L}\p{N}])(?:javascript|data|vbscript|file|ftp|cid|mailto|blob|ws|wss|smb|tel|sms|intent):(?!\s)/iu.exec(
      text,
    ) ??
    /&(?:#\d+|#x[0-9a-f]+|[a-z]{2,8});/i.exec(text) ??
    /\burl\s*\(/i.exec(text) ??
    /\\\\[\w.-]+\\/.exec(text)
  return found ? `The draft has a part that is not plain text (${quoted(found[0])}).` : null
}

/** Characters that are not what they look like, and text in a code. */
function disguised(text: string): string | null {
  // The mark that colours an emoji is the one invisible character of ordinary texts.
  if (
    /\p{Default_Ignorable_Code_Point}|\p{Co}|\p{Cs}|[\ufff9-\ufffb\u{1d400}-\u{1d7ff}]/u.test(
      text.replaceAll('\ufe0f', ''),
    )
  ) {
    return 'The draft has invisible or disguised characters.'
  }
  if (/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/.test(text)) return 'The draft has control characters.'
  for (const [word] of text.matchAll(/[\p{L}\p{M}\p{N}]+/gu)) {
    const scripts = [/\p{Script=Latin}/u, /\p{Script=Cyrillic}/u, /\p{Script=Greek}/u].filter((script) =>
      script.test(word),
    )
    if (scripts.length > 1) return `The draft has a word of mixed alphabets (${quoted(word)}).`
  }
  // Full-width forms, superscripts and the like read as plain letters, or spell a link.
  const plain = text.normalize('NFKC')
  if (
    /[\uff01-\uff5e\u2460-\u24ff\u{1f100}-\u{1f1ff}]/u.test(text) ||
    /[\u02b0-\u02b8\u1d2c-\u1d6a\u2070-\u209c]/.test(text)
  ) {
    return `The draft has disguised letters (${quoted(plain.slice(0, 40))}).`
  }
  const code =
    /[A-Za-z0-9+/_=-]{28,}|(?:[0-9a-f]{2}[\s:]){10,}|(?:%[0-9a-f]{2}){3,}|(?:\\[xu][0-9a-f]{2,4}){2,}|xn--\S+/i.exec(
      text,
    )
  return code ? `The draft has something in a code (${quoted(code[0])}).` : null
}

/** A line that reads as the head of a mail could become one. */
function headerLine(text: string): string | null {
  const found =
    /^\s*(?:to|cc|bcc|an|kopie|from|von|reply-to|subject|betreff|content-[\w-]+|x-[\w-]+|mime-version|received|sender|return-path)\s*:/im.exec(
      text,
    )
  return found ? `The draft has a line of a mail's head (${quoted(found[0])}).` : null
}

const addressPattern = /[\p{L}\p{N}._%+-]+\s?(?:@|\(at\)|\[at\]|\{at\}|＠)\s?[\p{L}\p{N}.-]+/giu
const linkPattern =
  /(?<![\p{L}\p{N}@])(?:h(?:tt|xx)ps?\s?:|\/\/|www\.)\s?\S+|(?<![\p{L}\p{N}@.])(?:[\p{L}\p{N}-]+(?:\.|\[\.\]|\(\.\)|\(dot\)|\[dot\]| dot ))+\p{L}{2,24}(?![\p{L}\p{N}])(?:[/:?#]\S*)?|(?<![\p{L}\p{N}.])\d{1,3}(?:\.\d{1,3}){3}(?![\p{L}\p{N}])(?:[/:]\S*)?/giu
const numberPattern = /[\p{L}]*\p{Nd}[\p{L}\p{Nd}]*(?:[.,:/_-]\p{Nd}[\p{L}\p{Nd}]*)*/gu
/** International account numbers, in one piece or in groups of four (ISO 13616). */
const accountPattern =
  /(?<![\p{L}\p{N}])[A-Z]{2}\p{Nd}{2}(?:\s?[A-Z0-9]{4}){2,7}(?:\s?[A-Z0-9]{1,3})?(?![\p{L}\p{N}])/giu
/** "e.g.", "z.B.", "a.m.": single letters between dots. */
const abbreviation = /^(?:\p{L}{1,2}\.)+\p{L}{1,3}$/u
/** Longest run of a stranger's words that chance may repeat. */
const strangersWords = 7

function unsourced(text: string, request: WriteRequest): string | null {
  const { thread, facts, examples, usual, text: given = '' } = request
  const senders = thread.map(({ from }) => from ?? '').join('\n')
  const conversation = [...thread.map(({ text: each }) => each), senders, given].join('\n')
  const known = Object.values(facts).join('\n')
  const own = `${known}\n${given}`
  const inOwnAnswers = (part: string) =>
    toldSeveral(examples, (written) => plain(written).includes(plain(part)))
  const ours = (part: string) => plain(own).includes(plain(part)) || inOwnAnswers(part)

  let rest = text
  for (const [address] of text.matchAll(addressPattern)) {
    if (!ours(address) && !plain(senders).includes(`<${plain(address)}>`))
      return `The draft has an address that is not in its sources (${quoted(address)}).`
    rest = rest.replace(address, ' ')
  }
  for (const [found] of rest.matchAll(linkPattern)) {
    const link = found.replace(/[.,;:!?)\]}'"»]+$/, '')
    if (abbreviation.test(link)) continue
    if (!ours(link)) return `The draft has a link that is not in its sources (${quoted(link)}).`
    rest = rest.replace(link, ' ')
  }
  // Where money goes is never for a stranger to say.
  for (const [account] of rest.matchAll(accountPattern)) {
    if (!ours(account)) return `The draft has an account that is not the team's (${quoted(account)}).`
  }
  const figures = new Set(numbersIn(`${conversation}\n${known}`))
  for (const number of numbersIn(rest)) {
    if (!figures.has(number) && !inOwnAnswers(number))
      return `The draft has a number or date that is not in its sources (${quoted(number)}).`
  }
  const sourceWords = new Set(wordsIn(`${conversation}\n${known}`))
  const theirNames = new Set(
    examples.flatMap((one) =>
      namesIn(`${one.given}\n${one.written}`).flatMap(({ name, begins }) => (begins ? [] : [name])),
    ),
  )
  for (const { name, begins } of namesIn(rest)) {
    const word = name.toLowerCase()
    // Any word has a capital where a sentence begins; there it is a name when it is one elsewhere.
    if (begins && !theirNames.has(name)) continue
    if (
      !sourceWords.has(word) &&
      !usual?.(word) &&
      !toldSeveral(examples, (written) => wordsIn(written).includes(word))
    ) {
      return `The draft has a name that is not in its sources (${quoted(name)}).`
    }
  }
  return copied(rest, request, conversation)
}

function numbersIn(text: string): string[] {
  return [...text.matchAll(numberPattern)].map(([number]) => number.toLowerCase())
}

function wordsIn(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
}

/** Words with a capital, apart from codes; `begins` where a sentence begins there, so that the capital may mean nothing. */
function namesIn(text: string): { name: string; begins: boolean }[] {
  const names: { name: string; begins: boolean }[] = []
  for (const match of text.replace(numberPattern, '0').matchAll(/\p{Lu}[\p{L}\p{M}’'-]+/gu)) {
    const before = match.input.slice(0, match.index)
    const begins = before.trim() === '' || /(?:[.!?:;\n"„“(–•*-]|\n\s*)\s*$/.test(before)
    for (const part of match[0].split(/[-’']/))
      if (/^\p{Lu}\p{L}+/u.test(part)) names.push({ name: part, begins })
  }
  return names
}

/** Whether at least two people were told the like: then it is the team's, and nobody's secret. */
function toldSeveral(examples: WriteRequest['examples'], holds: (written: string) => boolean): boolean {
  return new Set(examples.flatMap(({ written, person }) => (holds(written) ? [person] : []))).size >= 2
}

/** Another customer's mail is there to show what was asked, never to be told on. */
function copied(text: string, { examples }: WriteRequest, conversation: string): string | null {
  const own = runsOf(conversation)
  const written = new Set(examples.flatMap((example) => [...runsOf(example.written)]))
  const draft = runsOf(text)
  for (const { given } of examples) {
    for (const run of runsOf(given)) {
      if (draft.has(run) && !own.has(run) && !written.has(run)) {
        return `The draft repeats what somebody else wrote (${quoted(run)}).`
      }
    }
  }
  return null
}

function runsOf(text: string): Set<string> {
  const words = wordsIn(text)
  const runs = new Set<string>()
  for (let i = 0; i + strangersWords <= words.length; i++)
    runs.add(words.slice(i, i + strangersWords).join(' '))
  return runs
}

const plain = (text: string) => text.toLowerCase().replace(/\s+/g, ' ').trim()
const quoted = (text: string) => JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}…` : text)
