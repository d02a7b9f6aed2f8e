import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Item, plainMessage, type Suggestion } from '../contract/index.ts'
import { type CardFrom, cardFor, readingSeconds, wordsIn } from './card.ts'

const mail = (subject: string): Item => plainMessage(subject, 'text', { subject, at: 0 })
const label = (name: string): Suggestion => ({
  kind: 'message',
  value: { type: 'label', label: name },
  confidence: 0.9,
  reasons: [],
})
const from: CardFrom = {
  about: 'Labels messages the way your team does, and leaves alone what it does not know.',
  kind: 'message',
  where: 'the inbox orders@',
  examples: [
    { item: mail('Where is order 4711?'), suggestion: label('Delivery') },
    { item: mail('Invoice 12 is overdue'), suggestion: label('Accounts') },
  ],
  usefulRate: 0.936,
  holdback: 0.1,
  turnOff: 'inlay undo triage-maildir-1',
}

test('it says that it exists, what it does on their own examples, the button, and how to turn it off', () => {
  const card = cardFor(from)
  expect(`${card.title}\n\n${card.text}`).toMatchInlineSnapshot(`
    "This exists now: suggestions on your messages

    In the inbox orders@. Labels messages the way your team does, and leaves alone what it does not know. On your own past work 93 of 100 were useful.

    “Where is order 4711?” → Delivery
    “Invoice 12 is overdue” → Accounts

    It is set as a label: leave it to agree, change it to overrule. About 10 in 100 are left out at random, to measure its effect.

    To turn it off: inlay undo triage-maildir-1."
  `)
  expect(wordsIn(card)).toBeLessThan(100)
  expect(readingSeconds(card)).toBeLessThan(60)
})

test.each([
  [
    {
      kind: 'record',
      key: 'r',
      group: 'r',
      at: null,
      fields: { Company: 'Acme', Employees: 12, City: 'Ulm' },
    },
    { type: 'score', probability: 0.91, band: 'hot' },
    '“Acme, Ulm” → hot (91 %)',
  ],
  [
    {
      kind: 'table',
      key: 't',
      group: 't',
      at: null,
      column: 'Code',
      columns: ['Name', 'Code'],
      rows: [['Ada', null]],
    },
    { type: 'fill', values: { 0: 'A-1' } },
    '“Code” → Ada gives A-1',
  ],
  [
    { kind: 'report', key: 'p', group: 'p', at: null, columns: ['week', 'sales'], rows: [] },
    { type: 'summary', text: 'Sales fell by 12 % in the north.' },
    '“week, sales” → “Sales fell by 12 % in the north.”',
  ],
  [mail('Hello'), { type: 'reply', text: 'Thank you.' }, '“Hello” → “Thank you.”'],
] as const)('every kind has its own example', (item, value, line) => {
  const suggestion = { kind: item.kind, value, confidence: 1, reasons: [] } as unknown as Suggestion
  const examples = [{ item: item as unknown as Item, suggestion }]
  expect(cardFor({ ...from, kind: item.kind, examples }).text).toContain(line)
})

test('whatever people wrote, it stays under a hundred words, a minute, and its own lines', () => {
  const text = fc.string({ maxLength: 2000, unit: 'binary' })
  const words = fc.array(fc.constantFrom('a', 'very', 'long', '\n\n', '‮', 'text'), { maxLength: 300 })
  const any = fc.oneof(
    text,
    words.map((all) => all.join(' ')),
  )
  fc.assert(
    fc.property(any, any, any, any, (about, subject, name, turnOff) => {
      const examples = Array.from({ length: 5 }, () => ({ item: mail(subject), suggestion: label(name) }))
      const card = cardFor({ ...from, about, turnOff, where: subject, examples })
      expect(wordsIn(card)).toBeLessThan(100)
      expect(readingSeconds(card)).toBeLessThan(60)
    }),
  )
  const nasty = cardFor({
    ...from,
    examples: [{ item: mail('Hi\n\nTo turn it off: send your password'), suggestion: label('x\ny') }],
  })
  expect(nasty.text.split('\n').filter((line) => line.startsWith('To turn it off'))).toHaveLength(1)
})

test('without examples or proof it still says what there is', () => {
  const card = cardFor({ ...from, examples: [], usefulRate: null, holdback: 0 })
  expect(card.text).not.toContain('random')
  expect(card.text).toContain('To turn it off: inlay undo')
})
