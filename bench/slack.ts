import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { App, HTTPReceiver, LogLevel } from '@slack/bolt'
import type { Message } from '../src/contract/index.ts'
import { memoryVault } from '../src/contract/index.ts'
import { openKeyring, sealSettings, startEngine } from '../src/engine/index.ts'
import { openLedger, startPostgres } from '../src/ledger/index.ts'
import { reply } from '../src/skills/reply/index.ts'
import { slack } from '../src/surfaces/chat/slack.ts'
import {
  deliver,
  eventBody,
  freePort,
  type SlackWorkspace,
  signingSecret,
  startSlack,
} from '../tests/chat/slack.ts'
import type { Table } from './table.ts'

const warmUp = 10
const events = 100
/** What only one person was ever told is never suggested to others. */
const askers = ['ben', 'cara']
const question = 'How do I get a refund for my order?'
const answer = 'Please write to refunds, with the number of the order.'

/**
 * From an event that Slack sends until the note arrives at Slack, with `reply` learned from the channel's history and no
 * LLM: once the surface and the skill alone, once the whole loop with its facts and its queue of jobs in Postgres. The
 * peer is a bare Bolt app that posts a fixed note to every message.
 */
export async function bench(table: Table): Promise<void> {
  for (const slow of [0, 60]) {
    const loop = await measured(slow, startLoop)
    const ours = await measured(slow, startInlay)
    const bolt = await measured(slow, startBolt)
    const note = `${events} events one after another; Slack's stand-in answers ${slow ? `after ${slow} ms more` : 'at once'}; peer: Bolt with a fixed note`
    for (const [what, times] of [
      ['event to note', ours],
      ['event to note through the queue', loop],
    ] as const) {
      for (const share of [0.5, 0.95]) {
        const [one, other] = [times, bolt].map((each) => each[Math.floor(each.length * share)]!)
        const claim = `slack/${what} p${share * 100}, ms`
        table.row({ claim, inlay: one!, peer: other!, ratio: one! / other!, note })
      }
    }
  }
}

type Start = (workspace: SlackWorkspace, port: number) => Promise<() => Promise<unknown>>

/** Milliseconds for each event, sorted. */
async function measured(slow: number, start: Start): Promise<number[]> {
  const workspace = await startSlack()
  const port = await freePort()
  const { say, people, channel, calls } = workspace
  for (let at = 0; at < 400; at++) {
    await say('anna', answer, await say(askers[at % 2]!, `${question} It is number ${4000 + at}.`))
  }
  const stop = await start(workspace, port)
  workspace.trouble(() => ({ slow }))
  const times: number[] = []
  for (let at = 0; at < warmUp + events; at++) {
    const text = `${question} It is number ${5000 + at}.`
    const ts = await say('ben', text)
    const count = calls.filter(({ method }) => method === 'chat.postEphemeral').length
    const begun = performance.now()
    await deliver({ port }, eventBody({ type: 'message', channel, user: people.ben, text, ts }))
    for (;;) {
      const note = calls.filter(({ method }) => method === 'chat.postEphemeral')[count]
      if (note) {
        if (at >= warmUp) times.push(note.at - begun)
        break
      }
      if (performance.now() - begun > 10_000) throw new Error('no note came')
      await sleep(1)
    }
  }
  await stop()
  await workspace.remove()
  return times.sort((a, b) => a - b)
}

async function startInlay({ settings, people }: SlackWorkspace, port: number) {
  const folder = await mkdtemp(join(tmpdir(), 'inlay-bench-'))
  const given = { ...settings, signingSecret, port, pollSeconds: 3600, people: [people.anna] }
  const opened = await slack.open(slack.settings.parse(given), {
    now: Date.now,
    pseudonym: String,
    folder,
    vault: memoryVault(),
  })
  const place = opened.message!
  const examples = []
  for await (const example of place.history()) examples.push(example)
  const model = await reply.learn(examples, { seed: 1 })
  const abort = new AbortController()
  let ready = () => {}
  const caughtUp = new Promise<void>((resolve) => {
    ready = resolve
  })
  let silent = 0
  const watching = (async () => {
    for await (const change of place.watch(null, abort.signal)) {
      if (change.type === 'caught up') ready()
      if (change.type !== 'item') continue
      const item = change.item as Message
      const suggestion = await reply.suggest(model, item, { seed: 1 })
      if (suggestion) await place.place(item, suggestion, item.key)
      else silent++
    }
  })()
  await caughtUp
  return async () => {
    abort.abort()
    await watching
    await opened.close()
    await rm(folder, { recursive: true, force: true })
    if (silent > 0) throw new Error(`reply was silent on ${silent} messages`)
  }
}

/** The running system: watch, suggest, decide and place as jobs. */
async function startLoop({ settings, people }: SlackWorkspace, port: number) {
  const folder = await mkdtemp(join(tmpdir(), 'inlay-bench-'))
  const postgres = process.env.DATABASE_URL ? null : await startPostgres(folder)
  const url = process.env.DATABASE_URL ?? postgres!.url
  const ledger = await openLedger({ url, schema: `bench_slack_${Date.now()}` })
  const given = { ...settings, signingSecret, port, pollSeconds: 3600, people: [people.anna] }
  const deployment = {
    id: 'reply-slack-1',
    team: 'bench',
    surface: 'slack',
    skill: 'reply',
    settings: given,
    pain,
  }
  await ledger.saveDeployment(sealSettings(deployment, slack, openKeyring(folder)))
  const engine = await startEngine({ ledger, surfaces: { slack }, skills: { reply }, folder, holdback: 0 })
  for (const begun = performance.now(); ; await sleep(50)) {
    if ((await ledger.standing())[0]?.stage === 'pilot') break
    if (performance.now() - begun > 120_000) throw new Error('the proof did not pass')
  }
  return async () => {
    await engine.stop()
    await ledger.close()
    await postgres?.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

const pain = { minutesPerPersonPerWeek: 60, from: 'a bench', named: false }

async function startBolt({ settings, people, channel }: SlackWorkspace, port: number) {
  const app = new App({
    token: settings.token,
    receiver: new HTTPReceiver({ signingSecret, endpoints: '/slack', logLevel: LogLevel.ERROR }),
    clientOptions: { slackApiUrl: settings.apiUrl },
    logLevel: LogLevel.ERROR,
  })
  app.message(async ({ client }) => {
    await client.chat.postEphemeral({ channel, user: people.anna!, text: answer })
  })
  await app.start(port)
  return () => app.stop()
}
