import { costs } from './costs.ts'
import type { Atom, Sample } from './types.ts'

/** A straight-line program: its atoms one after another. */
export interface Line {
  cost: number
  atoms: readonly Atom[]
}

interface Tail {
  cost: number
  atom: Atom | null
  next: Tail | null
}

/** How many different ways to finish are kept for each state, and how many atoms of one value are tried. */
const KEPT = 14
const PER_VALUE = 4

/**
 * The cheapest concatenations of atoms and constants that give every example's output. A state is how far each
 * output has been written (one number an example); from the end backwards each state keeps its `KEPT` cheapest
 * completions, so that the remaining cost is exact: the version space of FlashFill (Gulwani, POPL 2011) read as an
 * acyclic graph, and its k best paths. Only states that can be reached from the start are visited.
 */
export function cheapestLines(pool: readonly Atom[], sample: Sample, deadline: number): Line[] {
  const { outs } = sample
  const examples = outs.length
  const byValue = new Map<string, Atom[]>()
  const lengths = new Set<number>()
  for (const atom of pool) {
    const value = atom.values[0] as string
    const list = byValue.get(value)
    if (list) list.push(atom)
    else byValue.set(value, [atom])
    lengths.add(value.length)
  }
  for (const list of byValue.values()) list.sort((a, b) => a.cost - b.cost)
  const spread = [...lengths].sort((a, b) => a - b)
  const inputs = sample.rows.slice(0, examples).map((row) => row.join('\n').toLowerCase())
  const constants = new Map<string, Atom>()
  const memo = new Map<string, Tail[]>()
  const done: Tail[] = [{ cost: 0, atom: null, next: null }]
  let states = 0

  const constant = (at: number, length: number): Atom => {
    const out = outs[0] as string
    const text = out.slice(at, at + length)
    const torn = tears(out, at) + tears(out, at + length)
    const key = `${torn}${text}`
    const known = constants.get(key)
    if (known) return known
    const made: Atom = {
      cost: constantCost(text, inputs, length === out.length) + torn,
      values: sample.rows.map(() => text),
      run: () => text,
      words: `"${text}"`,
      formula: `"${text.replaceAll('"', '""')}"`,
      constant: true,
    }
    constants.set(key, made)
    return made
  }

  const finish = (at: readonly number[]): Tail[] => {
    if (at.every((place, k) => place === (outs[k] as string).length)) return done
    const key = at.join()
    const known = memo.get(key)
    if (known) return known
    memo.set(key, [])
    if (states++ > 3000 || (states % 16 === 0 && performance.now() > deadline)) return []
    const tails: Tail[] = []
    const follow = (atom: Atom, next: readonly number[]) => {
      for (const tail of finish(next)) {
        if (atom.constant && tail.atom?.constant) continue
        tails.push({ cost: atom.cost + tail.cost, atom, next: tail })
      }
    }
    const here = at[0] as number
    const out = outs[0] as string
    for (const length of spread) {
      if (here + length > out.length) break
      const list = byValue.get(out.slice(here, here + length))
      if (!list) continue
      const taken = new Map<string, number>()
      for (const atom of list) {
        const next = advance(atom, at, outs)
        if (!next) continue
        const signature = next.join()
        const times = taken.get(signature) ?? 0
        if (times >= PER_VALUE) {
          if (examples === 1) break
          continue
        }
        taken.set(signature, times + 1)
        follow(atom, next)
      }
    }
    let common = (outs[0] as string).length - here
    for (let k = 1; k < examples; k++) {
      const text = outs[k] as string
      let same = 0
      while (same < common && text[(at[k] as number) + same] === out[here + same]) same++
      common = same
    }
    for (let length = 1; length <= common; length++) {
      if (length > 40 && length < common) continue
      follow(
        constant(here, length),
        at.map((place) => place + length),
      )
    }
    tails.sort((a, b) => a.cost - b.cost)
    const kept = tails.slice(0, KEPT)
    memo.set(key, kept)
    return kept
  }

  return finish(outs.map(() => 0)).map((tail) => {
    const atoms: Atom[] = []
    for (let each: Tail | null = tail; each?.atom; each = each.next) atoms.push(each.atom)
    return { cost: tail.cost, atoms }
  })
}

function advance(atom: Atom, at: readonly number[], outs: readonly string[]): number[] | null {
  const next: number[] = []
  let moved = false
  for (let k = 0; k < outs.length; k++) {
    const value = atom.values[k] as string
    if (!(outs[k] as string).startsWith(value, at[k])) return null
    if (value.length > 0) moved = true
    next.push((at[k] as number) + value.length)
  }
  return moved ? next : null
}

/** A constant that ends inside a word or a number was hardly meant as one. */
function tears(out: string, at: number): number {
  const edge = out.slice(Math.max(0, at - 1), at + 1)
  if (edge.length < 2 || at === 0) return 0
  if (/^[\p{L}\p{M}]{2}$/u.test(edge)) return costs.constantTorn
  return /^\p{N}{2}$/u.test(edge) ? 0.7 : 0
}

/** Four letters in a row of `token` stand in `input`. */
function sharesPiece(input: string, token: string): boolean {
  for (let i = 0; i + 4 <= token.length; i++) if (input.includes(token.slice(i, i + 4))) return true
  return false
}

/** A word of the text begins with this letter. */
const begins = (input: string, letter: string) => {
  for (let at = input.indexOf(letter); at >= 0; at = input.indexOf(letter, at + 1)) {
    if (at === 0 || !/[\p{L}\p{N}]/u.test(input[at - 1] as string)) return true
  }
  return false
}

const verdicts = new Set(['true', 'false', 'yes', 'no', 'y', 'n', '1', '0', 'x'])

/**
 * Marks are what people type between parts; words and numbers that stand in the input were probably meant from there.
 * `inputs` are in small letters.
 */
function constantCost(text: string, inputs: readonly string[], whole: boolean): number {
  if (whole && verdicts.has(text.toLowerCase())) return 2.5
  let letters = 0
  let digits = 0
  let marks = 0
  let previous = ''
  for (const letter of text) {
    if (/[\p{L}\p{M}]/u.test(letter)) letters++
    else if (/\p{N}/u.test(letter)) digits++
    else if (letter === previous) marks += letter === ' ' ? 0.5 : 0.15
    else marks += costs.constantMark
    previous = letter
  }
  const support = 1 / (0.6 + 0.4 * inputs.length)
  let read = 0
  for (const token of text.toLowerCase().match(/[\p{L}\p{M}]+|\p{N}+/gu) ?? []) {
    if (inputs.every((input) => input.includes(token)))
      read +=
        token.length > 1
          ? costs.constantRead + 0.3 * token.length
          : inputs.every((input) => begins(input, token))
            ? costs.constantInitial
            : 0.7
    else if (token.length > 3 && inputs.every((input) => sharesPiece(input, token))) read += 2
  }
  const worded =
    letters > 0
      ? costs.constantWord +
        costs.constantLetter * (Math.min(letters, 8) + 0.25 * Math.min(24, Math.max(0, letters - 8)))
      : 0
  const counted = digits > 0 ? costs.constantNumber + costs.constantDigit * digits : 0
  return costs.constant + marks + (worded + counted) * (0.4 + 0.6 * support) + read * support
}
