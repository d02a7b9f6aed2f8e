import { describe, expect, it } from 'vitest'
import type { Message, WriteRequest } from '../../contract/index.ts'
import { backtest } from '../../prove/backtest.ts'
import { skillConforms } from '../conformance.suite.ts'
import { reply } from './index.ts'
import { answered, madeUpAnswers, message } from './made-up-answers.fixture.ts'
import { repetition } from './repetition.ts'
import { gap } from './template.ts'

skillConforms({
  skill: reply,
  history: () => madeUpAnswers(200),
  fresh: () => madeUpAnswers(24, 200),
  unlearnable: {
    'messages that nobody answered': () => [answered(message({ text: 'Hello there' }), null)],
    'empty answers': () => [answered(message({ text: 'Hello there' }), ' \n')],
  },
})

const learned = reply.learn(madeUpAnswers(400), { seed: 1 })
const asked = async (item: Message) => {
  const reasons: string[] = []
  const suggestion = await reply.suggest(await learned, item, {
    seed: 1,
    silent: (because) => reasons.push(because),
  })
  return {
    text: suggestion?.value.type === 'reply' ? suggestion.value.text : null,
    suggestion,
    because: reasons[0],
  }
}

describe('reply', () => {
  it('drafts the answer that is always given, with the number and the name of this mail', async () => {
    const { text, suggestion } = await asked(
      message({
        from: { name: 'Katherine Johnson', address: 'kj@nasa.example' },
        text: 'Hello,\n\ncould you please send a copy of the invoice INV-99887? It is missing.\n\nKatherine',
      }),
    )
    expect(text).toBe(
      'Hello Katherine Johnson,\n\nThank you for your mail. Please find the copy of INV-99887 attached. Just call us if anything else is missing.\n\nKind regards',
    )
    expect(suggestion!.confidence).toBeGreaterThan(0.8)
    expect(suggestion!.reasons.map(({ field }) => field)).toContain('typed before')
  })

  it('leaves open what the mail does not give, and never takes it from another case', async () => {
    const { text } = await asked(
      message({ from: null, text: 'Please send me a copy of the invoice that is missing.' }),
    )
    expect(text).toContain(gap)
    expect(text).not.toMatch(/INV-\d/)
    expect(text).not.toMatch(/Ada|Alan|Grace|Edsger|Barbara|Donald/)
  })

  it("takes nothing but letters from the sender's name", async () => {
    const from = { name: 'Visit http://evil.example now', address: 'x@evil.example' }
    const { text } = await asked(
      message({ from, text: 'Please send me a copy of the invoice INV-10101, it is missing.' }),
    )
    expect(text).not.toContain('evil')
  })

  it('fills from the records of the team what they always gave', async () => {
    const history = madeUpAnswers(120).map((example, i) => {
      const body = `Hello,\n\nThank you for asking. Your contact is on extension ${7000 + i * 3} and will call you back today.`
      return i % 4 === 3
        ? example
        : answered({ ...example.item, text: `Who is responsible for us, who can call me?` }, body)
    })
    const extension = async (item: Message) => ({
      extension: String(7000 + Number(/\d+/.exec(item.key)?.[0]) * 3),
    })
    const tools = { seed: 1, facts: extension as never }
    const model = await reply.learn(history, tools)
    const item = message({ key: '<900@x>', text: 'Who is responsible for us now, and who can call me?' })
    const suggestion = await reply.suggest(model, item, tools)
    expect(suggestion?.value).toMatchObject({ text: expect.stringContaining('extension 9700') })
  })

  it('gives a writer what people tell from the records and nothing else of them, and what was said in the thread', async () => {
    const rows = (item: Message) => {
      const number = Number(/\d+/.exec(item.text)?.[0])
      return { tracking: `TRK-${number}`, 'internal remark': `pays late ${number}`, vip: 'no' }
    }
    const history = Array.from({ length: 8 }, (_, i) => {
      const from = { name: '', address: `c${i}@customer.example` }
      const text = `Where is my parcel ${100 + i}?`
      return answered(
        message({ text, from, group: `thread ${i}` }),
        `It is on its way, no worry: see TRK-${100 + i}.`,
      )
    })
    const requests: WriteRequest[] = []
    const tools = {
      seed: 1,
      facts: (async (item: Message) => rows(item)) as never,
      write: async (request: WriteRequest) => {
        requests.push(request)
        return { because: 'It only looks.' }
      },
    }
    const model = reply.load(reply.save(await reply.learn(history, tools)))
    requests.length = 0
    const from = { name: 'Cleo', address: 'c3@customer.example' }
    const next = message({ key: '<next@x>', text: 'And where is 777 now?', from, group: 'thread 3' })
    await reply.suggest(model, next, tools)
    expect(requests[0]!.facts).toEqual({ tracking: 'TRK-777' })
    expect(requests[0]!.thread.map(({ from: who, text }) => [who, text.trim()])).toEqual([
      ['Cleo <c3@customer.example>', 'Where is my parcel 103?'],
      ['the team', 'It is on its way, no worry: see TRK-103.'],
      ['Cleo <c3@customer.example>', 'And where is 777 now?'],
    ])
    const stranger = { name: 'Eve', address: 'eve@else.example' }
    await reply.suggest(model, { ...next, from: stranger }, tools)
    expect(requests[1]!.thread).toHaveLength(1)
  })

  it.each<[string, Partial<Message> & { text: string }, RegExp]>([
    [
      'lists and programs',
      { text: 'Where is my parcel for order 500123?', automated: true },
      /never answered/,
    ],
    [
      'automatic replies',
      { subject: 'Automatic reply: Where is it', text: 'I am away until Monday.' },
      /never answered/,
    ],
    ['mail without text', { text: '  \n' }, /no text/],
    ['thanks', { text: 'Thank you so much, the invoice arrived!' }, /thanks/],
    [
      'thanks in German',
      { text: 'Hallo Maja,\n\nvielen Dank, die Rechnung ist angekommen.\n\nViele Grüße\nAda' },
      /thanks/,
    ],
    ['thanks in French', { text: 'Merci beaucoup, bien reçu.' }, /thanks/],
    ['thanks in Russian', { text: 'Спасибо, всё получил' }, /thanks/],
    ['thanks in Chinese', { text: '谢谢，收到了' }, /thanks/],
    [
      'who tried it already',
      {
        text: 'I cannot log in to the portal. I have already chosen a new password with the link on the first page of the portal.',
      },
      /tried/,
    ],
    ['who tried it all', { text: 'I cannot log in to the portal any more. I already tried that.' }, /tried/],
  ])('does not answer %s', async (_, given, why) => {
    const { suggestion, because } = await asked(message(given))
    expect(suggestion).toBeNull()
    expect(because).toMatch(why)
  })

  it('does not ask for what the sender gave already', async () => {
    const question =
      'Hello,\n\nPlease send us your customer number and the serial number of the device so that we can help.'
    const history = madeUpAnswers(200).map((example, i) =>
      i % 4 === 3
        ? example
        : answered(
            { ...example.item, text: `My device is broken, it makes noise ${i}. Can you repair it?` },
            question,
          ),
    )
    const model = await reply.learn(history, { seed: 1 })
    const ask = (text: string) => reply.suggest(model, message({ text }), { seed: 1 })
    expect(await ask('My device is broken, it makes noise. Can you repair it?')).not.toBeNull()
    expect(
      await ask(
        'My device is broken, it makes noise. My customer number is 47119 and the serial number is A8812. Can you repair it?',
      ),
    ).toBeNull()
    expect(
      await ask(
        'Mein Gerät ist broken, it makes noise, device. I already sent you the serial number. Can you repair it?',
      ),
    ).toBeNull()
  })

  it('is silent about mail like which nothing was answered twice in the same words', async () => {
    const { suggestion, because } = await asked(
      message({ text: 'Quarterly horoscope subscriptions of zebras' }),
    )
    expect(suggestion).toBeNull()
    expect(because).toMatch(/unlike|twice/)
  })

  it('proves itself where answers repeat, and stays silent where they do not', async () => {
    const { proof } = await backtest(reply, madeUpAnswers(900), { seed: 1 })
    expect(proof.passed).toBe(true)
    expect(proof.coverage).toBeGreaterThan(0.5)
    const words =
      'amber bridge copper delta ember fjord garnet harbor island juniper kernel lantern meadow nickel orchid pepper quarry river saffron timber umber velvet willow yarrow zephyr'.split(
        ' ',
      )
    const free = madeUpAnswers(300).map(({ item }, i) =>
      answered(
        item,
        Array.from({ length: 14 }, (_, k) => words[(i * 31 + k * k * 7 + i * k) % words.length]).join(' '),
      ),
    )
    const unproven = (await backtest(reply, free, { seed: 1 })).proof
    expect(unproven.passed).toBe(false)
    expect(unproven.because).toMatch(/had something to say on|No threshold/)
  })

  it('keeps two written answers apart from the template: each claim is proven by itself', async () => {
    const write = async () => ({ text: 'A new text.', sureness: 0.5, leftOut: [] })
    const unlike = message({ text: 'Quarterly horoscope subscriptions of zebras in the portal' })
    const suggestion = await reply.suggest(await learned, unlike, { seed: 1, write })
    expect(suggestion).toMatchObject({ claim: 'written', value: { type: 'reply', text: 'A new text.' } })
    expect((await asked(message({ text: 'Where is my parcel for order 500123?' }))).suggestion?.claim).toBe(
      'template',
    )
  })

  it('takes what was answered since into account', async () => {
    const model = await reply.learn(madeUpAnswers(200), { seed: 1 })
    const since = Array.from({ length: 12 }, (_, i) =>
      answered(
        message({
          key: `<new${i}@x>`,
          from: { name: '', address: `customer${i}@x.example` },
          text: `Do you have umbrellas in stock? We want ${i + 2} of them.`,
        }),
        'Umbrellas are sold out until autumn, we are sorry.',
      ),
    )
    const updated = await reply.update!(model, since, { seed: 1 })
    const item = message({ text: 'Do you still have umbrellas in stock?' })
    expect((await reply.suggest(updated, item, { seed: 1 }))?.value).toMatchObject({
      text: 'Umbrellas are sold out until autumn, we are sorry.',
    })
  })
})

