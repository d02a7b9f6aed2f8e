import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  clickOn,
  deliver,
  eventBody,
  freePort,
  type ScreenNote,
  signingSecret,
  startSlack,
} from '../../../tests/chat/slack.ts'
import { startSlackSocket } from '../../../tests/chat/slack-socket.ts'
import {
  type Change,
  Fault,
  isConnected,
  type Message,
  memoryVault,
  type Suggestion,
} from '../../contract/index.ts'
import { slack } from './slack.ts'

const text = 'Please write to refunds, with the number of the order.'

async function begin(extra: Record<string, unknown> = {}, { http = true, strangers = 0 } = {}) {
  const workspace = await startSlack({ strangers })
  const folder = await mkdtemp(join(tmpdir(), 'inlay-slack-'))
  const port = http ? await freePort() : 0
  const clock = { ahead: 0 }
  const closing: (() => Promise<unknown>)[] = []
  onTestFinished(async () => {
    for (const close of closing.reverse()) await close()
    await workspace.remove()
    await rm(folder, { recursive: true, force: true })
  })
  async function open() {
    const settings = slack.settings.parse({
      ...workspace.settings,
      people: [workspace.people.anna],
      ...(http && { signingSecret, port, pollSeconds: 3600 }),
      ...extra,
    })
    const opened = await slack.open(settings, {
      now: () => Date.now() + clock.ahead,
      pseudonym: (raw) => `someone-${raw}`,
      folder,
      vault: memoryVault(),
    })
    closing.push(() => opened.close())
    const place = opened.message!
    async function watch(since: string | null = null) {
      const changes: Change<'message'>[] = []
      const abort = new AbortController()
      let failure: unknown = null
      const ended = (async () => {
        try {
          for await (const change of place.watch(since, abort.signal)) changes.push(change)
        } catch (cause) {
          failure = cause
        }
      })()
      const until = async <T extends Change['type']>(type: T, nth = 1) => {
        for (let waited = 0; waited < 9_000; waited++) {
          const found = changes.filter((change) => change.type === type)[nth - 1]
          if (found) return found as Change<'message'> & { type: T }
          if (failure) throw failure
          await sleep(10)
        }
        throw new Error(`no ${type}; it told ${JSON.stringify(changes)}`)
      }
      async function stop() {
        abort.abort()
        await ended
      }
      closing.push(stop)
      await until('caught up')
      return { changes, until, stop, failed: () => ended.then(() => failure) }
    }
    return { ...opened, place, watch }
  }
  const { channel, people } = workspace
  const push = (event: Record<string, unknown>) => deliver({ port }, eventBody({ channel, ...event }))
  /** A person writes, and Slack tells of it. */
  async function says(name: string, words: string, thread?: string) {
    const ts = await workspace.say(name, words, thread)
    await push({ type: 'message', user: people[name], text: words, ts, ...(thread && { thread_ts: thread }) })
    return ts
  }
  let shown: ScreenNote | undefined
  /** On the newest note; also where it was there a moment ago. */
  const clicked = (action_id: string, at = 0) => {
    shown = workspace.notes.at(-1) ?? shown
    return clickOn(workspace, shown!, action_id, at)
  }
  const thread = async (ts: string) =>
    (
      (await workspace.by('anna', 'conversations.replies', { channel, ts })) as never as {
        messages: { user: string; text: string }[]
      }
    ).messages
  return { ...workspace, open, push, says, clicked, thread, port, clock, folder }
}

const suggested: Suggestion<'message'> = {
  kind: 'message',
  value: { type: 'reply', text },
  confidence: 0.95,
  reasons: [],
}

async function eventually(check: () => void | Promise<void>): Promise<void> {
  for (let waited = 0; ; waited++) {
    try {
      return await check()
    } catch (cause) {
      if (waited > 9_000) throw cause
      await sleep(10)
    }
  }
}

