import { seeded } from '../stats/random.ts'
import { type Cause, causes } from './diagnose.ts'

/** Every set of causes that the diagnosis is tried on: none, each, each pair. */
export const causeSets: readonly (readonly Cause[])[] = [
  [],
  [causes.place],
  [causes.pain],
  [causes.proof],
  [causes.place, causes.pain],
  [causes.place, causes.proof],
  [causes.pain, causes.proof],
]

interface Tools {
  hosts: string[]
  /** Application, the element that is written, its address (empty for desktop programs), how the work is sent off. */
  work: [string, string, string, string][]
  people: string[]
}

export const developedOn: Tools = {
  hosts: [
    'clever-writer.example',
    'draft-o-matic.example',
    'assist.example',
    'chat.lumen-ai.example',
    'copywise.example',
  ],
  work: [
    ['Mail', 'answer', 'https://mail.firm.example/compose', 'send'],
    ['CRM', 'note', 'https://crm.firm.example/notes', 'save'],
    ['Helpdesk', 'reply', 'https://desk.haus.example/tickets/reply', 'submit'],
    ['Chrome', 'description', 'https://shop.haus.example/products/edit', 'save'],
    ['Outlook', 'body', '', 'send'],
  ],
  people: ['ann', 'bob', 'cem', 'dee', 'eli', 'fay', 'gil', 'hoa', 'ida'],
}
/** Other people, other tools: what is reported. */
export const reportedOn: Tools = {
  hosts: ['ponder.example', 'help.botly.example', 'scribe.werk.example', 'app.fluent.example'],
  work: [
    ['Firefox', 'comment', 'https://tracker.werk.example/issues/edit', 'post'],
    ['Salesforce', 'summary', 'https://sales.werk.example/cases', 'save'],
    ['Word', 'section', '', 'save'],
    ['Teams', 'message box', '', 'send'],
    ['Gmail', 'draft', 'https://mail.werk.example/u/0', 'send'],
  ],
  people: ['ursula', 'viktor', 'wanda', 'xaver', 'yasmin', 'zeno', 'rosa', 'silas', 'tilda', 'quentin'],
}

/** Ten days of recorded work of a team that has an AI tool, with exactly these causes; the recorder's own CSV. */
export function adoptionLog(
  seed: number,
  set: readonly Cause[],
  tools: Tools,
): { csv: string; host: string } {
  const random = seeded(`adoption ${seed} ${set.join()}`)
  const pick = <T>(list: readonly T[]) => list[random.integer(list.length)]!
  const between = (low: number, high: number) => low + random.uniform() * (high - low)
  const host = pick(tools.hosts)
  const [app, element, url, send] = pick(tools.work)
  const people = random.shuffle(tools.people).slice(0, 3 + random.integer(tools.people.length - 3))
  const outside = set.includes(causes.place)
  const poor = set.includes(causes.proof)
  // Tasks a person a day: painful ones take an hour a week and more, others some minutes.
  const perDay = set.includes(causes.pain) ? between(0.3, 0.9) : between(14, 26)
  const share = set.includes(causes.pain) ? between(0.6, 0.9) : between(0.12, 0.5)
  const goodShare = poor ? between(0.15, 0.5) : between(0.92, 0.98)
  const typedPrompt = random.uniform() < 0.25
  const rows: { at: number; cells: string[] }[] = []
  let number = 0

  for (const person of people) {
    for (let day = 0; day < 12; day++) {
      if (day % 7 > 4) continue
      let at = Date.UTC(2026, 2, 2 + day, 7, 30) + random.integer(3_600_000)
      const emit = (
        application: string,
        event: string,
        what: string,
        value: string,
        address: string,
        after: number,
      ) => {
        at += Math.max(300, random.logNormal(Math.log(after), 0.4) * 1000)
        rows.push({
          at,
          cells: [new Date(at).toISOString(), person, application, event, what, value, address],
        })
      }
      const other = () => {
        const kind = random.integer(4)
        if (kind === 0) emit('Calendar', 'navigate', 'week', '', '', 9)
        else if (kind === 1) {
          emit('ERP', 'navigate', 'stock', '', 'https://erp.firm.example/stock', 8)
          emit('ERP', 'scroll', 'stock', '', 'https://erp.firm.example/stock', 12)
        } else if (kind === 2)
          emit('Chat', 'edit', 'message', `v${number++}`, 'https://talk.example/team', 15)
        else emit('Browser', 'navigate', 'page', '', 'https://news.example/', 10)
      }
      const edit = (after: number) => emit(app, 'edit', element, `v${number++}`, url, after)
      const byHand = () => {
        emit(app, 'navigate', 'item', '', url, 6)
        for (let k = 1 + random.integer(3); k > 0; k--) edit(28)
        emit(app, 'click', send, '', url, 5)
      }
      const withTool = () => {
        const useful = random.uniform() < goodShare
        const discarded = !useful && random.uniform() < 0.35
        const output = `v${number++}`
        emit(app, 'navigate', 'item', '', url, 6)
        if (outside) {
          const question = `v${number++}`
          const browser = /^(Chrome|Firefox)$/.test(app) ? app : 'Browser'
          if (!typedPrompt) emit(app, 'copy', 'item text', question, url, 6)
          emit(browser, 'navigate', 'assistant', '', `https://${host}/new`, 5)
          emit(
            browser,
            typedPrompt ? 'edit' : 'paste',
            'prompt',
            question,
            `https://${host}/new`,
            typedPrompt ? 25 : 3,
          )
          emit(browser, 'click', 'write', '', `https://${host}/new`, 4)
          if (!discarded) {
            emit(browser, 'copy', 'result', output, `https://${host}/new`, 15)
            emit(app, 'paste', element, output, url, 5)
          }
        } else {
          emit(app, 'click', 'suggest', '', `https://${host}/panel`, 4)
          if (random.uniform() < 0.03) other()
          emit(
            app,
            'click',
            discarded ? 'dismiss' : 'accept',
            discarded ? '' : output,
            `https://${host}/panel`,
            12,
          )
        }
        if (discarded) for (let k = 1 + random.integer(3); k > 0; k--) edit(28)
        else if (useful) {
          if (random.uniform() < 0.3) edit(8)
        } else for (let k = 2 + random.integer(4); k > 0; k--) edit(20)
        emit(app, 'click', send, '', url, 5)
      }
      const tasks = Math.floor(perDay + random.uniform())
      for (let task = 0; task < tasks; task++) {
        for (let k = random.integer(4); k > 0; k--) other()
        if (random.uniform() < share) withTool()
        else byHand()
        at += random.logNormal(Math.log(60), 0.8) * 1000
      }
      for (let k = 20; k > 0; k--) other()
    }
  }
  rows.sort((a, b) => a.at - b.at)
  const header = 'timestamp,person,application,event,element,value,url'
  return { host, csv: `${header}\n${rows.map(({ cells }) => cells.join(',')).join('\n')}\n` }
}