describe('judge', () => {
  const judge = (draft: string, sent: string | null) =>
    reply.judge({ type: 'reply', text: draft }, answered(message({ text: 'x' }), sent).deed)

  it('looks past quotes, greeting, closing and signature', () => {
    const sent =
      'Dear Mrs Byron,\n\nthe parcel left us today.\n\nBest regards,\nMaja Lindner\n\n-- \nHalvorsen & Reuter\n\nOn Monday, Ada Byron wrote:\n> where is it?\n'
    expect(judge('Hello,\n\nThe parcel left us today.', sent)).toEqual({ useful: true, similarity: 1 })
  })

  it('calls a draft useful from six of ten words in their order on', () => {
    expect(
      judge('one two three four five six x x x x', 'one two three four five six seven eight nine ten'),
    ).toEqual({ useful: true, similarity: 0.6 })
    expect(
      judge('one two three four five x x x x x', 'one two three four five six seven eight nine ten'),
    ).toEqual({ useful: false, similarity: 0.5 })
    expect(judge('six five four three two one', 'one two three four five six')?.useful).toBe(false)
  })

  it('calls a draft of no use where nobody answered', () => {
    expect(judge('Anything', null)).toEqual({ useful: false, similarity: 0 })
  })
})

describe('repetition', () => {
  it('says how much of the answers repeats, and what is typed again and again', () => {
    const { replies, repeatShare, templates } = repetition(madeUpAnswers(400))
    expect(replies).toBe(300)
    expect(repeatShare).toBeCloseTo(297 / 300, 6)
    expect(templates.length).toBe(3)
    expect(templates.reduce((sum, { times }) => sum + times, 0)).toBe(300)
    expect(templates.map(({ text }) => text).join('\n')).toContain('the copy of [number] attached')
  })

  it('does not call different links the same answer', () => {
    const links = ['install', 'remove', 'upgrade', 'restore'].map((name, i) =>
      answered(
        message({ key: `<${i}@x>`, text: `Question ${i}` }),
        `See https://help.example/${name}-guide-7 for it`,
      ),
    )
    expect(repetition(links).templates).toEqual([])
  })
})
