import { createHash } from 'node:crypto'
import { type Example, Fault, type Skill, type SkillTools } from '../contract/index.ts'
import { backtest } from '../prove/backtest.ts'
import { orderExamples } from '../prove/order.ts'
import type { Desk } from './desk.ts'
import { tellFailure } from './failure.ts'
import { addItems, addLearn } from './jobs.ts'
import type { EngineOptions, Trained } from './options.ts'
import { settle } from './stage.ts'

const day = 24 * 60 * 60 * 1000
/** Where there is nothing to learn from yet, it looks again after this many milliseconds. */
const lookAgain = 10 * 60 * 1000

/** The job `learn`: history → model and proof → stage; and suggestions for what has been waiting for them. */
export async function learn(desk: Desk, options: EngineOptions, signal: AbortSignal): Promise<void> {
  const { ledger, now = Date.now, seed = 1, train = trainHere, onEvent } = options
  const { id } = desk.deployment
  const started = performance.now()
  const examples: Example[] = []
  for await (const example of desk.place.history()) {
    examples.push(example)
    if (examples.length % 200 === 0) tell('reading', null)
  }
  tell('reading', 1)

  let trained: Trained
  try {
    trained = await train(desk.skill, examples, {
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
  const at = now()
  const people = new Set(examples.map(({ deed }) => deed.person).filter((person) => person !== null)).size
  const model = createHash('sha256').update(bytes).digest('hex').slice(0, 16)
  const seconds = (performance.now() - started) / 1000
  const about = { at, deployment: id, item: null, person: null }
  const waiting: string[] = []
  for await (const item of ledger.items(id, { open: true }))
    if (item.suggestedAt === null) waiting.push(item.item)
  await ledger.transaction(async (tx) => {
    await tx.saveModel(id, { skill: desk.skill.name, version: desk.skill.version, bytes, learnedAt: at })
    await tx.append([
      {
        ...about,
        key: `${id}:learned:${at}`,
        kind: 'learned',
        body: { examples: examples.length, people, seconds, model },
      },
      { ...about, key: `${id}:proved:${at}`, kind: 'proved', body: { proof } },
    ])
    await addLearn(tx, id, Date.now() + day)
  })
  onEvent?.({ type: 'proved', deployment: id, proof })
  await settle(desk, null, options)
  await ledger.transaction((tx) => addItems(tx, 'suggest', id, waiting))

  function tell(what: 'reading' | 'learning', share: number | null) {
    onEvent?.({ type: 'progress', deployment: id, what, share, count: examples.length })
  }
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
