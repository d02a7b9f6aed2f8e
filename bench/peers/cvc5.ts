import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Shown } from '../../src/learn/programs/types.ts'

/** The release that is installed; null where there is none. */
export function cvc5Release(): string | null {
  const { stdout, status } = spawnSync('cvc5', ['--version'], { encoding: 'utf8' })
  return status === 0 ? (/version (\S+)/.exec(stdout)?.[1] ?? 'unknown') : null
}

/**
 * What cvc5's syntax-guided synthesis (Reynolds et al., "cvc4sy: smart and fast term enumeration for syntax-guided
 * synthesis", CAV 2019) makes of the examples, on the inputs: null where its program does not apply. The grammar is
 * that of the PBE-SLIA track, with the words of the outputs that no input has as constants. Seconds are a limit.
 */
export async function cvc5Outputs(
  examples: readonly Shown[],
  inputs: readonly (readonly string[])[],
  seconds: number,
): Promise<(string | null)[]> {
  const folder = await mkdtemp(join(tmpdir(), 'inlay-cvc5-'))
  try {
    const path = join(folder, 'task.sl')
    await writeFile(path, problem(examples))
    const answer = await new Promise<string>((resolve) => {
      execFile('cvc5', ['--lang=sygus2', `--tlimit=${seconds * 1000}`, path], (_, stdout) => resolve(stdout))
    })
    const body = /\(define-fun f \(.*?\) String (.*)\)\s*\)\s*$/s.exec(answer.trim())?.[1]
    if (!body) return inputs.map(() => null)
    const term = parse(tokensOf(body))
    return inputs.map((row) => {
      const value = evaluate(term, new Map(row.map((text, i) => [`x${i}`, text])))
      return typeof value === 'string' ? value : null
    })
  } finally {
    await rm(folder, { recursive: true })
  }
}

const quoted = (text: string) =>
  `"${[...text].map((c) => (c === '"' ? '""' : c >= ' ' && c <= '~' ? c : `\\u{${c.codePointAt(0)!.toString(16)}}`)).join('')}"`

function problem(examples: readonly Shown[]): string {
  const width = examples[0]!.in.length
  const names = Array.from({ length: width }, (_, i) => `x${i}`)
  const pieces = new Set(['', ' ', ',', '.', '-', '/'])
  for (const { in: row, out } of examples) {
    for (const piece of out.match(/[^\p{L}\p{N}]+|[\p{L}\p{N}]+/gu) ?? [])
      if (!row.some((text) => text.includes(piece))) pieces.add(piece)
    for (const text of row) for (const mark of text.match(/[^\p{L}\p{N}]/gu) ?? []) pieces.add(mark)
  }
  const strings = [...names, ...[...pieces].slice(0, 20).map(quoted)].join(' ')
  return `(set-logic SLIA)
(synth-fun f (${names.map((name) => `(${name} String)`).join(' ')}) String
  ((S String) (I Int) (B Bool))
  ((S String (${strings} (str.++ S S) (str.replace S S S) (str.at S I) (str.from_int I) (ite B S S) (str.substr S I I)))
   (I Int (0 1 2 3 4 5 (+ I I) (- I I) (str.len S) (str.to_int S) (str.indexof S S I)))
   (B Bool ((= I I) (str.prefixof S S) (str.suffixof S S) (str.contains S S)))))
${examples.map(({ in: row, out }) => `(constraint (= (f ${row.map(quoted).join(' ')}) ${quoted(out)}))`).join('\n')}
(check-synth)
`
}

type Term = string | Term[]
type Value = string | number | boolean

const tokensOf = (text: string): string[] => text.match(/\(|\)|"(?:[^"]|"")*"|[^\s()]+/g) ?? []

function parse(tokens: string[]): Term {
  const token = tokens.shift()
  if (token !== '(') return token ?? ''
  const list: Term[] = []
  while (tokens.length > 0 && tokens[0] !== ')') list.push(parse(tokens))
  tokens.shift()
  return list
}

/** SMT-LIB's theory of strings, as far as the grammar goes. */
function evaluate(term: Term, row: ReadonlyMap<string, Value>): Value {
  if (typeof term === 'string') {
    if (term.startsWith('"'))
      return term
        .slice(1, -1)
        .replaceAll('""', '"')
        .replace(/\\u\{([0-9a-f]+)\}/g, (_, code) => String.fromCodePoint(Number.parseInt(code, 16)))
    if (/^\d+$/.test(term)) return Number(term)
    if (term === 'true' || term === 'false') return term === 'true'
    return row.get(term) ?? ''
  }
  const [name, ...rest] = term
  if (name === 'let') {
    const bound = rest[0] as [string, Term][]
    return evaluate(
      rest[1]!,
      new Map([...row, ...bound.map(([key, value]) => [key, evaluate(value, row)] as const)]),
    )
  }
  if (name === 'ite') return evaluate(evaluate(rest[0]!, row) ? rest[1]! : rest[2]!, row)
  const values = rest.map((each) => evaluate(each, row))
  const text = (i: number) => String(values[i])
  const number = (i: number) => Number(values[i])
  switch (name) {
    case 'str.++':
      return values.join('')
    case 'str.replace':
      return text(1) === '' ? text(2) + text(0) : text(0).replace(text(1), () => text(2))
    case 'str.at':
      return number(1) < 0 ? '' : (text(0)[number(1)] ?? '')
    case 'str.substr': {
      const [from, count] = [number(1), number(2)]
      return from < 0 || from >= text(0).length || count <= 0 ? '' : text(0).slice(from, from + count)
    }
    case 'str.from_int':
    case 'int.to.str':
      return number(0) < 0 ? '' : String(values[0])
    case 'str.to_int':
    case 'str.to.int':
      return /^\d+$/.test(text(0)) ? Number(values[0]) : -1
    case 'str.len':
      return text(0).length
    case 'str.indexof':
      return number(2) < 0 || number(2) > text(0).length ? -1 : text(0).indexOf(text(1), number(2))
    case 'str.prefixof':
      return text(1).startsWith(text(0))
    case 'str.suffixof':
      return text(1).endsWith(text(0))
    case 'str.contains':
      return text(0).includes(text(1))
    case '=':
      return values[0] === values[1]
    case 'not':
      return !values[0]
    case '+':
      return values.reduce<number>((sum, each) => sum + Number(each), 0)
    case '-':
      return values.length === 1 ? -number(0) : number(0) - number(1)
    case 'and':
      return values.every(Boolean)
    case 'or':
      return values.some(Boolean)
    case '<=':
      return number(0) <= number(1)
    case '>=':
      return number(0) >= number(1)
    case '<':
      return number(0) < number(1)
    case '>':
      return number(0) > number(1)
    case '*':
      return number(0) * number(1)
    default:
      // An answer that is not understood is no answer.
      return Number.NaN
  }
}
