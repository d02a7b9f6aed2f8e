import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import { type Example, type Message, plainMessage } from '../contract/index.ts'
import { seeded } from '../stats/random.ts'
import { skillConforms } from './conformance.suite.ts'
import { triage } from './triage.ts'

const tools = { seed: 1 }

function message(text: string, about: Partial<Message> = {}): Message {
  return plainMessage(text, text, about)
}

function example(item: Message, label: string | null): Example<'message'> {
  return {
    item,
    deed: { kind: 'message', at: null, person: null, seconds: null, secondsFrom: null, label, reply: null },
  }
}

const topics: Record<string, string[]> = {
  Billing: ['invoice', 'refund', 'charged twice', 'payment', 'receipt', 'overcharged'],
  Login: ['password', 'sign in', 'locked out', 'two factor code', 'account access', 'reset link'],
  Shipping: ['parcel', 'delivery', 'tracking number', 'courier', 'not arrived', 'wrong address'],
  Bugs: ['crash', 'error message', 'blank page', 'freezes', 'broken button', 'stack trace'],
  Sales: ['quote', 'pricing', 'upgrade plan', 'seats', 'discount', 'demo'],
  Careers: ['job', 'application', 'interview', 'resume', 'vacancy', 'internship'],
}
const openings = [
  'Hello, about',
  'Please help with',
  'Question on',
  'We have trouble with',
  'Urgent:',
  'Hi team,',
]
const smallTalk = [
  'thanks a lot',
  'see you tomorrow',
  'happy birthday',
  'lunch at noon',
  'have a nice weekend',
]

/** A made-up support inbox; every message names one or two things of its topic. */
function inbox(count: number, seed: number, { leftAlone = 0 } = {}): Example<'message'>[] {
  const random = seeded(seed)
  const one = <T>(of: readonly T[]) => of[random.integer(of.length)]!
  return Array.from({ length: count }, (_, i) => {
    if (random.uniform() < leftAlone) {
      return example(message(`${one(smallTalk)} ${one(['all', 'everyone', 'Ann'])} ${i}`), null)
    }
    const label = one(Object.keys(topics))
    return example(
      message(`${one(openings)} ${one(topics[label]!)} and ${one(topics[label]!)}, number ${i}`),
      label,
    )
  })
}

skillConforms({
  skill: triage,
  history: () => inbox(150, 1, { leftAlone: 0.2 }),
  fresh: () => inbox(40, 2, { leftAlone: 0.2 }),
  unlearnable: {
    'a history with one label only': () => [example(message('a'), 'A'), example(message('b'), 'A')],
    'a history in which nobody chose a label': () => [
      example(message('a'), null),
      example(message('b'), null),
    ],
    'a history of blank labels': () => [example(message('a'), ' '), example(message('b'), '')],
  },
})

