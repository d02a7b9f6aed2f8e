import { setImmediate } from 'node:timers/promises'
import {
  type Deed,
  type Example,
  Fault,
  type Item,
  type Judgement,
  type Kind,
  type Proof,
  type Skill,
  type SkillTools,
  type Suggestion,
} from '../contract/index.ts'
import { fewestTrials, lowerBound, upperBound } from '../stats/binomial.ts'
import { cutExamples, type Order, orderExamples, testedGroups } from './order.ts'
import { type ClaimThreshold, chooseThresholds, type Judged, type ThresholdChoice } from './threshold.ts'

export interface BacktestOptions {
  seed: number
  /** Useful rate to be proven, 0..1. */
  target?: number
  confidence?: number
  /** Called now and then with a share 0..1. */
  progress?(share: number): void
  signal?: AbortSignal
  /** What the skill is given beside its seed: a writer, facts. */
  tools?: Pick<SkillTools, 'write' | 'facts' | 'silent'>
}

/** An item with what the skill would have suggested, without its reasons; null is the skill's own silence. */
export interface Tried<K extends Kind = Kind> {
  item: Item<K>
  deed: Deed<K>
  suggestion: Suggestion<K> | null
  /** Null when there was no suggestion, or the deed does not decide it. */
  judgement: Judgement | null
}

export interface Backtest<K extends Kind = Kind> {
  proof: Proof
  order: Order
  /** Number of examples in each part. */
  parts: { learn: number; calibrate: number; verify: number }
  /** The verify part, whatever the threshold. */
  verify: Tried<K>[]
}

/**
 * Tries a skill on past work: learns on the oldest part, chooses the threshold on what follows (`chooseThresholds`),
 * and counts on the newest part, which nothing before has seen, what would have been shown and was useful.
 *
 * A live skill learns from yesterday's work before it speaks about today's. So does one that can be taught on
 * (`Skill.update`) here: as it goes through the tested parts in their order, it learns, in `lessonCount` steps, what
 * it has already been tried on. What it says about an item still comes from the past alone.
 *
 * A skill that speaks without a past (`Skill.unlearned`) has nothing to learn first, and its threshold stood before any
 * of the past was seen, so that nothing is chosen on it: all of the past is the verify part, and the exact binomial
 * bound on it holds as it stands.
 *
 * Everything is counted in groups: a group is shown when one of its suggestions reaches its threshold, and useful
 * when the first of those is. `proof.judged` is the number of groups in the verify part whose deeds decide, so that
 * `coverage` is `shown / judged`.
 *
 * @throws Fault of kind `bad-input` when there is nothing at all to learn from; a history that is merely too small
 *   gives a proof that did not pass, with the reason
 */