test('learns from answers that people gave in the thread, and from nothing that bots wrote', async () => {
  const { open, say, by, channel, clock } = await begin({}, { http: false })
  const asked = await say('ben', 'How do I get a <https://shop.example/refund|refund> &amp; when?')
  await say('ben', 'anybody?', asked)
  await say('cara', ':tada: 🎉', asked)
  await by('bot', 'chat.postMessage', { channel, text: 'Ticket 7 was made', thread_ts: asked })
  await say('anna', text, asked)
  await by('bot', 'chat.postMessage', { channel, text: 'The build is green' })
  await say('cara', ':wave:')
  const alone = await say('cara', 'Good morning all')
  const history = async () => gather((await open()).place.history())
  const [example, ...others] = await history()
  expect(others).toEqual([])
  expect(example!.item.text).toBe('How do I get a refund (https://shop.example/refund) & when?')
  expect(example!.deed).toMatchObject({
    label: null,
    reply: text,
    person: expect.stringMatching(/^someone-U/),
  })
  clock.ahead = 8 * 24 * 3600 * 1000
  const later = await history()
  expect(later.map(({ item, deed }) => [item.key, deed.reply])).toEqual([
    [`${channel}:${asked}`, text],
    [`${channel}:${alone}`, null],
  ])
})

test('goes on with an import that was broken off, and keeps nothing of it afterwards', async () => {
  const { open, say, calls, folder } = await begin({}, { http: false })
  for (let at = 0; at < 3; at++) await say('anna', text, await say('ben', `Question ${at}?`))
  const { place } = await open()
  for await (const _ of place.history()) break
  const before = calls.length
  expect(await gather((await open()).place.history())).toHaveLength(3)
  expect(calls.slice(before).filter(({ method }) => method === 'conversations.replies')).toHaveLength(2)
  expect(await readdir(folder)).not.toContain('import.jsonl')
})

test('asks no more of Slack in a channel of 10,000 than in one of three, and never who is in it', async () => {
  const asked = async (strangers: number) => {
    const { open, says, by, calls, channel, people } = await begin({}, { strangers })
    const info = await by('anna', 'conversations.info', { channel, include_num_members: true })
    expect((info.channel as { num_members: number }).num_members).toBeGreaterThan(strangers)
    const { place, watch } = await open()
    const { until } = await watch()
    await says('ben', 'How do I get a refund?')
    const { item } = await until('item')
    expect(await place.place(item, suggested, 'key-1')).toMatchObject({ placed: true })
    expect(calls.find(({ method }) => method === 'chat.postEphemeral')!.args.user).toBe(people.anna)
    return calls.map(({ method }) => method)
  }
  const large = await asked(10_000)
  expect(large).toEqual(await asked(0))
  expect(large.filter((method) => /members|users/.test(method))).toEqual([])
})

test('takes a message that is delivered eleven times once, and answers Slack before it works', async () => {
  const { open, say, push, people, trouble } = await begin()
  const { watch } = await open()
  const { changes, until } = await watch()
  const ts = await say('ben', 'Where is my parcel?')
  trouble(() => ({ slow: 500 }))
  const message = { type: 'message', user: people.ben, text: 'Where is my parcel?', ts }
  const answers = await Promise.all(Array.from({ length: 11 }, () => push(message)))
  expect(answers.map(({ status }) => status)).toEqual(Array(11).fill(200))
  const { item } = await until('item')
  expect(item).toMatchObject({ text: 'Where is my parcel?', person: `someone-${people.anna}` })
  await sleep(100)
  expect(changes.filter(({ type }) => type === 'item')).toHaveLength(1)
})

