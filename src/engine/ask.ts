import { createHmac } from 'node:crypto'
import type { Card, Fact, Item, Question, Suggestion } from '../contract/index.ts'
import { mayAsk } from '../measure/opinions.ts'
import { holdbackShares } from '../prove/arm.ts'
import { audienceFor } from '../prove/audience.ts'
import { keyedAbsence, keyedShare } from '../prove/switch-off.ts'
import { askCard, cardFor, readingSeconds, wordsIn } from '../walkthrough/index.ts'
import type { Desk } from './desk.ts'
import type { EngineOptions } from './options.ts'
import { settle } from './stage.ts'
import { readTold, type Told } from './told.ts'
import { recall, type Verdicts } from './verdicts.ts'

const day = 24 * 3600 * 1000
/** Before a person has had it for a week, an opinion on it is worth little. */
const firstQuestion = 7 * day
/** A week without it is asked for when it has become a habit. */
const habit = 14 * day
const opinions: Question[] = ['satisfied', 'would notice', 'minutes']
/** Figures from switch-off weeks are only shown for so many people; for fewer nothing is switched off. */
const fewestSwitchedOff = 5
const cardExamples = 3
/** How long before it begins an absence is told: longer than it is between two looks at who is to be asked. */
const ahead = 12 * 3600 * 1000

/**
 * The job `ask`: the invitation to the pilot, the walkthrough's card once a person, one opinion a month at most, and
 * the consented weeks and days without it. What was asked is a fact before it is shown, so that nobody is asked twice.
 */
export async function ask(desk: Desk, options: EngineOptions, verdicts?: Verdicts): Promise<void> {
  const { ledger, now = Date.now } = options
  const { rollout, id } = desk.deployment
  // Whoever connected it for themselves has the terminal and the page; their files are not written into to ask them.
  if (!rollout || options.showNothing) return
  // Answers given outside of the tool, and outcomes that have ripened, move it too.
  await settle(desk, verdicts ?? (await recall(desk, options)).verdicts, options)
  const standing = await ledger.standingOf(id)
  const { stage, locks } = standing ?? { stage: 'off' as const, locks: null }
  const told = await readTold(ledger, id)
  const people = (await desk.place.people?.()) ?? null
  const everyone: (string | null)[] = people ?? [null]
  if (stage === 'silent' && standing?.proof?.passed && locks?.place.open && locks.pain.open) {
    for (const person of everyone) await askOnce(desk, 'volunteer', person, told, options)
  }
  if (stage !== 'pilot' && stage !== 'live') return
  const since = standing!.stagedAt!
  const at = now()
  const seenBy = (people: Told['people']) =>
    everyone.filter(
      (person) => audienceFor({ stage, since, rollout, people, person, key: desk.armKey, now: at }).sees,
    )
  const seeing = seenBy(told.people)
  await showWalkthrough(desk, stage, seeing, told, options)
  if (at - since >= firstQuestion || told.asked.some(({ question }) => question !== 'volunteer')) {
    const asked: { question: Question; deployment: string; item: null; at: number; person: string | null }[] =
      []
    for await (const fact of ledger.facts({ kinds: ['asked'] })) {
      const { deployment, person } = fact
      if (fact.kind === 'asked') {
        asked.push({ question: fact.body.question, deployment, item: null, at: fact.at, person })
      }
    }
    for (const person of seeing) {
      // A card to everybody goes to others in another deployment.
      const own = asked.filter(
        (each) =>
          each.person === person &&
          each.question !== 'volunteer' &&
          (person !== null || each.deployment === id),
      )
      // Consent is no opinion: it is asked for once a quarter beside the month's question.
      // People begin with different questions, so that there are recent answers to each.
      const first = Math.floor(keyedShare(desk.armKey, `first question\n${person ?? ''}`) * opinions.length)
      const inTurn = [...opinions.slice(first), ...opinions.slice(0, first)]
      const question = nextQuestion(
        inTurn,
        id,
        own.filter(({ question }) => question !== 'switch off'),
        at,
      )
      if (question) await put(desk, question, person, told, options)
      const habitual =
        stage === 'live' && at - since >= habit && person !== null && !told.consenting.has(person)
      const consent =
        habitual &&
        nextQuestion(
          ['switch off'],
          id,
          own.filter(({ question }) => question === 'switch off'),
          at,
        )
      if (consent) await put(desk, consent, person, told, options)
    }
  }
  // Who goes without it now may go without it again tomorrow.
  const reached = seenBy({ ...told.people, switchedOff: [] })
  if (stage === 'live') await switchOff(desk, reached, told, options)
}

