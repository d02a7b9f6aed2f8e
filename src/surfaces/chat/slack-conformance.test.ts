import {
  clickOn,
  deliver,
  freePort,
  type ScreenNote,
  type SlackWorkspace,
  signingSecret,
  startSlack,
} from '../../../tests/chat/slack.ts'
import type { MessageValue } from '../../contract/index.ts'
import { type Medium, surfaceConformance } from '../conformance.suite.ts'
import { slack } from './slack.ts'

const tsOf = (key: string) => key.split(':')[1]!

/** What is the same whether messages are labelled or answered. */
function mediumOn(workspace: SlackWorkspace, value: MessageValue): Omit<Medium<'message'>, 'doDeed'> {
  const { channel, by, say, people } = workspace
  let count = 0
  return {
    settings: { ...workspace.settings, people: [people.anna!] },
    invalid: [
      {},
      { token: '' },
      { token: 'x', signingSecret: 'y' },
      { token: 'x', people: ['anna@shop.example'] },
      { token: 'x', wrong: 1 },
    ],
    async snapshot() {
      const { messages } = (await by('anna', 'conversations.history', { channel })) as never as {
        messages: { ts: string }[]
      }
      const notes = workspace.notes.map((each) => [`note ${each.ts}`, JSON.stringify(each)])
      return Object.fromEntries([...messages.map((each) => [each.ts, JSON.stringify(each)]), ...notes])
    },
    async newItem() {
      await say('ben', `Question number ${++count}`)
    },
    async dropItem(key) {
      const ts = tsOf(key)
      await by('ben', 'chat.delete', { channel, ts }).catch(() => by('cara', 'chat.delete', { channel, ts }))
    },
    vanish: workspace.vanish,
    suggestion: () => ({ kind: 'message', value, confidence: 0.95, reasons: [] }),
    remove: workspace.remove,
  }
}

surfaceConformance(slack, {
  async message() {
    const workspace = await startSlack()
    const { channel, by, say } = workspace
    const mark = (ts: string) => by('anna', 'reactions.add', { channel, timestamp: ts, name: 'bug' })
    await mark(await say('ben', 'The till prints nothing'))
    await say('ben', 'How do I get a refund?')
    await say('cara', 'Where is the parcel of order 4711?')
    const medium = mediumOn(workspace, { type: 'label', label: 'Defect' })
    return {
      ...medium,
      settings: { ...(medium.settings as object), labels: ['bug=Defect', 'eyes'] },
      doDeed: async (key) => void (await mark(tsOf(key))),
    }
  },
})

surfaceConformance(
  { ...slack, name: 'slack (notes)' },
  {
    async message() {
      const workspace = await startSlack()
      const { say, notes } = workspace
      const port = await freePort()
      await say('anna', 'Turn it off and on', await say('ben', 'The till prints nothing'))
      await say('ben', 'How do I get a refund?')
      await say('cara', 'Where is the parcel of order 4711?')
      const medium = mediumOn(workspace, { type: 'reply', text: 'Write to refunds.' })
      const about = (key: string) => (note: ScreenNote) => JSON.stringify(note.blocks).includes(key)
      return {
        ...medium,
        // It looks often, as no event of the stand-in's is told; clicks come over HTTP.
        settings: { ...(medium.settings as object), signingSecret, port },
        doDeed: async (key) => void (await say('anna', 'As always', tsOf(key))),
        async removePlacement(key) {
          await deliver({ port }, clickOn(workspace, notes.find(about(key))!, 'inlay_not_this'))
        },
        async reload() {
          notes.length = 0
        },
      }
    },
  },
)
