import { mailboxDesk } from '../sample/company.ts'
import { habits } from '../sample/letters/correspondence.ts'
import type { Letter } from '../sample/letters/letter.ts'
import { companyMail } from '../sample/make.ts'
import { random } from '../sample/random.ts'
import type { Example, Message } from '../src/contract/index.ts'

/**
 * The canned-answer part of the made-up company: what customers ask, and what Maja of the desk answers. A third of the
 * asks are such that she nearly always (93 %) answers them with the same text, at times (12 %) with a sentence below it;
 * the others she answers anew each time. `only` leaves those others out.
 */
export function cannedAnswers(seed: number, count: number, { only = false } = {}): Example<'message'>[] {
  const { write } = companyMail(seed)
  const rng = random(`${seed}/canned answers`)
  const person = mailboxDesk[0]!
  const start = Date.UTC(2025, 0, 6)
  const examples: Example<'message'>[] = []
  for (let i = 0; examples.length < count; i++) {
    const letter = write.open(rng, start + i * 20 * 60_000)
    if (only && !isCanned(letter, person.first)) continue
    const answer = letter.topic ? write.answer(rng, letter, person, letter.at + 3_600_000) : null
    examples.push(exampleOf(letter, answer))
  }
  return examples
}

function isCanned({ topic, ask }: Letter, first: string): boolean {
  return habits.some((habit) => habit.label === topic && habit.ask === ask && habit.people.includes(first))
}

function exampleOf(letter: Letter, answer: Letter | null): Example<'message'> {
  const item: Message = {
    kind: 'message',
    key: letter.id,
    group: letter.id,
    at: letter.at,
    subject: letter.subject,
    text: letter.text,
    from: letter.from,
    to: [letter.to],
    cc: [],
    inReplyTo: letter.inReplyTo && `<${letter.inReplyTo}>`,
    references: [],
    attachments: [],
    automated: letter.kind === 'newsletter' || letter.kind === 'notice',
  }
  const deed = { label: null, person: null, seconds: null, secondsFrom: null }
  return { item, deed: { kind: 'message', at: answer?.at ?? null, ...deed, reply: answer?.text ?? null } }
}
