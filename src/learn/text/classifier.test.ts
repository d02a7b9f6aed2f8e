import { describe, expect, it } from 'vitest'
import { seeded } from '../../stats/random.ts'
import { calibrationError } from '../calibration.ts'
import { classifyText, learnText, type TextExample } from './classifier.ts'

/**
 * Texts of a known truth: each label has words of its own, but a third of the texts have none of them, and others
 * carry a wrong label, so that nobody can be right more often than about 70 %.
 */
function texts(count: number, labels: number, seed: number, { from = 0, noise = 0.1, leftAlone = 0 } = {}) {
  const random = seeded(seed)
  const word = (family: string, of: number) => `${family}${random.integer(of)}`
  return Array.from({ length: count }, (_, i): TextExample => {
    const words = Array.from({ length: 6 }, () => word('common', 80))
    const alone = random.uniform() < leftAlone
    const topic = from + random.integer(labels)
    if (alone) words.push(word('chat', 10))
    else if (random.uniform() < 0.7)
      words.push(`topic${topic}x${random.integer(8)}`, `topic${topic}x${random.integer(8)}`)
    const label = random.uniform() < noise ? from + random.integer(labels) : topic
    return {
      item: { subject: '', text: random.shuffle(words).join(' '), sender: [] },
      label: alone ? null : `label ${label}`,
      group: `${seed}/${i}`,
    }
  })
}

function tryOn(model: Awaited<ReturnType<typeof learnText>>, examples: TextExample[]) {
  return examples.map(({ item, label }) => {
    const classified = classifyText(model, item)
    return { ...classified, right: classified.label === label ? 1 : 0 }
  })
}

const mean = (of: number[]) => of.reduce((a, b) => a + b, 0) / of.length

describe('confidence', () => {
  it('is what comes true, on texts like those of the history', async () => {
    const model = await learnText(texts(3000, 5, 1), { seed: 1 })
    const tried = tryOn(model, texts(3000, 5, 2))
    const error = calibrationError(
      tried.map((t) => t.confidence),
      tried.map((t) => t.right),
      10,
    )
    expect(error).toBeLessThan(0.04)
    const sure = tried.filter((t) => t.confidence > 0.85)
    expect(sure.length / tried.length).toBeGreaterThan(0.5)
    expect(mean(sure.map((t) => t.right))).toBeGreaterThan(0.85)
  })

  it('ranks by what the texts say where a label has five examples only, not by luck with their labels', async () => {
    // Half of the words are of other topics: some labels do well on their five examples by chance.
    const few = texts(150, 30, 10, { noise: 0.2 })
    const tried = tryOn(await learnText(few, { seed: 1 }), texts(3000, 30, 11, { noise: 0.2 }))
    const best = tried.toSorted((a, b) => b.confidence - a.confidence).slice(0, 1000)
    expect(mean(best.map((t) => t.right))).toBeGreaterThan(mean(tried.map((t) => t.right)) + 0.05)
    const { usual } = (await learnText(few, { seed: 1 })).confidence
    expect(Math.abs(usual.weights[5]!)).toBeLessThan(2.5)
  })

  it('is low for what people leave alone, once they have left such things alone', async () => {
    const history = texts(2000, 5, 3, { noise: 0, leftAlone: 0.5 })
    const model = await learnText(history, { seed: 1 })
    const tried = tryOn(model, texts(1000, 5, 4, { noise: 0, leftAlone: 0.5 }))
    const shown = tried.filter((t) => t.confidence > 0.8)
    expect(shown.length).toBeGreaterThan(200)
    expect(mean(shown.map((t) => t.right))).toBeGreaterThan(0.9)
  })

  it('calls texts of labels that nobody taught unfamiliar, and few others', async () => {
    const model = await learnText(texts(3000, 12, 5, { noise: 0 }), { seed: 1 })
    const familiar = mean(tryOn(model, texts(600, 12, 6, { noise: 0 })).map((t) => (t.familiar ? 1 : 0)))
    const strange = tryOn(model, texts(600, 12, 7, { noise: 0, from: 12 }))
    expect(familiar).toBeGreaterThan(0.6)
    expect(mean(strange.map((t) => (t.familiar ? 1 : 0)))).toBeLessThan(0.2)
    expect(mean(strange.map((t) => t.confidence))).toBeLessThan(0.4)
  })
})

it('learns five hundred labels, some of them with one example', { timeout: 120_000 }, async () => {
  const examples = texts(2500, 499, 8, { noise: 0 })
  examples.push({
    item: { subject: '', text: 'singular occurrence', sender: [] },
    label: 'rare',
    group: 'rare',
  })
  const model = await learnText(examples, { seed: 1 })
  expect(model.labels.length).toBeGreaterThan(480)
  expect(classifyText(model, { subject: '', text: 'singular occurrence', sender: [] }).label).toBe('rare')
  expect(classifyText(model, { subject: '', text: 'topic7x1 topic7x3', sender: [] }).label).toBe('label 7')
})

it('learns from one label where people left the rest alone', async () => {
  const model = await learnText(texts(300, 1, 9, { noise: 0, leftAlone: 0.5 }), { seed: 1 })
  expect(
    classifyText(model, { subject: '', text: 'topic0x1 topic0x2', sender: [] }).confidence,
  ).toBeGreaterThan(0.8)
  expect(classifyText(model, { subject: '', text: 'chat3 chat4', sender: [] }).confidence).toBeLessThan(0.3)
})

it('never lets a conversation stand on both sides of a division', async () => {
  // Each text stands five times in one conversation, with a label that nothing tells: whoever divides a conversation
  // sees the label of the rest and grows sure of it.
  const random = seeded(10)
  const examples = Array.from({ length: 120 }, (_, g) => {
    const label = `label ${random.integer(3)}`
    const text = `word${g} other${g} third${g}`
    return Array.from({ length: 5 }, () => ({
      item: { subject: '', text, sender: [] },
      label,
      group: `${g}`,
    }))
  }).flat()
  const model = await learnText(examples, { seed: 1 })
  const fresh = Array.from({ length: 200 }, (_, g) =>
    classifyText(model, { subject: '', text: `word${g + 500} other${g + 500}`, sender: [] }),
  )
  expect(mean(fresh.map((t) => t.confidence))).toBeLessThan(0.55)
  const seen = examples.filter((_, i) => i % 5 === 0).map(({ item }) => classifyText(model, item).confidence)
  expect(mean(seen)).toBeLessThan(0.8)
})