describe('triage', () => {
  it('is sure of labels it knows, unsure of what people leave alone and of what it has never seen', async () => {
    const model = await triage.learn(inbox(400, 3, { leftAlone: 0.25 }), tools)
    const sure = async (text: string) => (await triage.suggest(model, message(text), tools))!
    const known = await sure('Please help with a refund, I was charged twice')
    expect(known.value).toEqual({ type: 'label', label: 'Billing' })
    expect(known.confidence).toBeGreaterThan(0.85)
    expect(known.claim).toBe('familiar')
    expect((await sure('thanks a lot and have a nice weekend')).confidence).toBeLessThan(0.3)
    const strange = await sure('Der Wasserkocher in der Küche ist undicht')
    expect(strange.confidence).toBeLessThan(0.6)
    expect(strange.claim).toBe('unfamiliar')
  })

  it('names the words that decided, with the field they stand in', async () => {
    const history = inbox(300, 4).map(({ item, deed }, i) =>
      example(
        { ...item, subject: deed.label === 'Billing' ? 'Accounts payable' : 'Hello', key: `${i}` },
        deed.label,
      ),
    )
    const model = await triage.learn(history, tools)
    const inText = await triage.suggest(model, message('I want a refund for this invoice'), tools)
    expect(inText!.reasons.slice(0, 2).map((reason) => reason.value)).toEqual(
      expect.arrayContaining(['refund', 'invoice']),
    )
    expect(inText!.reasons.every((reason) => reason.field === 'text' && reason.effect > 0)).toBe(true)
    const inSubject = await triage.suggest(
      model,
      message('see above', { subject: 'Accounts payable' }),
      tools,
    )
    expect(inSubject!.value).toEqual({ type: 'label', label: 'Billing' })
    expect(inSubject!.reasons[0]!.field).toBe('subject')
  })

  it('learns from who writes where the words tell nothing', async () => {
    const random = seeded(5)
    const history = Array.from({ length: 200 }, (_, i) => {
      const label = random.integer(2) === 0 ? 'Bank' : 'Airline'
      const from = {
        name: '',
        address: `${['a', 'b', 'c'][random.integer(3)]}@${label.toLowerCase()}.example`,
      }
      return example(
        message(`your monthly statement number ${random.integer(900)}`, { from, key: `${i}` }),
        label,
      )
    })
    const model = await triage.learn(history, tools)
    const from = { name: '', address: 'new@airline.example' }
    const suggestion = await triage.suggest(model, message('your monthly statement', { from }), tools)
    expect(suggestion!.value).toEqual({ type: 'label', label: 'Airline' })
    expect(suggestion!.reasons[0]).toMatchObject({ field: 'from', value: 'airline.example' })
  })

  it('does not let quoted mail decide', async () => {
    const model = await triage.learn(inbox(300, 6), tools)
    const from = { name: 'Ann', address: 'ann@example.org' }
    const text =
      'I cannot sign in, my password fails\n\nOn 3 March Bob wrote:\n> refund invoice payment\n> receipt refund'
    const suggestion = await triage.suggest(model, message(text, { from }), tools)
    expect(suggestion!.value).toEqual({ type: 'label', label: 'Login' })
  })

  it('learns in languages with and without spaces between words', async () => {
    const random = seeded(7)
    const phrases = {
      返金: ['返金をお願いします', '請求書が間違っています', '二重に請求されました'],
      配送: ['荷物が届きません', '配送状況を教えてください', '住所を変更したいです'],
      Rechnung: ['Die Rechnung stimmt nicht', 'Bitte Rechnungskopie schicken', 'falscher Rechnungsbetrag'],
      Доставка: ['посылка не пришла', 'где моя доставка', 'курьер не приехал'],
    }
    const history = Array.from({ length: 120 }, (_, i) => {
      const [label, texts] = Object.entries(phrases)[random.integer(4)]!
      return example(message(texts[random.integer(3)]!, { key: `${i}`, group: `${i}` }), label)
    })
    const model = await triage.learn(history, tools)
    const labelOf = async (text: string) => (await triage.suggest(model, message(text), tools))!.value
    expect(await labelOf('請求書の返金')).toEqual({ type: 'label', label: '返金' })
    expect(await labelOf('荷物はどこですか')).toEqual({ type: 'label', label: '配送' })
    expect(await labelOf('Rechnungen fehlen')).toEqual({ type: 'label', label: 'Rechnung' })
    expect(await labelOf('ДОСТАВКИ нет')).toEqual({ type: 'label', label: 'Доставка' })
  })

  it('survives empty texts, labels with one example, thirty examples and a huge message', async () => {
    const history = [
      ...inbox(30, 8),
      example(message(''), 'Billing'),
      example(message('   \n\t'), null),
      example(message('only once'), 'Rare'),
      example(message('invoice '.repeat(6_000_000), { key: 'huge' }), 'Billing'),
    ]
    const model = await triage.learn(history, tools)
    for (const text of ['', '\u0000', '🙂🙂', '\ud800', 'x'.repeat(1_000_000), 'refund '.repeat(1_000_000)]) {
      const suggestion = await triage.suggest(model, message(text), tools)
      expect(suggestion!.confidence).toBeGreaterThanOrEqual(0)
      expect(suggestion!.confidence).toBeLessThanOrEqual(1)
    }
  })

  it('learns a new label from a few new examples, and keeps what it knew', async () => {
    const model = await triage.learn(inbox(300, 10, { leftAlone: 0.1 }), tools)
    const news = [
      'solar panel offer',
      'solar roof and inverter',
      'inverter for the solar panel',
      'new solar inverter',
    ]
    const updated = await triage.update!(
      model,
      news.map((text) => example(message(text), 'Solar')),
      tools,
    )
    const labelOf = async (text: string) => (await triage.suggest(updated, message(text), tools))!.value
    expect(await labelOf('Question on the solar inverter')).toEqual({ type: 'label', label: 'Solar' })
    const before = inbox(200, 11)
    let right = 0
    for (const { item, deed } of before) {
      if (triage.judge((await triage.suggest(updated, item, tools))!.value, deed)!.useful) right++
    }
    expect(right / before.length).toBeGreaterThan(0.95)
  })

  it('stops learning when it is called off', async () => {
    await expect(triage.learn(inbox(200, 9), { ...tools, signal: AbortSignal.abort() })).rejects.toThrow(
      /abort/i,
    )
  })

  it('judges a label by the label that people chose, and nothing else', () => {
    const deed = example(message('x'), 'Billing').deed
    expect(triage.judge({ type: 'label', label: 'Billing' }, deed)).toEqual({ useful: true, similarity: 1 })
    expect(triage.judge({ type: 'label', label: 'Login' }, deed)).toEqual({ useful: false, similarity: 0 })
    expect(triage.judge({ type: 'label', label: 'Login' }, { ...deed, label: null })?.useful).toBe(false)
    expect(triage.judge({ type: 'reply', text: 'x' }, deed)).toBeNull()
  })
})

