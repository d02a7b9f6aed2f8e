import { Fault, type Lock, type LockName } from '../contract/index.ts'
import { upperBound } from '../stats/binomial.ts'
import { workingWeeks } from './active-time.ts'
import { type ByHand, type Episode, episodesWith } from './episodes.ts'
import { type EventLog, isEventLog, none } from './event-log.ts'
import { type Symbols, symbolsOf } from './symbols.ts'
import { type Link, valueLinks } from './value-flow.ts'

export const causes = {
  place: 'outside the workflow',
  pain: 'no real pain',
  proof: 'not good enough',
} as const
export type Cause = (typeof causes)[LockName]

export interface Diagnosis {
  tool: string
  episodes: number
  locks: Record<LockName, Lock>
  causes: Cause[]
  /** Minutes a week that all who use it win by it; negative where it costs them. Null where nobody does the task by hand. */
  netMinutesPerWeek: number | null
  text: string
}

/** Minutes a person a week from which a task is worth taking away, and the share of outputs that must be useful. */
const painfulMinutes = 30
const usefulShare = 0.85
/** Below this, few episodes are enough to see it. */
const plainlyPoor = 0.7
/** More changes than this, or more of the text, and it was written again rather than touched up. */
const touchUp = 1
const touchUpShare = 0.3
const fewestEpisodes = 3

/**
 * Why an AI tool is not used: the three locks read the other way, from what people did with it. `tool` is a host (with its
 * subdomains) or the name of a program. Throws a Fault where the log never shows it. Never about one person.
 */
