import { seeded } from '../stats/random.ts'

/** How hard the work is to cut into runs: shares 0..1 of runs, or of steps. */
export interface WorkHabits {
  /** Runs that another run of any routine, or other work, interrupts in the middle. */
  interrupted: number
  /** Optional steps left out, a field taken in another order, a step done twice, a typo mended. */
  skipped: number
  reordered: number
  repeated: number
  /** Runs given up half-way. */
  brokenOff: number
  /** Other work between two runs: how many events of it at most. */
  between: number
}

export const habits: WorkHabits = {
  interrupted: 0.15,
  skipped: 0.06,
  reordered: 0.12,
  repeated: 0.08,
  brokenOff: 0.03,
  between: 4,
}

interface Step {
  tool: string
  action: string
  element: (record: number) => string
  url: (record: number) => string
  /** Null: no value; else which of the record's values it handles. */
  value: number | null
  optional: boolean
  /** Steps of one block stay together and may change places with other blocks. */
  block: number
}

const pools = {
  desktop: ['Excel', 'Calc', 'Word', 'SAP GUI', 'Outlook', 'Numbers', 'Explorer', 'Notepad'],
  web: ['Chrome', 'Firefox', 'Edge'],
  sites: ['crm', 'portal', 'hr', 'shop', 'ledger', 'tickets', 'stock', 'forms', 'claims', 'intranet'],
  fields:
    'first name,last name,street,city,post code,country,phone,email,date of birth,order number,quantity,unit price,tax id,iban,due date,department,manager,reference,remark,weight,colour,size,policy,premium,claim date,amount,currency,supplier,contract,status'.split(
      ',',
    ),
  buttons: ['Submit', 'Save', 'Next record', 'Send', 'Create', 'OK', 'Add', 'Post', 'Finish', 'Upload'],
}

/**
 * Recorded-like work: people with routines of their own company, drawn from `seed`, and for each event which run it
 * belongs to ("routine-run", '' for none). Pauses are of one distribution everywhere, so that no gap tells where a run ends; whether a
 * routine ends on a button, begins with a page, carries values by paste or by typing, differs from one to the next.
 */