test('hears an answer before its question, an edit of it, and that the question was deleted', async () => {
  const { open, say, push, by, people, channel } = await begin()
  const { watch } = await open()
  const { until, changes } = await watch()
  const asked = await say('ben', 'Is Monday a holiday?')
  const answered = await say('anna', 'Yes', asked)
  await push({ type: 'message', user: people.anna, text: 'Yes', ts: answered, thread_ts: asked })
  await push({ type: 'message', user: people.ben, text: 'Is Monday a holiday?', ts: asked })
  await sleep(50)
  expect(
    changes.filter(({ type }) => type !== 'caught up'),
    'nobody needs to be told',
  ).toEqual([])

  const second = await say('ben', 'And Tuesday?')
  await push({ type: 'message', user: people.ben, text: 'And Tuesday?', ts: second })
  await until('item')
  const reply = await say('anna', 'No', second)
  await push({ type: 'message', user: people.anna, text: 'No', ts: reply, thread_ts: second })
  expect((await until('deed')).deed).toMatchObject({ reply: 'No', person: `someone-${people.anna}` })
  await by('anna', 'chat.update', { channel, ts: reply, text: 'No, it is not' })
  const message = { ts: reply, thread_ts: second, user: people.anna, text: 'No, it is not' }
  await push({ type: 'message', subtype: 'message_changed', message })
  expect((await until('deed', 2)).deed.reply).toBe('No, it is not')
  await by('ben', 'chat.delete', { channel, ts: second })
  await push({ type: 'message', subtype: 'message_deleted', deleted_ts: second })
  expect((await until('gone')).key).toBe(`${channel}:${second}`)
})

