import { seeded } from '../stats/random.ts'
import { type Cause, causes } from './diagnose.ts'

/** How one recorder names what people do; each log takes one of them. */
const recorders = [
  { go: 'navigate', click: 'click', write: 'edit', copy: 'copy', paste: 'paste', look: 'scroll' },
  { go: 'switchTab', click: 'clickButton', write: 'editField', copy: 'copy', paste: 'paste', look: 'focus' },
  { go: 'visit', click: 'click', write: 'input', copy: 'copyCell', paste: 'pasteIntoField', look: 'select' },
  { go: 'activate window', click: 'click', write: 'type', copy: 'copy', paste: 'paste', look: 'read' },
  { go: 'open', click: 'press', write: 'change', copy: 'cut', paste: 'paste', look: 'scroll' },
]
/** Program and element that the work is done in, address ('' for desktop programs), and how it is sent off. */
const works: readonly (readonly [string, string, string, string])[] = [
  ['Thunderbird', 'message text', '', 'Send'],
  ['SAP GUI', 'long text', '', 'Save'],
  ['Safari', 'case comment', 'https://cases.klinik.example/case/edit', 'Post'],
  ['Opera', 'product text', 'https://pim.laden.example/p/edit', 'Publish and close'],
  ['Zendesk', 'public reply', 'https://zen.hilfe.example/agent', 'Submit'],
  ['LibreOffice Writer', 'paragraph', '', 'Save'],
  ['Edge', 'answer box', 'https://post.amt.example/compose', 'Send'],
]
const beside = ['gizmo.example', 'parlo.chat.example', 'mira.example', 'zettel.example', 'brain.werk.example']
const takes = ['Insert', 'Use this', 'Apply', 'Accept', 'Keep']
const drops = ['Dismiss', 'No thanks', 'Close panel', 'Hide']

/**
 * Recorded work of a team with an AI tool, with exactly these causes, made in another way than the logs that the
 * diagnosis was developed on: other words, other order of steps, questions typed in several goes, answers read for long, tried
 * again, taken over in parts, items left for others in between, people who never use it.
 */
export function variedAdoptionLog(seed: number, set: readonly Cause[]): { csv: string; host: string } {
  const random = seeded(`varied adoption ${seed} ${set.join()}`)
  const pick = <T>(list: readonly T[]) => list[random.integer(list.length)]!
  const between = (low: number, high: number) => low + random.uniform() * (high - low)
  const chance = (share: number) => random.uniform() < share
  const verbs = pick(recorders)
  const [app, element, url, send] = pick(works)
  const host = pick(beside)
  const people = Array.from({ length: 2 + random.integer(9) }, () => `p${random.integer(1e6)}`)
  const outside = set.includes(causes.place)
  const slight = set.includes(causes.pain)
  const useful = set.includes(causes.proof) ? between(0.1, 0.55) : between(0.91, 0.99)
  const useShare = slight ? between(0.5, 0.9) : between(0.1, 0.6)
  const perDay = slight ? between(0.4, 1) : between(16, 30)
  const asks = pick(['copied', 'copied', 'typed'])
  const browsing = /^(Safari|Opera|Edge|Chrome|Firefox)$/.test(app)
  const other = browsing ? app : pick(['Chrome', 'Firefox', 'Edge'])
  const rows: { at: number; cells: string[] }[] = []
  let number = 0
  const fresh = () => `${(++number * 7919).toString(36)}x${seed}`

  for (const person of people) {
    for (let day = 0; day < 14; day++) {
      if (day % 7 > 4) continue
      let at = Date.UTC(2025, 8, 1 + day, 6, 45) + random.integer(2 * 3_600_000)
      const emit = (
        tool: string,
        event: string,
        what: string,
        value: string,
        address: string,
        seconds: number,
      ) => {
        at += Math.max(250, Math.round(random.logNormal(Math.log(seconds), 0.6) * 1000))
        rows.push({ at, cells: [new Date(at).toISOString(), person, tool, event, what, value, address] })
      }
      const own = (event: string, what: string, value: string, seconds: number) =>
        emit(app, event, what, value, url, seconds)
      const aside = () => {
        const kind = random.integer(5)
        if (kind === 0) emit('Telephone', verbs.click, 'answer call', '', '', 60)
        else if (kind === 1) emit(other, verbs.go, 'intranet', '', 'https://intra.example/', 8)
        else if (kind === 2) emit('Calc', verbs.write, `Plan!B${2 + random.integer(90)}`, fresh(), '', 9)
        else if (kind === 3) emit('Explorer', verbs.look, 'folder', '', '', 6)
        else emit('Chat', verbs.write, 'line', fresh(), 'https://chat.example/room', 12)
      }
      const rewrite = (times: number) => {
        for (let k = 0; k < times; k++) {
          own(verbs.write, element, fresh(), 24)
          if (chance(0.1)) own('scroll', element, '', 5)
        }
      }
      const task = (withTool: boolean) => {
        own(verbs.go, 'next item', '', 5)
        if (chance(0.4)) own('scroll', 'item', '', 14)
        if (!withTool) {
          rewrite(1 + random.integer(4))
          own(verbs.click, send, '', 4)
          return
        }
        const good = chance(useful)
        const dropped = !good && chance(0.3)
        const output = fresh()
        if (outside) {
          const question = fresh()
          if (asks === 'copied') own(verbs.copy, 'item text', question, 5)
          emit(other, verbs.go, 'chat page', '', `https://${host}/c/${random.integer(999)}`, 4)
          const page = `https://${host}/c`
          if (asks === 'copied') emit(other, verbs.paste, 'question', question, page, 3)
          else
            for (let k = random.integer(3); k >= 0; k--)
              emit(other, verbs.write, 'question', fresh(), page, 14)
          emit(other, verbs.click, 'Go', '', page, 3)
          for (let k = random.integer(3); k > 0; k--) emit(other, 'scroll', 'reply', '', page, 9)
          if (chance(0.15)) emit(other, verbs.click, 'again', '', page, 10)
          if (!dropped) {
            emit(other, verbs.copy, 'reply', output, page, 12)
            if (chance(0.3)) own(verbs.go, 'item', '', 3)
            own(verbs.paste, element, output, 4)
          } else own(verbs.go, 'item', '', 3)
        } else {
          emit(app, verbs.click, 'ask', '', `https://${host}/side`, 3)
          if (chance(0.3)) emit(app, 'scroll', 'proposal', '', `https://${host}/side`, 8)
          if (chance(0.12)) emit(app, verbs.click, 'again', '', `https://${host}/side`, 7)
          emit(
            app,
            verbs.click,
            dropped ? pick(drops) : pick(takes),
            dropped ? '' : output,
            `https://${host}/side`,
            9,
          )
          if (!dropped && chance(0.4)) own(verbs.write, element, output, 1)
        }
        if (dropped) rewrite(2 + random.integer(3))
        else if (good) rewrite(chance(0.25) ? 1 : 0)
        else rewrite(3 + random.integer(4))
        own(verbs.click, send, '', 4)
      }
      for (let n = Math.floor(perDay + random.uniform()); n > 0; n--) {
        for (let k = random.integer(3); k > 0; k--) aside()
        task(chance(useShare))
        if (chance(0.1)) at += random.integer(1_500_000)
      }
      for (let k = 15 + random.integer(10); k > 0; k--) aside()
    }
  }
  rows.sort((a, b) => a.at - b.at)
  const header = 'timestamp,person,application,event,element,value,url'
  return { host, csv: `${header}\n${rows.map(({ cells }) => cells.join(',')).join('\n')}\n` }
}
