import { costs } from './costs.ts'
import type { Row, Sample } from './types.ts'
import { atomOf, type Offer } from './whole.ts'

/**
 * Identifiers written another way: the digits of a cell poured into the example's pattern (telephone numbers, account
 * numbers, dates without marks), letters and digits in groups of equal length, a beginning or an end that is added
 * only where it is missing, texts filled up to one width.
 */
export function masks(column: number, sample: Sample, offer: Offer): void {
  const first = sample.rows[0]?.[column] ?? ''
  if (first === '' || first.length > 100 || (sample.outs[0] as string).length > 200) return
  poured(column, sample, offer)
  grouped(column, sample, offer)
  affixed(column, sample, offer)
  shortened(column, sample, offer)
  filledUp(column, sample, offer)
}

/** As wide as the example, with spaces, zeros or dots before or behind; what is wider stays as it is. */
function filledUp(column: number, sample: Sample, offer: Offer): void {
  const at = (row: Row) => row[column] ?? ''
  const first = at(sample.rows[0] as Row)
  const out = sample.outs[0] as string
  const width = out.length
  const before = out.endsWith(first)
  if (width <= first.length || (!before && !out.startsWith(first))) return
  const fill = before ? out.slice(0, width - first.length) : out.slice(first.length)
  const mark = fill[0] as string
  if (fill !== mark.repeat(fill.length) || !/[\s0._*]/.test(mark)) return
  // The zeros of numbers are those of another reading; and one mark alone is a beginning or an end like any other.
  if (mark === '0' ? !/\p{L}/u.test(first) : fill.length < 2) return
  if (sample.rows.every((row) => at(row).length === first.length)) return
  const words = `{${column}} filled up to ${width} characters with "${mark}" ${before ? 'before' : 'behind'} it`
  offer(
    atomOf(sample, before ? 1.6 : 1.8, words, (row) => {
      const text = at(row)
      return text === '' ? '' : before ? text.padStart(width, mark) : text.padEnd(width, mark)
    }),
  )
}

/**
 * Share of the rows whose runs (of digits, of letters and digits) would be cut or run together at other places than
 * at their own ends: `36.166, -115.06` poured into `##.## -##.##`.
 */
function torn(
  texts: readonly string[],
  pattern: RegExp,
  cutsOf: (length: number) => number[] | null,
): number {
  let rows = 0
  for (const text of texts) {
    const runs = text.match(pattern) ?? []
    if (runs.length < 2) continue
    const length = runs.reduce((sum, run) => sum + run.length, 0)
    const cuts = cutsOf(length)
    if (!cuts) continue
    const start = cuts[0] as number
    const end = cuts.at(-1) as number
    let at = 0
    const ends = new Set<number>([0])
    for (const run of runs) {
      at += run.length
      ends.add(at)
    }
    const inside = [...ends].filter((place) => place > start && place < end)
    if (!ends.has(start) || !ends.has(end) || inside.some((place) => !cuts.includes(place))) rows++
  }
  return rows / Math.max(1, texts.length)
}

const digitsOf = (text: string) => text.replace(/\P{Nd}/gu, '')