describe('a note', () => {
  async function placed() {
    const hands = await begin()
    const opened = await hands.open()
    const watching = await opened.watch()
    const ts = await hands.says('ben', 'How do I get a refund?')
    const { item } = await watching.until('item')
    const result = await opened.place.place(item, suggested, 'key-1')
    expect(result).toMatchObject({ placed: true })
    return { ...hands, ...opened, ...watching, ts, item: item as Message }
  }

  test('is seen by the person who would answer alone, and once', async () => {
    const { calls, people, place, item, thread, ts } = await placed()
    await place.place(item, suggested, 'key-1')
    const notes = calls.filter(({ method }) => method === 'chat.postEphemeral')
    expect(notes).toHaveLength(1)
    expect(notes[0]!.args).toMatchObject({ user: people.anna, text })
    expect(await thread(ts)).toHaveLength(1)
  })

  test('is posted in the thread when the person clicks Send, once however often it arrives', async () => {
    const { clicked, port, until, thread, ts, bot, responses, people } = await placed()
    await Promise.all([1, 2, 3].map((at) => deliver({ port }, clicked('inlay_send', at))))
    const { deed } = await until('deed')
    expect(deed).toMatchObject({ reply: text, person: `someone-${people.anna}` })
    await eventually(() => expect(responses[0]?.body).toEqual({ delete_original: true }))
    await sleep(100)
    expect((await thread(ts)).map(({ user, text: said }) => [user, said]).slice(1)).toEqual([[bot, text]])
  })

  test('does nothing when somebody else clicks its button', async () => {
    const { clicked, port, thread, ts, people } = await placed()
    await deliver({ port }, { ...clicked('inlay_send'), user: { id: people.cara } })
    await sleep(150)
    expect(await thread(ts)).toHaveLength(1)
  })

  test('can be changed before it is posted', async () => {
    const { clicked, port, until, by, calls, responses } = await placed()
    const { trigger_id } = await by('bot', 'views.generateTriggerId', {})
    await deliver({ port }, { ...clicked('inlay_edit'), trigger_id })
    await eventually(() => expect(calls.some(({ method }) => method === 'views.open')).toBe(true))
    const view = JSON.parse(calls.find(({ method }) => method === 'views.open')!.args.view!)
    const note = calls.find(({ method }) => method === 'chat.postEphemeral')!
    await deliver(
      { port },
      {
        type: 'view_submission',
        user: { id: note.args.user },
        view: { ...view, state: { values: { answer: { text: { value: 'Mine <b>' } } } } },
      },
    )
    expect((await until('deed')).deed.reply).toBe('Mine <b>')
    await eventually(() => expect(responses).toHaveLength(1))
  })

  test('is gone when the person clicks Not this, and is not put back', async () => {
    const { clicked, port, until, place, item, thread, ts, responses, calls } = await placed()
    await deliver({ port }, clicked('inlay_not_this'))
    expect((await until('removed')).key).toBe(item.key)
    await eventually(() => expect(responses[0]!.body).toEqual({ delete_original: true }))
    expect(await place.place(item, suggested, 'key-1')).toMatchObject({ placed: false })
    await deliver({ port }, clicked('inlay_send', 2))
    await eventually(() => expect(responses).toHaveLength(2))
    expect(await thread(ts)).toHaveLength(1)
    expect(calls.filter(({ method }) => method === 'chat.postEphemeral')).toHaveLength(1)
  })

  test('that was taken back posts nothing when it is clicked, and goes then', async () => {
    const { clicked, port, place, item, thread, ts, responses } = await placed()
    await place.withdraw({ key: 'key-1', ref: item.key })
    await deliver({ port }, clicked('inlay_send'))
    await eventually(() => expect(responses[0]!.body).toEqual({ delete_original: true }))
    expect(await thread(ts)).toHaveLength(1)
  })

  describe('of which nobody can tell whether it was shown', () => {
    async function lost(count: number) {
      const hands = await begin()
      const opened = await hands.open()
      const { until } = await opened.watch()
      const threads: string[] = []
      const items: Message[] = []
      for (let at = 0; at < count; at++) {
        threads.push(await hands.says('ben', `Question number ${at}, how do I get a refund?`))
        items.push((await until('item', at + 1)).item as Message)
      }
      hands.trouble((method) => (method === 'chat.postEphemeral' ? { dropAfter: true } : null))
      for (const [at, item] of items.entries()) {
        const placing = opened.place.place(item, suggested, `key-${at}`)
        await expect(placing).rejects.toMatchObject({ kind: 'unreachable' })
      }
      hands.trouble(() => null)
      const onTab = () => {
        const values = (hands.tabs.get(hands.people.anna!) ?? [])
          .flatMap(({ elements = [] }) => elements)
          .flatMap(({ action_id, value }) => (action_id === 'inlay_send' ? [JSON.parse(value!).key] : []))
        return values as string[]
      }
      const atHome = (at: number) => {
        const blocks = hands.tabs.get(hands.people.anna!)!
        const own = blocks.filter(({ elements = [] }) =>
          elements.some(({ value }) => value?.includes(`key-${at}`)),
        )
        return { ts: '', channel: '', user: hands.people.anna!, blocks: own }
      }
      return { ...hands, ...opened, until, threads, items, onTab, atHome }
    }

    test('is not shown again: it stands on the Home tab once, and is one answer whichever is clicked', async () => {
      const hands = await lost(2)
      const { items, open, place, notes, tabs, onTab, atHome, port, until, thread, threads } = hands
      expect(await (await open()).place.place(items[0]!, suggested, 'key-0')).toMatchObject({ placed: true })
      expect(await place.place(items[1]!, suggested, 'key-1')).toMatchObject({ placed: true })
      expect(await place.place(items[1]!, suggested, 'key-1')).toMatchObject({ placed: true })
      expect(notes).toHaveLength(2)
      expect([...tabs.keys()]).toEqual([hands.people.anna])
      expect(onTab()).toEqual(['key-1', 'key-0'])
      for (const click of [clickOn(hands, atHome(0), 'inlay_send'), clickOn(hands, notes[0]!, 'inlay_send')])
        await deliver({ port }, click)
      await until('deed')
      await eventually(() => expect(onTab()).toEqual(['key-1']))
      await eventually(() => expect(notes).toHaveLength(1))
      expect(await thread(threads[0]!)).toHaveLength(2)
      await deliver({ port }, clickOn(hands, atHome(1), 'inlay_not_this'))
      await until('removed')
      await eventually(() => expect(JSON.stringify(tabs.get(hands.people.anna!))).toMatch(/Nothing waits/))
      expect(await thread(threads[1]!)).toHaveLength(1)
    })

    test('survives that its tab cannot be written, and goes when it is taken back or somebody answered', async () => {
      const { items, place, trouble, onTab, says, threads, port, tabs, people } = await lost(2)
      for (const cut of [{ drop: true }, { dropAfter: true }]) {
        let seen = 0
        trouble((method) => (method === 'views.publish' && ++seen <= 4 ? cut : null))
        await expect(place.place(items[0]!, suggested, 'key-0')).rejects.toMatchObject({
          kind: 'unreachable',
        })
      }
      trouble(() => null)
      for (const at of [0, 1]) await place.place(items[at]!, suggested, `key-${at}`)
      expect(onTab()).toEqual(['key-1', 'key-0'])
      await place.withdraw({ key: 'key-0', ref: items[0]!.key })
      expect(onTab()).toEqual(['key-1'])
      await says('cara', 'Ask the desk', threads[1])
      await eventually(() => expect(onTab()).toEqual([]))
      tabs.clear()
      await deliver({ port }, eventBody({ type: 'app_home_opened', user: people.cara, tab: 'home' }))
      await eventually(() => expect(JSON.stringify(tabs.get(people.cara!))).toMatch(/Nothing waits/))
    })

    test('is given up where the app has no Home tab, and what to turn on is said', async () => {
      const { items, place, trouble, notes } = await lost(1)
      trouble((method) => (method === 'views.publish' ? { body: { ok: false, error: 'not_enabled' } } : null))
      const placed = await place.place(items[0]!, suggested, 'key-0')
      expect(placed).toMatchObject({ placed: false, because: expect.stringContaining('under App Home') })
      expect(notes).toHaveLength(1)
    })
  })

  test('whose posting was cut short is posted once all the same', async () => {
    const { clicked, port, until, trouble, thread, ts } = await placed()
    trouble((method) => (method === 'chat.postMessage' ? { dropAfter: true } : null))
    await deliver({ port }, clicked('inlay_send'))
    await eventually(async () => expect(await thread(ts)).toHaveLength(2))
    trouble(() => null)
    await deliver({ port }, clicked('inlay_send', 2))
    await until('deed')
    expect(await thread(ts)).toHaveLength(2)
  })

  test('is not placed where somebody has answered already', async () => {
    const { open, says, say } = await begin()
    const { watch, place } = await open()
    const { until } = await watch()
    const ts = await says('ben', 'How do I get a refund?')
    const { item } = await until('item')
    await say('cara', 'Like this', ts)
    expect(await place.place(item, suggested, 'key-1')).toMatchObject({
      placed: false,
      because: expect.stringContaining('answered'),
    })
  })
})