/** The question that was asked longest ago, of those that may be asked now. */
function nextQuestion(
  questions: readonly Question[],
  deployment: string,
  asked: readonly { question: Question; deployment: string; item: null; at: number }[],
  now: number,
): Question | null {
  const last = (question: Question) =>
    Math.max(
      -1,
      ...asked
        .filter((each) => each.question === question && each.deployment === deployment)
        .map(({ at }) => at),
    )
  const due = questions.filter(
    (question) => question !== 'volunteer' && mayAsk(asked, { question, deployment, item: null, now }).ask,
  )
  return due.sort((a, b) => last(a) - last(b))[0] ?? null
}

async function askOnce(
  desk: Desk,
  question: Question,
  person: string | null,
  told: Told,
  options: EngineOptions,
) {
  const before = told.asked.some((each) => each.question === question && each.person === person)
  if (!before) await put(desk, question, person, told, options)
}

/** Records the question, then shows it where the surface can; elsewhere the page and the command line show what is open. */
async function put(
  desk: Desk,
  question: Question,
  person: string | null,
  told: Told,
  options: EngineOptions,
) {
  const { ledger, now = Date.now, answerUrl } = options
  const { id } = desk.deployment
  const round = told.asked.filter((each) => each.question === question && each.person === person).length
  const key = cardKey(desk, `${question}\n${person ?? ''}\n${round}`)
  const fact: Fact = {
    key: `${id}:asked:${key}`,
    kind: 'asked',
    at: now(),
    deployment: id,
    item: null,
    person,
    body: { question, card: key },
  }
  if ((await ledger.append([fact])) === 0) return
  const url = answerUrl && ((answer: boolean | number) => answerUrl(key, answer))
  const card = askCard(question, { ...wordsOf(desk), key, to: person, ...(url && { url }) })
  await desk.place.announce?.(card)
}

async function showWalkthrough(
  desk: Desk,
  stage: 'pilot' | 'live',
  people: readonly (string | null)[],
  told: Told,
  options: EngineOptions,
) {
  const { ledger, now = Date.now } = options
  const { id } = desk.deployment
  const fresh = people.filter((person) => !told.announcedTo.has(person ?? ''))
  if (fresh.length === 0) return
  const { text, title } = await walkthroughCard(desk, holdbackShares[stage], options)
  for (const person of fresh) {
    const card: Card = {
      title,
      text,
      key: cardKey(desk, `walkthrough\n${person ?? ''}`),
      ...(person !== null && { to: person }),
    }
    await desk.place.announce?.(card)
    const body = { words: wordsIn(card), seconds: readingSeconds(card) }
    const key = `${id}:announced:${card.key}`
    await ledger.append([{ key, kind: 'announced', at: now(), deployment: id, item: null, person, body }])
  }
}