export function recordedWork(seed: number, how: WorkHabits = habits): { csv: string; truth: string[] } {
  const random = seeded(`recorded ${seed}`)
  const pick = <T>(list: readonly T[]) => list[random.integer(list.length)]!
  const chance = (share: number) => random.uniform() < share
  const sites = random.shuffle(pools.sites)
  const routines = Array.from({ length: 1 + random.integer(4) }, (_, r) => makeRoutine(r))
  const asides = makeAsides()
  const rows: { at: number; cells: string[]; run: string }[] = []
  const people = ['u1', 'u2', 'u3', 'u4', 'u5', 'u6', 'u7'].slice(0, 1 + random.integer(4))
  let runs = 0

  function makeRoutine(r: number): Step[] {
    const site = sites[r]!
    const host = `https://${site}.${pick(['firm', 'werk', 'haus'])}.example`
    const browser = pick(pools.web)
    const source = chance(0.7) ? pick(pools.desktop) : browser
    const sourceHost = source === browser ? `https://${sites[5 + random.integer(5)]}.src.example` : ''
    const carries = pick(['paste', 'type', 'none'] as const)
    const fields = random.shuffle(pools.fields).slice(0, 2 + random.integer(9))
    const own = (path: string) => (record: number) => `${host}/${path}${chance(0.5) ? `/${record}` : ''}`
    const fixed = (path: string) => () => `${host}/${path}`
    const from = (record: number) => (sourceHost === '' ? '' : `${sourceHost}/item/${record}`)
    const sheet = pick(['Sheet1', 'Data', 'Liste'])
    const steps: Step[] = []
    const add = (
      tool: string,
      action: string,
      element: string | ((record: number) => string),
      url: (record: number) => string,
      value: number | null = null,
      optional = false,
      block = 0,
    ) =>
      steps.push({
        tool,
        action,
        element: typeof element === 'string' ? () => element : element,
        url,
        value,
        optional,
        block,
      })
    const address = chance(0.5) ? own('record') : fixed('record/new')
    if (chance(0.6)) add(browser, 'navigate', 'record', address)
    if (chance(0.3)) add(browser, 'click', 'new entry', fixed('list'))
    const clicksFirst = chance(0.5)
    for (const [f, field] of fields.entries()) {
      const block = f + 1
      const maybe = chance(0.2)
      if (carries !== 'none') {
        const column = String.fromCharCode(65 + f)
        const cell = sourceHost === '' ? (record: number) => `${sheet}!${column}${record}` : `source ${field}`
        add(source, carries === 'paste' ? 'copy' : 'getCell', cell, from, f, maybe, block)
      }
      if (clicksFirst) add(browser, 'clickTextField', field, address, null, maybe, block)
      add(browser, carries === 'paste' ? 'paste' : 'editField', field, address, f, maybe, block)
    }
    if (chance(0.35)) add(browser, 'click', 'accept terms', address, null, true, 90)
    if (chance(0.75)) add(browser, 'click', pick(pools.buttons), address, null, false, 100)
    if (chance(0.3)) add(browser, 'navigate', 'list', fixed('list'), null, false, 101)
    return steps
  }

  function makeAsides(): Step[][] {
    return Array.from({ length: 4 + random.integer(5) }, (_, k) =>
      Array.from({ length: 1 + random.integer(3) }, (__, j) => ({
        tool: pick([...pools.web, 'Slack', 'Calendar', 'Teams', 'Player']),
        action: pick(['navigate', 'click', 'scroll', 'focus']),
        element: () => `aside ${String.fromCharCode(97 + k)}${j}`,
        url: () => (chance(0.5) ? `https://aside${k}.example/` : ''),
        value: null,
        optional: false,
        block: 0,
      })),
    )
  }

  /** One run: what of the routine is really done this time, in which order. */
  function doneThisTime(routine: readonly Step[]): Step[] {
    const kept = routine.filter(({ optional }) => !(optional ? chance(0.4) : chance(how.skipped / 3)))
    const blocks = [...new Set(kept.map(({ block }) => block))]
    if (chance(how.reordered)) {
      const inner = blocks.filter((block) => block > 0 && block < 90)
      if (inner.length > 1) {
        const i = blocks.indexOf(pick(inner.slice(0, -1)))
        const moved = blocks[i]!
        blocks[i] = blocks[i + 1]!
        blocks[i + 1] = moved
      }
    }
    const steps = blocks
      .flatMap((block) => kept.filter((step) => step.block === block))
      .flatMap((step) =>
        /edit|paste/.test(step.action) && chance(how.repeated)
          ? [step, { ...step, action: 'editField' }]
          : [step],
      )
    return chance(how.brokenOff) ? steps.slice(0, Math.ceil(steps.length * random.uniform())) : steps
  }

  for (const person of people) {
    let at = Date.UTC(2026, 1, 2, 8) + random.integer(3_600_000)
    const emit = (step: Step, record: number, values: readonly string[], run: string) => {
      // Nine short pauses and one long one, within runs as between them.
      at += Math.round(random.logNormal(Math.log(chance(0.1) ? 40_000 : 2_500), 0.7))
      rows.push({
        at,
        run,
        cells: [
          new Date(at).toISOString(),
          person,
          step.tool,
          step.action,
          step.element(record),
          step.value === null ? '' : values[step.value]!,
          step.url(record),
        ],
      })
    }
    const aside = () => {
      for (const step of pick(asides)) emit(step, 0, [], '')
    }
    const perform = (routine: readonly Step[], mayBeInterrupted: boolean) => {
      const record = 2 + random.integer(3000)
      const run = `${routines.indexOf(routine as Step[])}-${runs++}`
      const values = Array.from({ length: 12 }, () => `v${random.integer(1e9).toString(36)}`)
      const steps = doneThisTime(routine)
      const breakAt =
        mayBeInterrupted && chance(how.interrupted) ? 1 + random.integer(Math.max(1, steps.length - 1)) : -1
      for (const [i, step] of steps.entries()) {
        if (i === breakAt) {
          if (chance(0.3)) perform(pick(routines), false)
          else aside()
        }
        emit(step, record, values, run)
      }
    }
    const times = 25 + random.integer(60)
    const often = routines.map(() => 0.3 + random.uniform())
    const all = often.reduce((sum, each) => sum + each, 0)
    for (let k = 0; k < times; k++) {
      for (let n = random.integer(how.between + 1); n > 0; n -= 2) aside()
      let left = random.uniform() * all
      const chosen = routines.findIndex((_, r) => {
        left -= often[r]!
        return left <= 0
      })
      // The same thing is often done several times in a row.
      for (let again = chance(0.4) ? 1 + random.integer(5) : 1; again > 0; again--)
        perform(routines[Math.max(0, chosen)]!, true)
    }
  }
  rows.sort((a, b) => a.at - b.at)
  const header = 'timestamp,person,application,event,element,value,url'
  return {
    csv: `${header}\n${rows.map(({ cells }) => cells.join(',')).join('\n')}\n`,
    truth: rows.map(({ run }) => run),
  }
}