test('is off at once for whoever types off, also while nobody listened, and on again', async () => {
  const { open, says, push, people, by, bot, calls } = await begin()
  const first = await open()
  const listener = await first.watch()
  const { channel } = (await by('anna', 'conversations.open', { users: bot })) as never as {
    channel: { id: string }
  }
  const types = async (word: string, tell: boolean) => {
    const { ts } = await by('anna', 'chat.postMessage', { channel: channel.id, text: word })
    const event = {
      type: 'message',
      channel: channel.id,
      channel_type: 'im',
      user: people.anna,
      text: word,
      ts,
    }
    if (tell) for (let times = 0; times < 2; times++) await push(event)
  }
  await types('Off', true)
  expect(await listener.until('wish')).toMatchObject({ person: `someone-${people.anna}`, wish: 'off' })
  await says('ben', 'How do I get a refund?')
  const { item } = await listener.until('item')
  expect(await first.place.place(item, suggested, 'key-1')).toMatchObject({ placed: false })
  const { cursor } = await listener.until('item')
  await listener.stop()
  await types('on', false)
  const second = await (await open()).watch(cursor)
  expect(await second.until('wish')).toMatchObject({ wish: 'on' })
  const said = calls.filter(({ method }) => method === 'chat.postMessage')
  expect(said.map(({ args }) => args.text!.slice(0, 13))).toEqual(['Inlay is off ', 'Inlay is on f'])
})