/** The walkthrough's card, made from what it would have shown on this team's own work and was right about. */
export async function walkthroughCard(
  desk: Desk,
  holdback: number,
  { ledger }: Pick<EngineOptions, 'ledger'>,
): Promise<Card> {
  const { id } = desk.deployment
  const examples: { item: Item; suggestion: Suggestion }[] = []
  for await (const state of ledger.items(id, { open: false, limit: 2000 })) {
    if (!state.useful || state.threshold === null || (state.confidence ?? 0) < state.threshold) continue
    const item = (await ledger.body(id, state.item, 'item')) as Item | null
    const suggestion = (await ledger.body(id, state.item, 'suggestion')) as Suggestion | null
    if (item && suggestion) examples.push({ item, suggestion })
    if (examples.length === cardExamples) break
  }
  const { proof } = await desk.standing()
  return cardFor({
    about: desk.skill.about,
    kind: desk.skill.kind,
    where: wordsOf(desk).where,
    examples,
    usefulRate: proof?.usefulRate ?? null,
    holdback,
    turnOff: `'inlay wish ${id} off' turns it off for you, 'inlay stage ${id} off' for everybody`,
  })
}

/**
 * Says once, in the tool, that it is gone and why: to those who had been told that it is there, and have not turned it
 * off themselves. Whoever moved it, it is said.
 */
export async function tellWithdrawn(
  desk: Desk,
  because: string,
  { ledger, now = Date.now }: EngineOptions,
): Promise<void> {
  const { id, rollout } = desk.deployment
  const standing = await ledger.standingOf(id)
  if (!rollout || !standing || standing.stage === 'pilot' || standing.stage === 'live') return
  const { announcedTo, people } = await readTold(ledger, id)
  const gone = standing.stage === 'withdrawn' || standing.stage === 'off'
  const title = `Inlay ${gone ? 'has stopped' : 'has paused'} this: ${desk.skill.about}`
  const text = `In ${wordsOf(desk).where}. ${because} Suggestions that nobody had dealt with were taken back.`
  for (const person of [...announcedTo].sort()) {
    if (people.off.has(person)) continue
    const to = person || null
    const key = cardKey(desk, `stopped\n${standing.stagedAt}\n${person}`)
    const card: Card = { title, text, key, ...(to !== null && { to }) }
    await desk.place.announce?.(card)
    const body = { words: wordsIn(card), seconds: readingSeconds(card), stage: standing.stage }
    const about = { at: now(), deployment: id, item: null, person: to }
    await ledger.append([{ ...about, key: `${id}:announced:${key}`, kind: 'announced', body }])
  }
}

/**
 * Begins what each consenting person goes without: a week, or single days, drawn at random within the quarter. It is
 * told a little ahead, so that a day is a whole day.
 */
async function switchOff(
  desk: Desk,
  reached: readonly (string | null)[],
  told: Told,
  options: EngineOptions,
) {
  const { ledger, now = Date.now } = options
  const { id } = desk.deployment
  const willing = reached.filter((person): person is string => person !== null && told.consenting.has(person))
  if (willing.length < fewestSwitchedOff) return
  const at = now()
  const facts = willing.flatMap((person): Fact[] => {
    const own = told.people.switchedOff.filter((each) => each.person === person)
    const soon = [at, at + ahead].flatMap((when) => {
      const { by, spans } = keyedAbsence(desk.armKey, person, when)
      return spans.map((span) => ({ ...span, by }))
    })
    return soon.flatMap(({ from, until, by }): Fact[] => {
      // Whoever turned it on again in the middle of it has it until the next.
      const before = own.some((each) => each.from >= from && each.from < until)
      if (before || at < from - ahead || at >= until) return []
      const key = `${id}:switchedOff:${person}:${from}`
      const body = { until, by }
      return [{ key, kind: 'switchedOff', at: Math.max(at, from), deployment: id, item: null, person, body }]
    })
  })
  await ledger.append(facts)
}

/** Nobody can guess the key of a card that was put to somebody else. */
function cardKey(desk: Desk, of: string): string {
  return createHmac('sha256', desk.armKey)
    .update(`card\n${desk.deployment.id}\n${of}`)
    .digest('hex')
    .slice(0, 24)
}

function wordsOf({ deployment, skill }: Desk) {
  return { about: skill.about, where: `${deployment.surface} (${deployment.team})` }
}
