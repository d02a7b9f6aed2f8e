import { startSlack } from '../../../tests/chat/slack.ts'
import { surfaceConformance } from '../conformance.suite.ts'
import { slack } from './slack.ts'

surfaceConformance(slack, {
  async message() {
    const workspace = await startSlack()
    const { channel, by, say, people } = workspace
    const tsOf = (key: string) => key.split(':')[1]!
    const done = await say('ben', 'The till prints nothing')
    await by('anna', 'reactions.add', { channel, timestamp: done, name: 'bug' })
    await say('ben', 'How do I get a refund?')
    await say('cara', 'Where is the parcel of order 4711?')
    let count = 0
    return {
      settings: { ...workspace.settings, labels: ['bug=Defect', 'eyes'], people: [people.anna!] },
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
        return Object.fromEntries(messages.map((each) => [each.ts, JSON.stringify(each)]))
      },
      async newItem() {
        await say('ben', `Question number ${++count}`)
      },
      async doDeed(key) {
        await by('anna', 'reactions.add', { channel, timestamp: tsOf(key), name: 'bug' })
      },
      async dropItem(key) {
        const ts = tsOf(key)
        await by('ben', 'chat.delete', { channel, ts }).catch(() =>
          by('cara', 'chat.delete', { channel, ts }),
        )
      },
      vanish: workspace.vanish,
      suggestion: () => ({
        kind: 'message',
        value: { type: 'label', label: 'Defect' },
        confidence: 0.95,
        reasons: [],
      }),
      remove: workspace.remove,
    }
  },
})