export function diagnose(log: EventLog, tool: string): Diagnosis {
  if (isEventLog(log)) {
    throw new Fault(
      'bad-input',
      'An event log does not tell in which tool anything was done: diagnose a UI log.',
    )
  }
  const wanted = tool
    .trim()
    .toLowerCase()
    .replace(/^[a-z]+:\/\//, '')
    .replace(/[/:?].*$/, '')
  const host = log.hosts.names.map((name) => name === wanted || name.endsWith(`.${wanted}`))
  const program = log.tools.names.map((name) => name.toLowerCase() === wanted)
  const isTool = (i: number) => (host[log.host[i]!] ?? false) || (program[log.tool[i]!] ?? false)
  const symbols = symbolsOf(log)
  const diagnosis = diagnosed(log, wanted, isTool, symbols, valueLinks(log))
  if (diagnosis === null) {
    throw new Fault(
      'bad-input',
      `"${tool}" is nowhere in these logs; seen are ${log.hosts.names.slice(0, 8).join(', ')}: name one of the hosts or programs in them.`,
    )
  }
  return diagnosis
}

const knownHosts =
  /(^|\.)(chatgpt\.com|chat\.openai\.com|claude\.ai|gemini\.google\.com|copilot\.microsoft\.com|copilot\.cloud\.microsoft|perplexity\.ai|chat\.mistral\.ai|poe\.com|jasper\.ai|copy\.ai|writesonic\.com|grammarly\.com|chat\.deepseek\.com|you\.com)$/
const toolWords = /(^|[^a-z])(ai|gpt|chatgpt|copilot|llm|chatbot)([^a-z]|$)/i

/** What only an AI tool has to fill in or to click. */
const promptWords =
  /(^|[^a-z])(prompt|regenerate|ask ai|ai (assistant|chat|reply|draft)|copilot|gpt)([^a-z]|$)/i

/**
 * Every AI tool seen, each diagnosed: known by its address, by its name, or by a place to write a prompt into. A program in which
 * an AI tool of its own address is used is not one itself.
 */
export function inventory(log: EventLog): Diagnosis[] {
  const names = new Set<string>()
  for (const name of log.hosts.names) if (knownHosts.test(name) || toolWords.test(name)) names.add(name)
  for (const name of log.tools.names) if (toolWords.test(name)) names.add(name.toLowerCase())
  const prompting = log.elements.names.map((name) => promptWords.test(name))
  for (let i = 0; i < log.length; i++) {
    if (log.element[i] !== none && prompting[log.element[i]!]) names.add(log.hosts.names[log.host[i]!]!)
  }
  return isEventLog(log) ? [] : [...names].sort().map((name) => diagnose(log, name))
}

function diagnosed(
  log: EventLog,
  tool: string,
  isTool: (i: number) => boolean,
  symbols: Symbols,
  links: readonly Link[],
): Diagnosis | null {
  const { episodes, byHand } = episodesWith(log, symbols, links, isTool)
  if (episodes.length === 0) return null
  const { weeks } = workingWeeks(log)
  const tasks = new Set(episodes.map((episode) => episode.task))
  const hand = [...byHand].filter(([name]) => tasks.has(name)).flatMap(([, list]) => list)
  const locks = {
    place: placeLock(episodes),
    pain: painLock(episodes, hand, weeks),
    proof: proofLock(episodes, hand),
  }
  const found = (Object.keys(causes) as LockName[]).filter((name) => !locks[name].open)
  const withTool = mean(episodes.filter(({ taken }) => taken).map(({ minutes }) => minutes))
  const without = mean(hand.map(({ minutes }) => minutes))
  const net =
    without === null || withTool === null ? null : round(((without - withTool) * episodes.length) / weeks, 1)
  return {
    tool,
    episodes: episodes.length,
    locks,
    causes: found.map((name) => causes[name]),
    netMinutesPerWeek: net,
    text: textOf(tool, episodes.length, found, locks, net),
  }
}

function placeLock(episodes: readonly Episode[]): Lock {
  const hops = median(episodes.map((episode) => episode.hops))
  const outside = episodes.filter((episode) => episode.hops > 0).length / episodes.length
  const open = outside < 0.5
  return {
    open,
    numbers: {
      hops,
      shareOutside: round(outside, 3),
      minutesAway: round(mean(episodes.map(({ awayMinutes }) => awayMinutes)) ?? 0, 2),
    },
    because: open
      ? `In ${percent(1 - outside)} of ${episodes.length} uses nobody had to leave the tool in which the work is done.`
      : `Half of its uses or more need at least ${hops} extra steps (another tab, a paste there, a paste back).`,
    opensWhen:
      'What it makes appears in the very place where the work is done, with no other tab, copy or paste.',
  }
}

function painLock(episodes: readonly Episode[], hand: readonly ByHand[], weeks: number): Lock {
  const people = new Set([...episodes, ...hand].map(({ person }) => person)).size
  const total = [...episodes, ...hand].reduce((sum, { minutes }) => sum + minutes, 0)
  const perPerson = total / people / weeks
  const open = perPerson >= painfulMinutes
  const cost = `The task that it serves takes ${round(perPerson, 1)} minutes a person a week`
  return {
    open,
    numbers: {
      minutesPerPersonPerWeek: round(perPerson, 1),
      needed: painfulMinutes,
      people: people < 5 ? 'fewer than 5' : people,
    },
    because: open ? `${cost}.` : `${cost}: too little to change one's ways for.`,
    opensWhen: `It serves a task that takes at least ${painfulMinutes} minutes a person a week, or that people name as one they hate.`,
  }
}

function proofLock(episodes: readonly Episode[], hand: readonly ByHand[]): Lock {
  const useful = episodes.filter(
    ({ taken, changes, changedShare }) =>
      taken && (changedShare === null ? changes <= touchUp : changedShare <= touchUpShare),
  ).length
  const n = episodes.length
  const rate = useful / n
  const taken = episodes.filter((episode) => episode.taken)
  const changed = taken.filter(({ changes }) => changes > 0).length
  const withTool = mean(taken.map(({ minutes }) => minutes))
  const without = mean(hand.map(({ minutes }) => minutes))
  const most = upperBound(useful, n, 0.95)
  const open = n < fewestEpisodes || (most >= usefulShare && rate >= plainlyPoor)
  return {
    open,
    numbers: {
      usefulRate: round(rate, 3),
      upperBound: round(most, 3),
      judged: n,
      shareChanged: taken.length === 0 ? null : round(changed / taken.length, 3),
      changesEach: round(mean(taken.map(({ changes }) => changes)) ?? 0, 2),
      reviewMinutes: round(mean(taken.map(({ reviewMinutes }) => reviewMinutes)) ?? 0, 2),
      minutesWith: withTool === null ? null : round(withTool, 2),
      minutesWithout: without === null ? null : round(without, 2),
    },
    because:
      n < fewestEpisodes
        ? `It was used ${n === 1 ? 'once' : `${n} times`}: too seldom to see whether it is good enough.`
        : open
          ? `${percent(rate)} of ${n} outputs were used as they came or touched up once; nothing shows that it is below ${percent(usefulShare)}.`
          : `Only ${percent(rate)} of ${n} outputs were used as they came or touched up once, at most ${percent(most)} with 95 % confidence.`,
    opensWhen: `At least ${percent(usefulShare)} of what it makes can be used as it comes, on this team's own work.`,
  }
}

function textOf(
  tool: string,
  episodes: number,
  closed: readonly LockName[],
  locks: Record<LockName, Lock>,
  net: number | null,
): string {
  const saved =
    net === null
      ? 'Nobody does the same by hand, so what it saves cannot be told.'
      : net >= 0
        ? `It saves ${net} minutes a week.`
        : `It costs ${-net} minutes a week more than doing it by hand.`
  if (closed.length === 0) return `${tool}: none of the three causes shows in ${episodes} uses. ${saved}`
  return `${tool}: ${closed.map((name) => `${causes[name]}. ${locks[name].because} What would change it: ${locks[name].opensWhen}`).join(' ')} ${saved}`
}

const mean = (values: readonly number[]) =>
  values.length === 0 ? null : values.reduce((sum, each) => sum + each, 0) / values.length
const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
const round = (value: number, digits: number) => Math.round(value * 10 ** digits) / 10 ** digits
const percent = (share: number) => `${Math.round(share * 100)} %`
