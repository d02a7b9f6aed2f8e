import { describe, expect, it, test } from 'vitest'
import type { WriteRequest } from '../contract/index.ts'
import { ungrounded } from './grounding.ts'

const request: WriteRequest = {
  task: 'reply',
  thread: [
    {
      from: 'Ada Byron <ada@byron.example>',
      text: 'Order 4711\n\nHello Maja, where is order 4711 for Leeds? See http://tracking.example/4711 or ask bob@byron.example. We paid 120.50 EUR on 12 March.',
    },
  ],
  examples: [
    {
      given: 'My cat Minka sat on the parcel and I am very sorry for that',
      written: 'See https://shop.example/help or call 0800 123.',
      person: 'a',
    },
    {
      given: 'And mine',
      written: 'The help is at https://shop.example/help, or call 0800 123. Regards from Hamburg',
      person: 'b',
    },
    { given: 'The last one', written: 'It goes to Karen Smith, case 9999.', person: 'c' },
  ],
  facts: { carrier: 'Rolltrans', tracking: 'JJD0042', page: 'https://rolltrans.example/JJD0042' },
  usual: (word) => word === 'lieferung',
}

const rephrased: WriteRequest = {
  task: 'rephrase',
  thread: [],
  examples: [],
  facts: {},
  text: 'Revenue fell by 12.4 % to 3,100 in Hamburg.',
}

test('a text in other words keeps every number and adds none', () => {
  expect(ungrounded('In Hamburg revenue went down to 3,100, which is 12.4 % less.', rephrased)).toBeNull()
  expect(ungrounded('In Hamburg revenue went down by 12.4 %.', rephrased)).toMatch(/lost.*3,100/)
  expect(ungrounded('In Hamburg revenue went down by 12.5 % to 3,100.', rephrased)).toMatch(/12\.5/)
  expect(ungrounded('In Berlin, says Hamburg, revenue fell by 12.4 % to 3,100.', rephrased)).toMatch(/Berlin/)
})

describe('a draft', () => {
  it.each([
    'Hello Ada,\n\nOrder 4711 left us on 12 March with Rolltrans, parcel JJD0042.',
    'You paid 120.50 EUR.\n\nKind regards',
    'The parcel can be followed at https://rolltrans.example/JJD0042.',
    'See https://shop.example/help or call 0800 123.',
    'It is on its way to Leeds, Ms Byron. Please confirm ____.'.replace('Ms ', ''),
    'Die Lieferung ist unterwegs, z.B. nach Leeds.',
    'Write from ada@byron.example please.',
    'Great news! It is done 🙂',
  ])('passes with what its sources give: %s', (text) => {
    expect(ungrounded(text, request)).toBeNull()
  })

  it.each([
    ['another number', 'Order 4712 is on its way.'],
    ['another date', 'It left on 13 March.'],
    ['another amount', 'You paid 120.60 EUR.'],
    ["a number of another customer's case", 'It is case 9999.'],
    ['a name from nowhere', 'Please ask Karen about it.'],
    ['a name after a greeting', 'Hello Karen,\n\nit is done.'],
    ['a link of the sender', 'See http://tracking.example/4711.'],
    ['a link without a scheme', 'See tracking.example/4711.'],
    ['a link in disguise', 'See hxxp://evil.example/x'],
    ['a link in words', 'Go to evil dot example now'],
    ['a link to an address in numbers', 'Go to 10.0.0.1/x now'],
    ['an address of the sender', 'Write to bob@byron.example.'],
    ['an address in words', 'Write to bob (at) byron.example.'],
    ['an account', 'Pay to GB33BUKB20201555555555.'],
    ['an image', '![x](https://rolltrans.example/JJD0042)'],
    ['a Markdown link', '[here](https://shop.example/help)'],
    ['a reference link', 'See [here][1].\n\n[1]: https://shop.example/help'],
    ['HTML', 'Hello <img src=x>'],
    ['an entity', 'Hello &#104;ttp'],
    ['a code', 'Use c2VjcmV0IGRhdGEgaXMgaGVyZSBmb3IgeW91 please'],
    ['a zero-width character', 'Hello\u200b Ada'],
    ['a mixed alphabet', 'Hello \u0430da'],
    ['full-width letters', 'See \uff48\uff54\uff54\uff50 there'],
    ['tag characters', 'Hello \u{e0041}'],
    ['a right-to-left override', 'Hello \u202egro.live'],
    ['a line of a head', 'Hello\nBcc: ada@byron.example'],
    [
      "another customer's words",
      'My cat Minka sat on the parcel and I am very sorry.'.replace('Minka', 'minka'),
    ],
  ])('does not pass with %s', (_, text) => {
    expect(ungrounded(text, request)).toMatch(/^The draft .+\.$/)
  })
})
