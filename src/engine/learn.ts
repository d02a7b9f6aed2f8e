import { createHash } from 'node:crypto'
import { type Example, Fault, type Skill, type SkillTools } from '../contract/index.ts'
import { learnForesight } from '../measure/foresee.ts'
import { backtest } from '../prove/backtest.ts'
import { outcomeWindow } from '../prove/delayed.ts'
import { orderExamples } from '../prove/order.ts'
import type { Desk } from './desk.ts'
import { erasedFrom } from './erase.ts'
import { tellFailure } from './failure.ts'
import { addAsk, addItems, addLearn } from './jobs.ts'
import type { EngineOptions, Trained } from './options.ts'
import { settle } from './stage.ts'

const day = 24 * 60 * 60 * 1000
/** Handling times from which more tell nothing new. */
const enoughTimed = 400
/** Where there is nothing to learn from yet, it looks again after this many milliseconds. */
const lookAgain = 10 * 60 * 1000

/** The job `learn`: history → model and proof → stage; and suggestions for what has been waiting for them. */
export async function learn(desk: Desk, options: EngineOptions, signal: AbortSignal): Promise<void> {
  const { ledger, now = Date.now, seed = 1, train = trainHere, onEvent } = options
  const { id } = desk.deployment
  const started = performance.now()
  const examples: Example[] = []
  const isErased = await erasedFrom(id, ledger)
  for await (const example of desk.place.history()) {
    if (isErased(example)) continue
    examples.push(example)
    if (examples.length % 200 === 0) tell('reading', null)
  }
  tell('reading', 1)

  let trained: Trained
  try {
    trained = await train(desk.skill, examples, {
      deployment: id,
      seed,
      signal,
      progress: (share) => tell('learning', share),
    })
  } catch (cause) {
    if (signal.aborted || !(cause instanceof Fault) || cause.kind === 'bug') throw cause
    // Too little to learn from is an answer, not an error to be tried again at once.
    await tellFailure(id, 'learning', cause.message, options)
    await addLearn(ledger, id, Date.now() + lookAgain)
    return
  }

  const { bytes, proof } = trained
  const outcomeWindow = outcomesTake(examples)
  const foresight = learnForesight(await timedWork(examples, id, ledger))
  const at = now()
  const people = new Set(examples.map(({ deed }) => deed.person).filter((person) => person !== null)).size
  const model = createHash('sha256').update(bytes).digest('hex').slice(0, 16)
  const seconds = (performance.now() - started) / 1000
  const about = { at, deployment: id, item: null, person: null }
  const waiting: string[] = []
  for await (const item of ledger.items(id, { open: true }))
    if (item.suggestedAt === null) waiting.push(item.item)
  const saved = await ledger.transaction(async (tx) => {
    await tx.hold(id)
    // Whoever was erased while we learned has asked for it to be learned again.
    if (examples.some(await erasedFrom(id, ledger))) return false
    await tx.saveModel(id, { skill: desk.skill.name, version: desk.skill.version, bytes, learnedAt: at })
    await tx.append([
      {
        ...about,
        key: `${id}:learned:${at}`,
        kind: 'learned',
        body: {
          examples: examples.length,
          people,
          seconds,
          model,
          ...(outcomeWindow > 0 && { outcomeWindow }),
          ...(foresight && { foresight }),
        },
      },
      { ...about, key: `${id}:proved:${at}`, kind: 'proved', body: { proof } },
    ])
    await addLearn(tx, id, Date.now() + day)
    return true
  })
  if (!saved) return
  onEvent?.({ type: 'proved', deployment: id, proof })
  await settle(desk, null, options)
  await ledger.transaction(async (tx) => {
    await addItems(tx, 'suggest', id, waiting)
    if (desk.deployment.rollout) await addAsk(tx, id)
  })

  function tell(what: 'reading' | 'learning', share: number | null) {
    onEvent?.({ type: 'progress', deployment: id, what, share, count: examples.length })
  }
}

/**
 * How long outcomes take, where that is more than a day: then a verdict must wait until slow outcomes are known as well.
 * Only for records: what a message or a table gets is done at once or never.
 */
function outcomesTake(examples: readonly Example[]): number {
  const delays = examples.flatMap(({ item, deed }) =>
    item.kind === 'record' && item.at !== null && deed.at !== null ? [deed.at - item.at] : [],
  )
  const window = outcomeWindow(delays)
  return window > day ? Math.round(window) : 0
}

/** Items done without help, with their handling times: those of the history, else of what came in since. */
async function timedWork(examples: readonly Example[], id: string, ledger: EngineOptions['ledger']) {
  const timed = examples.flatMap(({ item, deed }) =>
    deed.seconds === null ? [] : [{ item, seconds: deed.seconds }],
  )
  if (timed.length >= enoughTimed) return timed
  for await (const state of ledger.items(id, { open: false })) {
    if (state.seconds === null || state.arm === 'shown') continue
    const item = (await ledger.body(id, state.item, 'item')) as Example['item'] | null
    if (item) timed.push({ item, seconds: state.seconds })
    if (timed.length >= enoughTimed) break
  }
  return timed
}

/** Backtest on the past, then the model of all of it; in this thread. */
export async function trainHere(
  skill: Skill,
  examples: Example[],
  {
    seed,
    signal,
    progress,
    tools,
  }: {
    seed: number
    signal: AbortSignal
    progress(share: number): void
    tools?: Pick<SkillTools, 'write' | 'facts'>
  },
): Promise<Trained> {
  const { proof } = await backtest(skill, examples, {
    seed,
    signal,
    ...(tools && { tools }),
    progress: (share) => progress(share * 0.6),
  })
  const { examples: ordered } = orderExamples(examples, { seed })
  const model = await skill.learn(ordered, {
    ...tools,
    seed,
    signal,
    progress: (share) => progress(0.6 + share * 0.4),
  })
  progress(1)
  return { bytes: skill.save(model), proof }
}
