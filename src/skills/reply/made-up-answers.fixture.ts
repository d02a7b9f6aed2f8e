import { type Example, type Message, plainMessage } from '../../contract/index.ts'

/** A message as tests need one. */
export function message(given: Partial<Message> & { text: string }): Message {
  const key = given.key ?? `<${Math.abs(hash(given.text))}@made-up.example>`
  return plainMessage(key, given.text, {
    from: { name: 'Ada Byron', address: 'ada@byron.example' },
    ...given,
    key,
  })
}

export function answered(item: Message, reply: string | null): Example<'message'> {
  const deed = {
    kind: 'message' as const,
    at: item.at,
    person: null,
    seconds: null,
    secondsFrom: null,
    label: null,
  }
  return { item, deed: { ...deed, reply } }
}

const people = [
  'Ada Byron',
  'Alan Turing',
  'Grace Hopper',
  'Edsger Dijkstra',
  'Barbara Liskov',
  'Donald Knuth',
]
const kinds = [
  {
    ask: (code: string) => [
      `Could you send me a copy of invoice ${code} please?`,
      `We never got the invoice ${code}, please send a copy.`,
      `Invoice ${code} is missing in our books, can we have a copy?`,
    ],
    code: (i: number) => `INV-${20_000 + i * 37}`,
    answer: (name: string, code: string) =>
      `Hello ${name},\n\nThank you for your mail. Please find the copy of ${code} attached. Just call us if anything else is missing.\n\nKind regards\nMaja`,
  },
  {
    ask: () => [
      'I cannot log in to the portal any more.',
      'My login to the portal is blocked, what now?',
      'The portal says that my password is wrong. Please help me to log in.',
    ],
    code: () => '',
    answer: (name: string) =>
      `Hello ${name},\n\nYour login has been unlocked. Please choose a new password with the link on the first page of the portal.\n\nKind regards\nMaja`,
  },
  {
    ask: (code: string) => [
      `Where is my parcel for order ${code}?`,
      `Order ${code} has not arrived yet, where is the parcel?`,
      `Do you know when the parcel of order ${code} comes?`,
    ],
    code: (i: number) => String(500_000 + i * 91),
    answer: (name: string, code: string) =>
      `Hello ${name},\n\nOrder ${code} left our warehouse and will be with you within two working days. The carrier announces the delivery by mail.\n\nKind regards\nMaja`,
  },
] as const

/** Mails of three kinds, each always answered with the same text; every fourth is something else, which nobody answers. */
export function madeUpAnswers(count: number, first = 0): Example<'message'>[] {
  return Array.from({ length: count }, (_, n) => {
    const i = first + n
    const at = Date.UTC(2026, 0, 1) + i * 3_600_000
    const person = people[(i * 7) % people.length]!
    const from = {
      name: person,
      address: `${person.toLowerCase().replace(' ', '.')}@customer${i % 11}.example`,
    }
    const key = `<${i}@made-up.example>`
    if (i % 4 === 3) {
      const text = `The weather in week ${i % 50} is nice and our canteen has soup number ${i % 9}. No need to do anything.`
      return answered(message({ key, at, from, subject: 'News from the canteen', text }), null)
    }
    const kind = kinds[(i * 5 + Math.floor(i / 7)) % kinds.length]!
    const code = kind.code(i)
    const asks = kind.ask(code)
    const text = `Hello,\n\n${asks[(i * 11) % asks.length]}\n\nBest wishes\n${person}`
    return answered(
      message({ key, at, from, subject: i % 2 ? 'Question' : 'Please help', text }),
      kind.answer(person, code),
    )
  })
}

function hash(text: string): number {
  let sum = 0
  for (let i = 0; i < text.length; i++) sum = (Math.imul(sum, 31) + text.charCodeAt(i)) | 0
  return sum
}