export async function backtest<K extends Kind, Model>(
  skill: Skill<K, Model>,
  examples: Iterable<Example<K>>,
  { seed, target = 0.85, confidence = 0.95, progress, signal, tools: given }: BacktestOptions,
): Promise<Backtest<K>> {
  const { examples: ordered, order } = orderExamples([...examples], { seed })
  if (ordered.length === 0)
    throw new Fault('bad-input', 'There is no past work to learn from: found 0 examples.')
  const { learn, calibrate, verify } = skill.unlearned
    ? { learn: [], calibrate: [], verify: ordered }
    : cutExamples(ordered)
  const parts = { learn: learn.length, calibrate: calibrate.length, verify: verify.length }
  const tools = { seed, ...given, ...(signal && { signal }) }
  const noun = nounFor(skill.kind, ordered)
  const unproven = (because: string): Backtest<K> => ({
    proof: { ...silence(target, confidence), because },
    order,
    parts,
    verify: [],
  })

  let model: Model
  try {
    model = skill.unlearned
      ? skill.unlearned.model()
      : await skill.learn(learn, { ...tools, progress: (share) => progress?.(0.6 * share) })
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'bad-input') throw error
    // Where not even the whole history can be learned from, the input is wrong; else it is only too small to be cut.
    await skill.learn(ordered, tools)
    return unproven(
      `${counted(groupsOf(ordered), noun)} are too few to prove anything on (at least ${fewestGroups(target, confidence)} are needed): ${error.message}`,
    )
  }

  const tested = [...calibrate, ...verify]
  const learnsAt = skill.update ? lessons(tested) : null
  const tried: Tried<K>[] = []
  for (const [i, { item, deed }] of tested.entries()) {
    signal?.throwIfAborted()
    const lesson = learnsAt?.get(i)
    if (lesson && skill.update) model = await skill.update(model, lesson, tools)
    const said = await skill.suggest(model, item, tools)
    // The reasons of a hundred thousand suggestions would fill the memory, and nothing here asks for them.
    const suggestion = said && { ...said, reasons: [] }
    tried.push({ item, deed, suggestion, judgement: suggestion && skill.judge(suggestion.value, deed) })
    // A long backtest shares its process with work that must go on, and must hear when it is called off.
    if (i % 64 === 63) {
      progress?.(0.6 + (0.4 * i) / tested.length)
      await setImmediate()
    }
  }
  const calibrated = tried.slice(0, calibrate.length)
  const verified = tried.slice(calibrate.length)
  progress?.(1)
  const options = { target, confidence, order, noun, groups: groupsOf(ordered) }
  return {
    proof: skill.unlearned
      ? proveAll(verified, skill.unlearned.sureFrom, options)
      : prove(calibrated, verified, options),
    order,
    parts,
    verify: verified,
  }
}

/** How often a skill that can be taught on is taught while it is tried. */
const lessonCount = 20
const smallestLesson = 10

/**
 * What is learned before the item at each index: the items before it that were not learned yet, but of a
 * conversation that goes on later nothing, because it quotes itself.
 */
function lessons<K extends Kind>(tested: readonly Example<K>[]): Map<number, Example<K>[]> {
  const last = new Map(tested.map(({ item }, i) => [item.group, i]))
  const every = Math.max(smallestLesson, Math.ceil(tested.length / lessonCount))
  const lessons = new Map<number, Example<K>[]>()
  let waiting: Example<K>[] = []
  for (let i = every; i < tested.length; i += every) {
    waiting.push(...tested.slice(i - every, i))
    const ended = waiting.filter(({ item }) => last.get(item.group)! < i)
    waiting = waiting.filter(({ item }) => last.get(item.group)! >= i)
    if (ended.length > 0) lessons.set(i, ended)
  }
  return lessons
}

interface ProveOptions {
  target: number
  confidence: number
  order: Order
  noun: Noun
  /** In the whole history. */
  groups: number
}

function prove(calibrated: readonly Tried[], verified: readonly Tried[], options: ProveOptions): Proof {
  const { target, confidence, order, noun, groups } = options
  const judged = decided(verified)
  const asked = groupsOf(judged)
  const silent = { ...silence(target, confidence), judged: asked }
  const needed = fewestGroups(target, confidence)
  if (groups < needed) {
    return {
      ...silent,
      because: `${counted(groups, noun)} are too few to prove anything on; at least ${needed} are needed.`,
    }
  }
  const choice = chooseThresholds(judgedOf(calibrated), {
    target,
    confidence,
    verifyRatio: asked / Math.max(1, groupsOf(decided(calibrated))),
  })
  const chosen = choice.claims.filter(({ point }) => point !== null)
  if (chosen.length === 0) {
    return {
      ...silent,
      because: howFar(choice, calibrated, options),
    }
  }

  // Each claim was proven by itself to get here; one that the newest work evidently contradicts is silenced. When all
  // are contradicted, the numbers of all of them say how far it is.
  const holding = chosen.filter((one) => {
    const { shown, useful } = count(judged, [one])
    return shown === 0 || upperBound(useful, shown, 1 - choice.alpha) >= target
  })
  const kept = holding.length > 0 ? holding : chosen
  const { shown, useful } = count(judged, kept)
  const bound = shown > 0 ? lowerBound(useful, shown, confidence) : null
  const passed = bound !== null && bound >= target
  const keptThreshold = (claim: string | null) =>
    kept.find((one) => one.claim === claim)?.point?.threshold ?? null
  const claims = choice.claims.map(({ claim }) => claim)
  const silenced = claims.filter((claim) => claim !== null && keptThreshold(claim) === null)
  // Under the empty name stand suggestions without a claim, where others have one.
  const thresholds = Object.fromEntries(claims.map((claim) => [claim ?? '', keptThreshold(claim)]))
  const proof: Proof = {
    ...silent,
    threshold: Math.min(...kept.map(({ point }) => point!.threshold)),
    ...(claims.some((claim) => claim !== null) && { thresholds }),
    coverage: asked === 0 ? 0 : shown / asked,
    usefulRate: shown > 0 ? useful / shown : null,
    lowerBound: bound,
    shown,
    passed,
    because: '',
  }
  return { ...proof, because: sentence(proof, { order, noun, silenced }) }
}

