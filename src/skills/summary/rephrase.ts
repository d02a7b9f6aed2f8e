import { setTimeout as sleep } from 'node:timers/promises'

/** Puts a text in other words: a language model, or whoever. May fail, and may lie. */
export type Rephrase = (text: string) => Promise<string>

export interface Rephrased {
  text: string
  /** Why our own text stands; null where the other words do. */
  because: string | null
}

const patienceMs = 20_000

/**
 * The text in other words, if they say the same: every number and name that was stated is still there, none came in, nothing that
 * fell now rises. In all other cases, and where no answer comes in time, our own text.
 *
 * @param untrue why a text may not be shown as far as its numbers go, or null
 */
export async function rephrased(
  text: string,
  names: readonly string[],
  untrue: (text: string) => string | null,
  rephrase: Rephrase,
  patience = patienceMs,
): Promise<Rephrased> {
  const timer = new AbortController()
  let theirs: string
  try {
    const late = sleep(patience, null, { signal: timer.signal, ref: false }).catch(() => null)
    const answer = await Promise.race([rephrase(text), late])
    if (answer === null) return { text, because: `no other words came within ${patience / 1000} seconds` }
    theirs = answer.trim()
  } catch (error) {
    return { text, because: `the other words failed: ${error instanceof Error ? error.message : error}` }
  } finally {
    timer.abort()
  }
  const because = differs(text, theirs, names) ?? untrue(theirs)
  return because === null
    ? { text: theirs, because }
    : { text, because: `the other words were refused: ${because}` }
}

const up =
  /\b(rise\w*|rose|up|above|more|higher|increas\w*|grew|grow\w*|gain\w*|surg\w*|jump\w*|climb\w*|exceed\w*|over)\b/i
const down =
  /\b(fell|fall\w*|down|below|less|lower|decreas\w*|declin\w*|drop\w*|lost|lose\w*|loss|shrank|shrunk|shrink\w*|under|plung\w*|collaps\w*|sank|slump\w*|short)\b/i
/** Numbers in words, which nobody computed. */
const numerals =
  /\b(half|halv\w+|doubl\w+|tripl\w+|quadrupl\w+|twice|thrice|quarter|third|dozen|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|hundred|thousand|no longer|never|not)\b/gi
const figure = /\d[\d.,]*(?: (?:%|billion|million)(?!\w))?/g

/** What the other words say that ours do not, or leave out; null where they say the same. */
function differs(ours: string, theirs: string, names: readonly string[]): string | null {
  if (theirs === '') return 'there are none'
  if (theirs.length > 2 * ours.length + 60) return 'they are too long'
  if (/https?:|www\.|[<>[\]{}]|\n\s*\n/i.test(theirs)) return 'they hold a link or a layout'
  for (const name of names)
    if (ours.includes(name) && !theirs.toLowerCase().includes(name.trim().toLowerCase()))
      return `"${name.trim()}" is missing`
  const left = [...new Set(ours.match(figure) ?? [])].find((each) => !theirs.includes(each))
  if (left) return `${left} is missing`
  const said = (text: string, of: RegExp) =>
    new Set(Array.from(text.matchAll(of), ([word]) => word.toLowerCase()))
  const known = said(ours, numerals)
  const made = [...said(theirs, numerals)].find((word) => !known.has(word))
  if (made) return `"${made}" was not said`
  const stranger = capitalised(theirs).find((word) => !ours.toLowerCase().includes(word.toLowerCase()))
  if (stranger) return `"${stranger}" was not named`
  return turned(ours, theirs)
}

/** Words with a capital inside of a sentence: how things are named. */
const capitalised = (text: string): string[] =>
  Array.from(text.matchAll(/(?<![.!?]\s)(?<!^)\b\p{Lu}[\p{L}\p{N}-]+/gu), ([word]) => word)

/** A number that went down in our words and goes up in theirs, or the other way round. */
function turned(ours: string, theirs: string): string | null {
  const ways = new Map<string, { up: boolean; down: boolean }>()
  for (const part of clauses(ours)) {
    for (const shown of part.match(figure) ?? []) {
      const known = ways.get(shown) ?? { up: false, down: false }
      ways.set(shown, { up: known.up || up.test(part), down: known.down || down.test(part) })
    }
  }
  for (const part of clauses(theirs)) {
    for (const shown of part.match(figure) ?? []) {
      const way = ways.get(shown)
      if (!way || way.up === way.down) continue
      if (way.up ? down.test(part) && !up.test(part) : up.test(part) && !down.test(part))
        return `${shown} went the other way`
    }
  }
  return null
}

const clauses = (text: string): string[] => text.split(/(?<=[.!?;])\s+/)
