import { type Message, memoryVault, type Suggestion } from '../../src/contract/index.ts'
import { slack } from '../../src/surfaces/chat/slack.ts'

/** Places a suggestion on each item, in a process of its own, to be killed: `place-child.ts JSON`. */
const { settings, folder, items, suggestion } = JSON.parse(process.argv[2]!) as {
  settings: unknown
  folder: string
  items: Message[]
  suggestion: Suggestion<'message'>
}
const opened = await slack.open(slack.settings.parse(settings), {
  now: Date.now,
  pseudonym: (raw) => `someone-${raw}`,
  folder,
  vault: memoryVault(),
})
for (const item of items) await opened.message!.place(item, suggestion, `key ${item.key}`)
await opened.close()