test('shows a card once to each person, and hears the answer of the person it was for', async () => {
  const { open, people, port, calls } = await begin()
  const { watch, place } = await open()
  const { until, changes } = await watch()
  const answers = [
    { answer: true, label: 'Yes' },
    { answer: false, label: 'No' },
  ]
  const card = {
    title: 'Still good?',
    text: 'One click.',
    key: 'card-1',
    to: `someone-${people.anna}`,
    ask: { question: 'satisfied' as const, answers },
  }
  for (let times = 0; times < 2; times++) await place.announce!(card)
  const shown = calls.filter(({ method }) => method === 'chat.postMessage')
  expect(shown).toHaveLength(1)
  const buttons = JSON.parse(shown[0]!.args.blocks!)[2].elements
  const click = (user: string, at: string) => ({
    type: 'block_actions',
    user: { id: user },
    actions: [{ ...buttons[1], action_ts: at }],
  })
  await deliver({ port }, click(people.cara!, '1700000000.1'))
  for (let times = 0; times < 2; times++) await deliver({ port }, click(people.anna!, '1700000001.5'))
  expect(await until('answer')).toMatchObject({
    card: 'card-1',
    person: `someone-${people.anna}`,
    answer: false,
    at: 1_700_000_001_500,
  })
  await sleep(50)
  expect(changes.filter(({ type }) => type === 'answer')).toHaveLength(1)
  expect(await place.people!()).toEqual([`someone-${people.anna}`])
})

test('refuses calls that are old, from the future, or signed by somebody else', async () => {
  const { open, port } = await begin()
  await (await open()).watch()
  const hello = { type: 'url_verification', challenge: 'abc' }
  const status = async (skew: number, secret = signingSecret) =>
    (await deliver({ port, skew, secret }, hello)).status
  expect(await deliver({ port }, hello)).toMatchObject({ status: 200, text: 'abc' })
  expect(await status(-290)).toBe(200)
  expect(await status(290)).toBe(200)
  expect(await status(-310)).toBe(401)
  expect(await status(310)).toBe(401)
  expect(await status(0, 'guessed')).toBe(401)
})

describe('when Slack has trouble', () => {
  const errorBody = (error: string) => ({ body: { ok: false, error, needed: 'channels:history' } })

  test('waits as long as Slack says, and goes on after a 500 and a lost connection', async () => {
    const { open, trouble, say } = await begin({}, { http: false })
    await say('anna', text, await say('ben', 'How do I get a refund?'))
    const { place, health } = await open()
    const times: Record<string, number> = {}
    trouble((method) => {
      const nth = (times[method] ?? 0) + 1
      times[method] = nth
      if (method === 'conversations.history' && nth === 1)
        return { status: 429, headers: { 'retry-after': '1' } }
      if (method === 'conversations.replies' && nth === 1) return { status: 503 }
      if (method === 'conversations.replies' && nth === 2) return { drop: true }
      return null
    })
    const begun = performance.now()
    expect(await gather(place.history())).toHaveLength(1)
    expect(performance.now() - begun).toBeGreaterThan(1000)
    expect(health!().failing).toBeNull()
  })

  test.each([
    ['token_revoked', 'unreachable', 'revoked'],
    ['account_inactive', 'unreachable', 'removed from the workspace'],
    ['team_disabled', 'unreachable', 'archived'],
    ['missing_scope', 'bad-input', 'channels:history'],
  ])('says what to do about %s, and since when it fails', async (error, kind, words) => {
    const { open, trouble } = await begin({}, { http: false })
    const { watch, health } = await open()
    const { failed } = await watch()
    expect(isConnected(health!(), Date.now())).toBe(true)
    const before = Date.now()
    trouble(() => errorBody(error))
    const fault = (await failed()) as Fault
    expect(fault).toBeInstanceOf(Fault)
    expect(fault).toMatchObject({ kind, message: expect.stringContaining(words) })
    const { failing } = health!()
    expect(failing!.since).toBeGreaterThanOrEqual(before)
    expect(failing!.because).toBe(fault.message)
    expect(isConnected(health!(), Date.now())).toBe(false)
    trouble(() => null)
    const again = await open()
    await again.watch()
    expect(isConnected(again.health!(), Date.now())).toBe(true)
  })

  test('ends when the app is removed from the workspace', async () => {
    const { open, push } = await begin()
    const { watch, health } = await open()
    const { failed } = await watch()
    await push({ type: 'app_uninstalled' })
    expect(await failed()).toMatchObject({ kind: 'unreachable' })
    expect(health!().failing).not.toBeNull()
  })

  test('says to invite the app where it is not in the channel', async () => {
    const { open } = await begin({ channels: ['#other'] }, { http: false })
    await expect(open()).rejects.toMatchObject({
      kind: 'bad-input',
      message: expect.stringContaining('/invite @Inlay'),
    })
  })
})