/** The proof of a skill whose threshold nobody chose: all of the past is there to count on. */
function proveAll(tried: readonly Tried[], threshold: number, options: ProveOptions): Proof {
  const { target, confidence, order, noun } = options
  const judged = decided(tried)
  const asked = groupsOf(judged)
  const claims = [...new Set(judged.map(({ suggestion }) => suggestion?.claim ?? null))]
  const { shown, useful } = count(
    judged,
    claims.map((claim) => ({ claim, point: { threshold, shown: 0, useful: 0, expected: 0 }, closest: null })),
  )
  const bound = shown > 0 ? lowerBound(useful, shown, confidence) : null
  const passed = bound !== null && bound >= target
  const proof: Proof = {
    ...silence(target, confidence),
    judged: asked,
    threshold: passed ? threshold : null,
    coverage: asked === 0 ? 0 : shown / asked,
    usefulRate: shown > 0 ? useful / shown : null,
    lowerBound: bound,
    shown,
    passed,
    because: '',
  }
  if (passed) return { ...proof, because: sentence(proof, { order, noun, silenced: [] }) }
  const more = stillNeeded(useful, shown, target, confidence)
  const right = shown > 0 ? ` and ${useful} of those were useful` : ''
  return {
    ...proof,
    because: `Of ${counted(asked, noun)} ${shown} would have been shown${right}; ${more} more that are shown and useful are needed to prove ${percent(target)} with ${percent(confidence)} confidence.`,
  }
}

/** How many more useful ones in a row would bring the lower bound to the target. */
function stillNeeded(useful: number, shown: number, target: number, confidence: number): number {
  let more = 0
  while (lowerBound(useful + more, shown + more, confidence) < target) more++
  return more
}

/** Items whose deed decides: all but those with a suggestion that the skill could not judge. */
function decided(tried: readonly Tried[]): Tried[] {
  return tried.filter(({ suggestion, judgement }) => suggestion === null || judgement !== null)
}

function judgedOf(tried: readonly Tried[]): Judged[] {
  return tried.flatMap(({ item, suggestion, judgement }) =>
    suggestion && judgement
      ? [
          {
            group: item.group,
            claim: suggestion.claim,
            confidence: suggestion.confidence,
            useful: judgement.useful,
          },
        ]
      : [],
  )
}

/** Groups that the claims' thresholds would have shown, and how many of those were useful. */
function count(
  tried: readonly Tried[],
  claims: readonly ClaimThreshold[],
): { shown: number; useful: number } {
  const thresholds = new Map(claims.map(({ claim, point }) => [claim, point!.threshold]))
  const verdicts = new Map<string, boolean>()
  for (const { group, claim, confidence, useful } of judgedOf(tried)) {
    const shown = confidence >= (thresholds.get(claim ?? null) ?? Infinity)
    if (shown && !verdicts.has(group)) verdicts.set(group, useful)
  }
  return { shown: verdicts.size, useful: [...verdicts.values()].filter(Boolean).length }
}

