import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startSlack } from '../../../tests/chat/slack.ts'
import { placeInChild } from '../../../tests/placing.ts'
import { type Message, memoryVault, plainMessage, type Suggestion } from '../../contract/index.ts'
import { slack } from './slack.ts'

const count = 8

test.each([
  ['label', 'after', 'reactions.add', { type: 'label', label: 'bug' }],
  ['note', 'before', 'chat.postEphemeral', { type: 'reply', text: 'Like this' }],
  ['note', 'after', 'chat.postEphemeral', { type: 'reply', text: 'Like this' }],
] as const)('a kill while a %s is placed, %s Slack has it, loses none and shows none twice', async (what, when, method, value) => {
  const workspace = await startSlack()
  const folder = await mkdtemp(join(tmpdir(), 'inlay-slack-'))
  onTestFinished(async () => {
    await workspace.remove()
    await rm(folder, { recursive: true, force: true })
  })
  const { say, people, channel, notes, by } = workspace
  const settings = {
    ...workspace.settings,
    people: [people.anna],
    ...(what === 'label' && { labels: ['bug'] }),
  }
  const items: Message[] = []
  for (let at = 0; at < count; at++) items.push(itemOf(channel, await say('ben', `Question ${at}?`)))
  for (const item of items) item.person = `someone-${people.anna}`
  const suggestion: Suggestion<'message'> = { kind: 'message', value, confidence: 0.9, reasons: [] }

  for (const nth of [2, 4]) {
    const placing = { surfaceAt: 'chat/slack.ts#slack', settings, folder, items, suggestion }
    const { child, gone } = placeInChild(placing)
    let seen = 0
    // Whoever sent it is gone before the answer comes.
    workspace.trouble((each) => {
      if (each !== method || ++seen !== nth) return null
      child.kill('SIGKILL')
      return when === 'before' ? { drop: true } : null
    })
    await gone
    expect(child.signalCode).toBe('SIGKILL')
  }
  workspace.trouble(() => null)
  const opened = await slack.open(slack.settings.parse(settings), {
    now: Date.now,
    pseudonym: (raw) => `someone-${raw}`,
    folder,
    vault: memoryVault(),
  })
  const placed = []
  for (const item of items) placed.push(await opened.message!.place(item, suggestion, `key ${item.key}`))
  await opened.close()
  expect(placed.every((each) => each.placed)).toBe(true)

  if (what === 'note') {
    // Of two nobody can tell whether they had arrived: they are not shown again, and stand on the person's Home tab.
    const itemsIn = (blocks: unknown) => [
      ...new Set([...JSON.stringify(blocks).matchAll(/"item\\":\\"([^"\\]+)/g)].map((found) => found[1]!)),
    ]
    const shown = notes.flatMap(({ blocks }) => itemsIn(blocks))
    const athome = itemsIn([...workspace.tabs.values()])
    expect([...workspace.tabs.keys()]).toEqual([people.anna])
    expect(athome).toHaveLength(2)
    expect(shown).toHaveLength(when === 'before' ? count - 2 : count)
    expect(new Set(shown).size).toBe(shown.length)
    expect(new Set([...shown, ...athome])).toEqual(new Set(items.map(({ key }) => key)))
    return
  }
  const { messages } = (await by('anna', 'conversations.history', { channel })) as never as {
    messages: { reactions?: { users: string[] }[] }[]
  }
  const marked = messages.flatMap(({ reactions = [] }) => reactions)
  expect(marked).toHaveLength(count)
  for (const { users } of marked) expect(users).toEqual([workspace.bot])
})

function itemOf(channel: string, ts: string): Message {
  const key = `${channel}:${ts}`
  return plainMessage(key, 'Question?')
}