/** `(212) 555-0143` from `212.555.0143`: as many digits as the pattern has, all of them, the last or the first. */
function poured(column: number, sample: Sample, offer: Offer): void {
  const digits = digitsOf(sample.rows[0]?.[column] ?? '')
  if (digits.length < 4) return
  const out = sample.outs[0] as string
  const texts = sample.rows.map((row) => row[column] ?? '')
  const runs = [...out.matchAll(/\d+/g)].map(({ index, 0: { length } }) => ({
    from: index,
    to: index + length,
  }))
  for (const [a, { from: start }] of runs.slice(0, 3).entries()) {
    for (const { to } of runs.slice(Math.max(a, runs.length - 3))) {
      const from = start > 0 && out[start - 1] === '(' ? start - 1 : start
      const pattern = out.slice(from, to)
      const wanted = digitsOf(pattern)
      const n = wanted.length
      if (n < 4 || n > 30) continue
      // Letters in the pattern are a word of the example's, and hardly one of every row.
      const letters = pattern.match(/\p{L}/gu)?.length ?? 0
      const marks = pattern.length - n + 5 * letters
      for (const [which, more, take] of [
        ['', 0, (all: string) => (all.length === n ? all : null)],
        ['last ', 0.3, (all: string) => (all.length >= n ? all.slice(-n) : null)],
        ['first ', 0.6, (all: string) => (all.length >= n ? all.slice(0, n) : null)],
      ] as const) {
        if (take(digits) !== wanted) continue
        const shown = pattern.replace(/\d/g, '#')
        const cuts: number[] = []
        for (const run of shown.match(/#+/g) ?? []) cuts.push((cuts.at(-1) ?? 0) + run.length)
        const wrong = torn(texts, /\p{Nd}+/gu, (length) => {
          if (length < n || (which === '' && length !== n)) return null
          const offset = which === 'last ' ? length - n : 0
          return [offset, ...cuts.map((cut) => cut + offset)]
        })
        const words =
          marks === 0
            ? `the ${which || 'only '}${n} digits of {${column}}`
            : `the ${which}${n} digits of {${column}} as ${shown}`
        offer(
          atomOf(sample, 2.2 + more + 0.15 * marks + 5 * wrong, words, (row) => {
            const taken = take(digitsOf(row[column] ?? ''))
            if (taken === null) return null
            let at = 0
            return shown.replace(/#/g, () => taken[at++] as string)
          }),
        )
      }
    }
  }
}

/** `DE89 3704 0044 …`: from the start, or from the end. */
function grouped(column: number, sample: Sample, offer: Offer): void {
  const out = sample.outs[0] as string
  for (const mark of new Set(out.match(/[^\p{L}\p{N}]/gu) ?? [])) {
    const parts = out.split(mark)
    const bare = (text: string) => text.replace(/[^\p{L}\p{N}]/gu, '')
    if (
      parts.length < 2 ||
      bare(out) !== parts.join('') ||
      bare(sample.rows[0]?.[column] ?? '') !== parts.join('')
    )
      continue
    const n = Math.max(...parts.map((part) => part.length))
    for (const [side, whole, rest] of [
      ['start', parts.slice(0, -1), parts.at(-1) as string],
      ['end', parts.slice(1), parts[0] as string],
    ] as const) {
      if (n < 2 || rest.length > n || whole.some((part) => part.length !== n)) continue
      const texts = sample.rows.map((row) => row[column] ?? '')
      const wrong = torn(texts, /[\p{L}\p{N}]+/gu, (length) => {
        const cuts = [0]
        for (let at = side === 'start' ? n : length % n || n; at < length; at += n) cuts.push(at)
        return [...cuts, length]
      })
      offer(
        atomOf(
          sample,
          2.4 + 5 * wrong,
          `{${column}} in groups of ${n} from the ${side}, with "${mark}" between`,
          (row) => {
            const text = bare(row[column] ?? '')
            const at = side === 'start' ? 0 : text.length % n
            const groups = at > 0 ? [text.slice(0, at)] : []
            for (let i = at; i < text.length; i += n) groups.push(text.slice(i, i + n))
            return groups.join(mark)
          },
        ),
      )
    }
  }
}

/** A beginning or an end that some rows have already. */
function affixed(column: number, sample: Sample, offer: Offer): void {
  const at = (row: Row) => (row[column] ?? '').trim()
  const first = at(sample.rows[0] as Row)
  const out = sample.outs[0] as string
  const rows = sample.rows.map(at).filter((text) => text !== '')
  const ends = new Set<string>()
  const starts = new Set<string>()
  if (out === first) {
    for (const end of [/[^\p{L}\p{N}]$/u, /[\s,]+[^\s,]+$/u, /\p{L}+$/u]) ends.add(end.exec(first)?.[0] ?? '')
    for (const start of [/^[^\p{L}\p{N}]/u, /^\p{L}+\W+/u, /^\S+\s/u])
      starts.add(start.exec(first)?.[0] ?? '')
  } else if (out.startsWith(first)) ends.add(out.slice(first.length))
  else if (out.endsWith(first)) starts.add(out.slice(0, out.length - first.length))
  // What another cell begins with is read there, and no more the same in every row.
  const readable = (affix: string) => {
    const letters = affix.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase()
    const others = (sample.rows[0] as Row).filter((_, c) => c !== column)
    return letters !== '' && others.some((cell) => cell.toLowerCase().startsWith(letters))
  }
  const offered = (
    affix: string,
    has: (text: string) => boolean,
    words: string,
    put: (text: string) => string,
  ) => {
    if (affix === '' || affix.length > 20) return
    const share = rows.filter(has).length / rows.length
    if (share === 0 || share === 1 || (out === first && share < 0.2)) return
    offer(
      atomOf(
        sample,
        2 + 0.1 * affix.length + (readable(affix) ? costs.constantInitial : 0),
        `{${column}} with "${affix}" ${words} where it is missing`,
        (row) => (at(row) === '' ? '' : has(at(row)) ? at(row) : put(at(row))),
      ),
    )
  }
  for (const end of ends)
    offered(
      end,
      (text) => text.endsWith(end),
      'at its end',
      (text) => text + end,
    )
  for (const start of starts)
    offered(
      start,
      (text) => text.startsWith(start),
      'before it',
      (text) => start + text,
    )
}

/** The first letters of a cell, whatever stands between them: a code made from a name. */
function shortened(column: number, sample: Sample, offer: Offer): void {
  const sorts: [string, RegExp][] = [
    ['letters', /[^\p{L}\p{M}]/gu],
    ['letters and digits', /[^\p{L}\p{M}\p{N}]/gu],
    ['consonants', /[^\p{L}\p{M}]|[aeiouäöüáéíóúàèìòùâêîôû]/giu],
    ['characters without the vowels', /[aeiouäöüáéíóúàèìòùâêîôû]/giu],
  ]
  for (const [name, others] of sorts) {
    for (const n of [2, 3, 4, 5, 6, 99]) {
      for (const [how, change] of [
        ['', (text: string) => text],
        [' in capitals', (text: string) => text.toUpperCase()],
        [' in small letters', (text: string) => text.toLowerCase()],
      ] as const) {
        if (n === 99 && !name.includes('nant') && !name.includes('vowel')) continue
        const words = `the ${n === 99 ? '' : `first ${n} `}${name} of {${column}}${how}`
        const cost = 3.2 + (how ? 0.5 : 0) + (name.startsWith('letters') ? 0 : 0.8)
        offer(
          atomOf(
            sample,
            cost,
            words,
            (row) => change((row[column] ?? '').replace(others, '').slice(0, n)) || null,
          ),
        )
      }
    }
  }
}
