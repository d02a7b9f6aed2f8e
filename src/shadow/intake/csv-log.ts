import { Fault } from '../../contract/index.ts'
import { codeOf, none } from '../event-log.ts'
import { cellText, csvRows, delimiterOf, type RowCells } from './csv-rows.ts'
import { addChange } from './histories.ts'
import type { LogBuilder } from './log-builder.ts'
import { isoTime, readTime } from './timestamp.ts'

/** Which column is what, where a file's own names do not say; names as in the header, case ignored. */
export interface CsvColumns {
  case?: string | undefined
  activity?: string | undefined
  time?: string | undefined
  person?: string | undefined
}

/** Names that columns go by: the recorder's own, ActionLogger, SmartRPA and RPA-UI logs, pm4py, common exports. */
const known = {
  time: [
    'timestamp',
    'time:timestamp',
    'time',
    'complete timestamp',
    'completetime',
    'end',
    'datetime',
    'date',
    'start',
  ],
  person: ['person', 'userid', 'user', 'org:resource', 'resource', 'user id', 'username', 'originator'],
  case: ['case:concept:name', 'case id', 'caseid', 'case_id', 'case', 'trace'],
  activity: ['concept:name', 'activity', 'activity name', 'task', 'event name'],
  tool: ['application', 'targetapp', 'app', 'source', 'tool', 'category'],
  action: ['event', 'eventtype', 'action', 'event_type'],
  url: ['url', 'browser_url'],
  value: ['value', 'content', 'clipboard_content', 'fingerprint'],
}

/** Columns of a change history: Salesforce, HubSpot, Dynamics and Zoho exports, audit tables of one's own. */
const changes = {
  record: [
    'record id',
    'record',
    'object id',
    'objectid',
    'lead id',
    'contact id',
    'deal id',
    'opportunity id',
    'case number',
    'ticket id',
    'row',
    'cell',
    'key',
    'id',
  ],
  field: [
    'field',
    'field / event',
    'changed field',
    'field name',
    'property',
    'property name',
    'attribute',
    'column',
  ],
  before: ['old', 'old value', 'oldvalue', 'old_value', 'from', 'before', 'previous value'],
  after: ['new', 'new value', 'newvalue', 'new_value', 'to', 'after', 'value'],
  person: [
    'by',
    'edited by',
    'changed by',
    'modified by',
    'created by',
    'user',
    'updated by',
    'who',
    'author',
    'person',
  ],
  time: [
    'at',
    'edit date',
    'changed date',
    'changed at',
    'modified at',
    'changed on',
    'created date',
    'date',
    'when',
    'timestamp',
    'time',
  ],
  object: ['object', 'object type', 'entity', 'table', 'sheet', 'record type'],
}

interface ChangeRoles {
  record: number
  field: number
  before: number
  after: number
  person: number
  time: number
  object: number
  /** What the record is called where no column says: "lead" of "Lead ID". */
  called: string
}

/** The header of a change history; null where it is none. It has a record, a field, its old or new value, and a time. */
function changeRolesOf(header: readonly string[], wanted: CsvColumns): ChangeRoles | null {
  const names = header.map((name) => name.trim().toLowerCase())
  const first = (candidates: readonly string[], asked?: string) =>
    asked !== undefined
      ? names.indexOf(asked.trim().toLowerCase())
      : (candidates.map((name) => names.indexOf(name)).find((at) => at >= 0) ?? -1)
  const roles = {
    record: first(changes.record, wanted.case),
    field: first(changes.field, wanted.activity),
    before: first(changes.before),
    after: first(changes.after),
    person: first(changes.person, wanted.person),
    time: first(changes.time, wanted.time),
    object: first(changes.object),
  }
  const enough = roles.record >= 0 && roles.field >= 0 && roles.time >= 0 && roles.record !== roles.field
  if (!enough || (roles.before < 0 && !/^new|after/.test(names[roles.after] ?? ''))) return null
  return { ...roles, called: /^(lead|contact|deal|opportunity|ticket)/.exec(names[roles.record]!)?.[1] ?? '' }
}