function groupsOf(examples: readonly { item: { group: string } }[]): number {
  return new Set(examples.map(({ item }) => item.group)).size
}

/** The smallest history whose tested parts could pass with a perfect record. */
function fewestGroups(target: number, confidence: number): number {
  const inPart = fewestTrials(target, 1 - confidence)
  let groups = 1
  while (testedGroups(groups) < inPart) groups++
  return groups
}

function silence(target: number, confidence: number): Omit<Proof, 'because'> {
  return {
    threshold: null,
    coverage: 0,
    usefulRate: null,
    lowerBound: null,
    shown: 0,
    judged: 0,
    target,
    confidence,
    passed: false,
  }
}

type Noun = readonly [one: string, many: string]

const nouns: Record<Kind, Noun> = {
  message: ['message', 'messages'],
  record: ['record', 'records'],
  table: ['column', 'columns'],
  report: ['report', 'reports'],
}

function nounFor(kind: Kind, examples: readonly Example[]): Noun {
  const grouped = groupsOf(examples) < examples.length
  return kind === 'message' && grouped ? ['conversation', 'conversations'] : nouns[kind]
}

function counted(n: number, [one, many]: Noun): string {
  return `${n} ${n === 1 ? one : many}`
}

/** `91.3 %`, `71 %`. */
function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`
}

/** Cut, not rounded: a bound of 84.96 % must not read as 85 %. */
function percentDown(share: number): string {
  return `${Math.floor(share * 1000) / 10} %`
}

function sentence(
  { coverage, usefulRate, lowerBound: bound, judged, target, confidence, passed }: Proof,
  { order, noun, silenced }: { order: Order; noun: Noun; silenced: readonly (string | null)[] },
): string {
  const newest = order.kind === 'shuffled' ? '' : 'newest '
  const shown = `Of the ${judged} ${newest}${noun[1]} ${percent(coverage)} would have been shown`
  const sure = `with ${percent(confidence)} confidence`
  const quiet = silenced
    .map((claim) => `; "${claim}" stays silent, as it is not useful often enough`)
    .join('')
  if (usefulRate === null || bound === null) {
    return `${shown}, so that nothing could be verified${quiet}; ${order.because}.`
  }
  return passed
    ? `${shown} and ${percent(usefulRate)} of those were useful (at least ${percentDown(bound)} ${sure})${quiet}; ${order.because}.`
    : `${shown} and ${percent(usefulRate)} of those were useful, but that proves only ${percentDown(bound)} ${sure} where ${percent(target)} is needed${quiet}; ${order.because}.`
}

/** Why no threshold passed, and how far the closest is. */
function howFar(
  { claims, alpha, fewest }: ThresholdChoice,
  calibrated: readonly Tried[],
  { target, order, noun }: ProveOptions,
): string {
  const asked = counted(groupsOf(decided(calibrated)), noun)
  const closest = claims
    .flatMap((one) => one.closest ?? [])
    .sort((a, b) => b.lowerBound - a.lowerBound)
    .at(0)
  if (!closest) {
    const said = groupsOf(calibrated.filter(({ judgement }) => judgement))
    return `It had something to say on ${said} of the ${asked} it was calibrated on, and at least ${fewest} are needed to prove anything; ${order.because}.`
  }
  const { shown, useful, lowerBound: bound } = closest
  const proves =
    bound < target
      ? `which proves only ${percentDown(bound)} with ${percent(1 - alpha)} confidence`
      : 'which would be enough taken alone, but not as one of the several that were looked at'
  return `No threshold is proven to be useful ${percent(target)} of the time: the closest would have shown ${shown} of the ${asked} it was calibrated on and ${percent(useful / shown)} of those were useful, ${proves}; ${order.because}.`
}