const banking = resolve(import.meta.dirname, '../../../shared/data/triage/banking77')

describe.skipIf(!existsSync(banking))(
  'triage on banking77 (skipped where the data is not there)',
  { timeout: 120_000 },
  () => {
    const read = (part: string): { text: string; label: string }[] =>
      parse(readFileSync(resolve(banking, `${part}.csv`)), { columns: true })
    const examples = (rows: { text: string; label: string }[]) =>
      rows.map(({ text, label }, i) => example(message(text, { key: `${i}`, group: `${i}` }), label))

    it('puts the right one of 77 labels on more than 90 % of the questions, and knows how sure to be', async () => {
      const model = await triage.learn(examples(read('train')), tools)
      const test = examples(read('test'))
      let right = 0
      let claimed = 0
      for (const { item, deed } of test) {
        const suggestion = (await triage.suggest(model, item, tools))!
        claimed += suggestion.confidence
        if (triage.judge(suggestion.value, deed)!.useful) right++
      }
      expect(right / test.length).toBeGreaterThanOrEqual(0.9)
      expect(Math.abs(claimed - right) / test.length).toBeLessThan(0.06)
    })

    it('shows few of the questions whose label was kept from it', async () => {
      const train = examples(read('train'))
      const labels = [...new Set(train.map(({ deed }) => deed.label!))].sort()
      const kept = new Set(seeded(1).shuffle(labels).slice(0, 19))
      const model = await triage.learn(
        train.filter(({ deed }) => !kept.has(deed.label!)),
        tools,
      )
      let known = 0
      let knownShown = 0
      let shown = 0
      let right = 0
      for (const { item, deed } of examples(read('test'))) {
        const suggestion = (await triage.suggest(model, item, tools))!
        const familiar = suggestion.claim === 'familiar'
        if (!kept.has(deed.label!)) {
          known++
          if (familiar) knownShown++
        }
        if (!familiar) continue
        shown++
        if (triage.judge(suggestion.value, deed)!.useful) right++
      }
      expect(right / shown).toBeGreaterThan(0.78)
      expect(knownShown / known).toBeGreaterThan(0.8)
    })
  },
)