test('hears of messages over Socket Mode, and reads what came while the connection was down', async () => {
  const socket = await startSlackSocket()
  onTestFinished(socket.remove)
  const { open, say, people, channel, trouble, calls } = await begin(
    { appToken: 'xapp-1', pollSeconds: 3600 },
    { http: false },
  )
  trouble((method) => (method === 'apps.connections.open' ? { body: { ok: true, url: socket.url } } : null))
  const { watch, health } = await open()
  const { until, changes } = await watch()
  await eventually(() => expect(socket.connections()).toBe(1))
  const text = 'Is the office open?'
  const ts = await say('ben', text)
  const body = eventBody({ type: 'message', channel, user: people.ben, text, ts })
  for (const id of ['one', 'two']) socket.send(id, body)
  expect((await until('item')).item.text).toBe(text)
  await eventually(() => expect(socket.acknowledged).toEqual(['one', 'two']))
  await say('cara', 'Nobody tells of this one')
  socket.cut()
  await eventually(() => expect(health!().waitsFor).toContain('Socket Mode'))
  expect((await until('item', 2)).item.text).toBe('Nobody tells of this one')
  expect(changes.filter(({ type }) => type === 'item')).toHaveLength(2)
  expect(calls.filter(({ method }) => method === 'apps.connections.open').length).toBeGreaterThan(1)
})

const specification = resolve(
  import.meta.dirname,
  '../../../../shared/data/specs/slack/web-api-openapi-v2.json',
)

test.skipIf(!existsSync(specification))(
  "calls Slack as its OpenAPI file says (skipped where that file is absent), and asks for nobody's name",
  async () => {
    const { open, says, by, clicked, port, calls, people } = await begin()
    const { watch, place } = await open()
    const { until } = await watch()
    await says('ben', 'How do I get a refund?')
    const { item } = await until('item')
    await place.place(item, suggested, 'key-1')
    const { trigger_id } = await by('bot', 'views.generateTriggerId', {})
    await deliver({ port }, { ...clicked('inlay_edit'), trigger_id })
    await deliver({ port }, clicked('inlay_send'))
    await until('deed')
    await place.announce!({ title: 'Hello', text: 'This exists now.', to: `someone-${people.anna}` })
    await deliver({ port }, eventBody({ type: 'app_home_opened', user: people.anna, tab: 'home' }))
    await eventually(() => expect(calls.some(({ method }) => method === 'views.publish')).toBe(true))
    const { paths } = JSON.parse(await readFile(specification, 'utf8')) as {
      paths: Record<
        string,
        Record<string, { parameters: { name: string; required?: boolean; in: string }[] }>
      >
    }
    // Younger than the file; docs.slack.dev, "Message metadata".
    const younger = ['metadata', 'include_all_metadata']
    for (const { method, args } of calls) {
      const [operation] = Object.values(paths[`/${method}`] ?? {})
      expect(operation, method).toBeDefined()
      const known = operation!.parameters.map(({ name }) => name)
      for (const name of Object.keys(args)) expect([...known, ...younger], method).toContain(name)
      for (const { name, required, in: where } of operation!.parameters) {
        if (required && where !== 'header') expect(Object.keys(args), method).toContain(name)
      }
    }
    const methods = new Set(calls.map(({ method }) => method))
    expect([...methods].sort()).toEqual([
      'auth.test',
      'chat.postEphemeral',
      'chat.postMessage',
      'conversations.history',
      'conversations.list',
      'conversations.open',
      'conversations.replies',
      'views.open',
      'views.publish',
    ])
  },
)

async function gather<T>(things: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const thing of things) all.push(thing)
  return all
}