const elementParts = ['element', 'label', 'target.name', 'target.id', 'target.title', 'id', 'xpath']
const places = [
  'target.workbookname',
  'filename',
  'workbook',
  'target.sheetname',
  'sheet',
  'worksheet',
  'current_worksheet',
]

/** The header of a CSV file as roles, -1 where a role has no column. Throws a Fault that lists the columns. */
function rolesOf(path: string, header: string[], wanted: CsvColumns) {
  const names = header.map((name) => name.trim().toLowerCase())
  const named = (asked: string | undefined, role: string) => {
    if (asked === undefined) return -1
    const at = names.indexOf(asked.trim().toLowerCase())
    if (at < 0) {
      throw new Fault(
        'bad-input',
        `${path} has no column "${asked}" to take as the ${role}; it has ${header.slice(0, 12).join(', ')}.`,
      )
    }
    return at
  }
  const first = (candidates: readonly string[]) =>
    candidates.map((name) => names.indexOf(name)).find((at) => at >= 0) ?? -1
  const time = wanted.time ? named(wanted.time, 'time') : first(known.time)
  const caseColumn = wanted.case ? named(wanted.case, 'case') : first(known.case)
  const action = first(known.action)
  const activity = wanted.activity ? named(wanted.activity, 'activity') : first(known.activity)
  if (time < 0 || (activity < 0 && action < 0)) {
    throw new Fault(
      'bad-input',
      `${path} is not a log that can be read: expected a column of times (${known.time.slice(0, 3).join(', ')}) and one of what was done (${[...known.action.slice(0, 2), ...known.activity.slice(0, 2)].join(', ')}), and it has ${header.slice(0, 12).join(', ')}; name them with --time and --activity.`,
    )
  }
  return {
    time,
    case: caseColumn,
    activity: activity >= 0 ? activity : action,
    action: action >= 0 ? action : activity,
    person: wanted.person ? named(wanted.person, 'person') : first(known.person),
    tool: first(known.tool),
    url: first(known.url),
    values: [...known.value, 'target.value', 'target.innertext']
      .map((name) => names.indexOf(name))
      .filter((at) => at >= 0),
    elements: elementParts.map((name) => names.indexOf(name)).filter((at) => at >= 0),
    places: places.map((name) => names.indexOf(name)).filter((at) => at >= 0),
    text: names.indexOf('target.innertext'),
    tag: names.indexOf('target.tagname'),
    column: names.indexOf('column'),
    row: names.indexOf('row'),
  }
}

/**
 * A UI log or an event log as CSV. It is an event log where it has a column of cases (or one is named): then the
 * case, activity, time and person are all that is taken. Returns what takes the bytes.
 */
