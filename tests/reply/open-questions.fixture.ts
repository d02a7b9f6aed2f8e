import type { Example } from '../../src/contract/index.ts'
import { answered, message } from '../../src/skills/reply/made-up-answers.fixture.ts'

const parts =
  'amber bridge copper delta ember fjord garnet harbor island juniper kernel lantern meadow nickel orchid pepper quarry river saffron timber umber velvet willow yarrow zephyr'.split(
    ' ',
  )

/**
 * Questions that are each answered in words of their own, so that no earlier answer helps; who knows the answers; and
 * who gives, as plainly, the answer to another question.
 */
export function openQuestions(count: number): {
  examples: Example<'message'>[]
  answerTo(asked: string): string
  wrongTo(asked: string): string
} {
  const answers = new Map<string, string>()
  const pick = (i: number, k: number) =>
    parts[(i * (2 * k + 3) + k * k * 11 + Math.floor(i / (k + 2))) % parts.length]!
  const examples = Array.from({ length: count }, (_, i) => {
    const subject = `Question ${i}`
    const text = `Does the ${pick(i, 1)} go with the ${pick(i, 2)} when the ${pick(i, 3)} is ${pick(i, 4)}?`
    const answer = `Take the ${pick(i, 5)} before the ${pick(i, 6)}, turn ${pick(i, 7)} to ${pick(i, 8)} and leave the ${pick(i, 9)} beside ${pick(i, 10)} ${pick(i, 11)} until ${pick(i, 12)} ${pick(i, 13)} settles.`
    answers.set(`${subject}\n\n${text}`, answer)
    const from = { name: '', address: `customer${i % 97}@open.example` }
    return answered(
      message({
        key: `<open-${i}@made-up.example>`,
        at: Date.UTC(2026, 0, 1) + i * 60_000,
        from,
        subject,
        text,
      }),
      answer,
    )
  })
  const known = (asked: string) => asked.replace(/^From: .*\n/, '')
  const all = [...answers.values()]
  return {
    examples,
    answerTo: (asked) => answers.get(known(asked)) ?? '',
    wrongTo: (asked) => all[(all.indexOf(answers.get(known(asked))!) * 31 + 7) % all.length]!,
  }
}
