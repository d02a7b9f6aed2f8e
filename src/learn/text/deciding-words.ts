import { fields } from './ngrams.ts'
import type { LinearModel } from './svm.ts'
import type { Reading } from './vectors.ts'

/** A word that decided, with its part in the score of the label. */
export interface DecidingWord {
  field: 'subject' | 'text' | 'from'
  text: string
  effect: number
}

const mostWords = 5

/**
 * The words that speak most for a label, at most five, largest effect first. Every n-gram's part in the score is shared
 * by the words that it is made of.
 */
export function decidingWords(linear: LinearModel, reading: Reading, label: number): DecidingWord[] {
  const { grams, places, columns, values, count } = reading
  const times = new Int32Array(count)
  for (let g = 0; g < grams.count; g++) if (places[g]! >= 0) times[places[g]!]! += 1
  const parts = new Float64Array(count)
  for (let p = 0; p < count; p++) {
    parts[p] = (values[p]! * linear.weights[columns[p]! * linear.classes + label]!) / (2 * times[p]!)
  }
  const { words, texts } = grams
  const byPlace = new Float64Array(words.count)
  for (let g = 0; g < grams.count; g++) {
    const part = places[g]! < 0 ? 0 : parts[places[g]!]!
    byPlace[grams.first[g]!]! += part
    byPlace[grams.second[g]!]! += part
  }
  const effects = new Map<string, DecidingWord>()
  for (let w = 0; w < words.count; w++) {
    const field = words.field[w]!
    const text = texts[field]!.slice(words.starts[w]!, words.ends[w]!)
    const key = field + text
    const word = effects.get(key)
    if (word) word.effect += byPlace[w]!
    else effects.set(key, { field: fields[field]!, text, effect: byPlace[w]! })
  }
  return [...effects.values()]
    .filter(({ effect }) => effect > 0)
    .sort((a, b) => b.effect - a.effect || (a.text < b.text ? -1 : 1))
    .slice(0, mostWords)
}