export function csvLog(
  path: string,
  builder: LogBuilder,
  options: { columns: CsvColumns; zoneless: (wall: number) => number },
) {
  let roles: ReturnType<typeof rolesOf> | null = null
  let history: ChangeRoles | null = null
  let rows: ReturnType<typeof csvRows> | null = null
  let held = Buffer.alloc(0)
  let bad = 0
  let line = 1
  let firstBad = 0

  const timeAt = (row: RowCells, column: number) => {
    if (column >= row.count) return Number.NaN
    const time = isoTime(row.bytes, row.from[column]!, row.to[column]!, options.zoneless)
    return Number.isNaN(time) ? readTime(cellText(row, column), options.zoneless) : time
  }

  function onRow(row: RowCells) {
    if (roles === null && history === null) {
      const header = Array.from({ length: row.count }, (_, i) => cellText(row, i).replace(/^\uFEFF/, ''))
      history = changeRolesOf(header, options.columns)
      if (history === null) roles = rolesOf(path, header, options.columns)
      return
    }
    line++
    const at = timeAt(row, (history ?? roles!).time)
    if (Number.isNaN(at)) {
      if (bad++ === 0) firstBad = line
      builder.skip()
      return
    }
    if (history !== null) {
      addChange(builder, changeOf(row, history, at))
      return
    }
    if (roles === null) return
    const person = cellText(row, roles.person)
    const caseName = cellText(row, roles.case)
    if (roles.case >= 0) {
      const { codes } = builder
      builder.addCase(
        at,
        codeOf(codes.cases, caseName),
        codeOf(codes.actions, cellText(row, roles.activity)),
        person ? codeOf(codes.people, person) : none,
      )
      return
    }
    builder.add(uiEvent(row, roles, at, person))
  }

  return {
    push(chunk: Uint8Array) {
      if (rows === null) {
        held = Buffer.concat([held, chunk])
        const lineEnd = held.indexOf(10)
        if (lineEnd < 0 && held.length < 1 << 20) return
        rows = csvRows(delimiterOf(held.toString('utf8', 0, lineEnd < 0 ? held.length : lineEnd)), onRow)
        rows.push(held)
        return
      }
      rows.push(chunk)
    },
    end() {
      if (rows === null) {
        rows = csvRows(delimiterOf(held.toString('utf8')), onRow)
        rows.push(held)
      }
      rows.end()
      if (roles === null && history === null)
        throw new Fault('bad-input', `${path} is empty: expected a header line and events.`)
      if (bad > 0 && bad === line - 1) {
        throw new Fault(
          'bad-input',
          `${path} has no readable time in any row; the first is in line ${firstBad + 1}.`,
        )
      }
      if (bad > 0) {
        builder.notices.add(
          `${path}: ${bad} rows without a readable time were left out, the first in row ${firstBad}.`,
        )
      }
    },
  }
}

function changeOf(row: RowCells, roles: ChangeRoles, at: number) {
  return {
    at,
    record: cellText(row, roles.record),
    object: cellText(row, roles.object) || roles.called,
    field: cellText(row, roles.field),
    before: roles.before < 0 ? undefined : cellText(row, roles.before),
    after: cellText(row, roles.after),
    person: cellText(row, roles.person),
  }
}

function uiEvent(row: RowCells, roles: ReturnType<typeof rolesOf>, at: number, person: string) {
  const url = cellText(row, roles.url)
  const place = roles.places.map((column) => cellText(row, column)).filter((text) => text !== '')
  let target = ''
  for (const column of roles.elements) {
    target = cellText(row, column)
    if (target !== '') break
  }
  const column = cellText(row, roles.column)
  // What a button or a link says tells it better than a generated id.
  const said = cellText(row, roles.text).trim().slice(0, 40)
  if (said !== '' && /^(a|button)$/i.test(cellText(row, roles.tag))) target = said
  if (target === '' && column !== '') target = `${column}${cellText(row, roles.row)}`
  if (target === '') target = said
  if (target === '' && place.length === 0 && url !== '') target = path(url)
  let value = ''
  for (const each of roles.values) {
    value = cellText(row, each)
    if (value !== '') break
  }
  const element = [...place, target].filter((text) => text !== '').join('!')
  return {
    at,
    person,
    tool: cellText(row, roles.tool),
    action: cellText(row, roles.action),
    element,
    record: recordOf(element, url),
    url,
    value,
  }
}

const path = (url: string) => url.replace(/^[a-z]+:\/\/[^/]*/i, '').replace(/[?#].*$/, '')

/** The row of a sheet or the address of a record: what two elements of the same record share. */
function recordOf(element: string, url: string): string {
  const cell = /^(.*!)?\$?[A-Z]{1,3}\$?(\d+)(?::.*)?$/.exec(element)
  if (cell) return `${cell[1] ?? ''}${cell[2]}`
  return /\d/.test(url) ? url : ''
}
