import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Ajv, type ValidateFunction } from 'ajv'
import type { Cell } from '../../contract/index.ts'
import { specAt } from '../crm/openapi.fixture.ts'

const file = specAt('google/sheets-v4.discovery.json')
export const hasGoogleSpec = file !== null

// biome-ignore lint/suspicious/noExplicitAny: bodies are checked against their schemas before anything is read from them
type Body = any

interface StoredCell {
  /** As typed: a formula begins with `=`. */
  value: Cell
  note?: string
  background?: object
  numberFormat?: object
}

interface StoredSheet {
  sheetId: number
  title: string
  hidden: boolean
  rowCount: number
  columnCount: number
  cells: StoredCell[][]
  merges: object[]
  protectedRanges: object[]
}

interface Method {
  httpMethod: string
  path: string
  parameters?: Record<string, { location: string; enum?: string[] }>
  request?: { $ref: string }
  response: { $ref: string }
}

/** One key for all: making one takes a while. */
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

/** Read once: compiling it takes longer than most tests. */
let known: ReturnType<typeof readSpecification> | null = null
function specification() {
  known ??= readSpecification()
  return known
}

function readSpecification() {
  const discovery = JSON.parse(readFileSync(file!, 'utf8'))
  const ajv = new Ajv({ strict: false, allErrors: true })
  const compiled = new Map<string, ValidateFunction>()
  for (const [name, schema] of Object.entries(discovery.schemas as Record<string, Body>))
    ajv.addSchema(asJsonSchema(schema), name)
  const check = (name: string, body: unknown): string | null => {
    const validate = compiled.get(name) ?? ajv.compile({ $ref: name })
    compiled.set(name, validate)
    return validate(body) ? null : ajv.errorsText(validate.errors)
  }
  const methods: { method: Method; pattern: RegExp; name: string }[] = []
  collect(discovery, '')

  function collect(resource: Body, prefix: string) {
    for (const [name, method] of Object.entries((resource.methods ?? {}) as Record<string, Method>)) {
      const pattern = new RegExp(`^/${method.path.replace(/\{\+?(\w+)\}/g, '([^/:]+)')}$`)
      methods.push({ method, pattern, name: `${prefix}${name}` })
    }
    for (const [name, inner] of Object.entries((resource.resources ?? {}) as Record<string, Body>))
      collect(inner, `${prefix}${name}.`)
  }
  return { discovery, check, methods }
}

/**
 * A Google Sheets in memory behind a real port, with the token endpoint of its accounts. Every request and every answer
 * is checked against Google's own discovery document; what was wrong is in `wrongs`.
 */
export async function googleStandIn() {
  const { discovery, check, methods } = specification()
  const sheets: StoredSheet[] = []
  const id = `spreadsheet_${randomBytes(8).toString('hex')}`
  const account = 'inlay@test.iam.gserviceaccount.com'
  const calls: { name: string; status: number; at: number }[] = []
  /** What a person's consent gave to an OAuth client of theirs. */
  const consent = { clientId: 'inlay.apps.example', clientSecret: 'GOCSPX-hush', refreshToken: '1//given' }
  let accessToken = 'ya29.test'
  const wrongs: string[] = []
  const trouble = {
    slow: 0,
    broken: 0,
    limited: 0,
    retryAfter: null as string | null,
    dropped: 0,
    /** Writes that are done, and whose answer is lost. */
    droppedAfter: 0,
    revoked: false,
    notShared: false,
    gone: false,
  }
  /** Called before and after each piece of work, as people work at the same time. */
  let between: (name: string) => void = () => {}

  function addSheet(title: string, rows: Cell[][] = [], more: Partial<StoredSheet> = {}): StoredSheet {
    const sheet: StoredSheet = {
      sheetId: sheets.length === 0 ? 0 : 1000 + sheets.length,
      title,
      hidden: false,
      rowCount: Math.max(1000, rows.length),
      columnCount: Math.max(26, ...rows.map(({ length }) => length)),
      cells: rows.map((row) => row.map((value) => ({ value }))),
      merges: [],
      protectedRanges: [],
      ...more,
    }
    sheets.push(sheet)
    return sheet
  }

  class Refused extends Error {
    readonly status: number
    constructor(status: number, message: string) {
      super(message)
      this.status = status
    }
  }

  function cellAt(sheet: StoredSheet, row: number, column: number): StoredCell {
    if (row >= sheet.rowCount || column >= sheet.columnCount)
      throw new Refused(400, `Range exceeds grid limits of "${sheet.title}"`)
    while (sheet.cells.length <= row) sheet.cells.push([])
    const line = sheet.cells[row]!
    while (line.length <= column) line.push({ value: null })
    return line[column]!
  }

  /** `=B2&"!"` and plain sums are as much as the tests need. */
  function evaluate(value: Cell): Cell {
    if (typeof value !== 'string' || !value.startsWith('=')) return value
    return value === '=""' ? '' : `result of ${value.slice(1)}`
  }

  function range(text: string) {
    const match = /^'((?:[^']|'')*)'(?:!([A-Z]+)(\d+)(?::([A-Z]+)(\d+))?)?$/.exec(text)
    const sheet = match && sheets.find(({ title }) => title === match[1]!.replaceAll("''", "'"))
    if (!match || !sheet) throw new Refused(400, `Unable to parse range: ${text}`)
    if (!match[2]) return { sheet, top: 0, left: 0, bottom: sheet.cells.length, right: sheet.columnCount }
    const [top, left] = [Number(match[3]) - 1, number(match[2])]
    const bottom = match[5] ? Number(match[5]) : top + 1
    const right = match[4] ? number(match[4]) + 1 : left + 1
    if (bottom > sheet.rowCount || right > sheet.columnCount)
      throw new Refused(400, `Range (${text}) exceeds grid limits`)
    return { sheet, top, left, bottom, right }
  }
  const number = (letters: string) =>
    [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1

  function valuesOf(text: string, render: string) {
    const { sheet, top, left, bottom, right } = range(text)
    const values: Cell[][] = []
    for (const line of sheet.cells.slice(top, bottom)) {
      const row = line.slice(left, right).map(({ value, numberFormat }) => {
        const shown = render === 'FORMULA' ? value : evaluate(value)
        // A date is a number that its cell shows as one.
        if (render !== 'FORMULA' && numberFormat && typeof shown === 'number') {
          return new Date((shown - 25_569) * 86_400_000).toISOString().slice(0, 10)
        }
        return shown ?? ''
      })
      while (row.length > 0 && row.at(-1) === '') row.pop()
      values.push(row)
    }
    while (values.length > 0 && values.at(-1)!.length === 0) values.pop()
    return { range: text, majorDimension: 'ROWS', ...(values.length && { values }) }
  }

  function sheetNumbered(sheetId = 0): StoredSheet {
    const sheet = sheets.find((each) => each.sheetId === sheetId)
    if (!sheet) throw new Refused(400, `No grid with id: ${sheetId}`)
    return sheet
  }

  function apply(request: Body): object {
    if (request.addSheet) {
      const { sheetId, title, hidden = false, gridProperties } = request.addSheet.properties
      if (sheets.some((each) => each.sheetId === sheetId || each.title === title))
        throw new Refused(400, `A sheet "${title}" exists`)
      addSheet(title, [], { sheetId, hidden, ...gridProperties })
      return { addSheet: { properties: { sheetId, title } } }
    }
    if (request.deleteSheet) {
      sheets.splice(sheets.indexOf(sheetNumbered(request.deleteSheet.sheetId)), 1)
      return {}
    }
    if (request.appendDimension) {
      sheetNumbered(request.appendDimension.sheetId).columnCount += request.appendDimension.length
      return {}
    }
    if (request.copyPaste) {
      const { source, destination, pasteType } = request.copyPaste
      if (pasteType !== 'PASTE_FORMULA') throw new Refused(400, `the stand-in does not know ${pasteType}`)
      const [from, to] = [sheetNumbered(source.sheetId), sheetNumbered(destination.sheetId)]
      for (let row = source.startRowIndex; row < source.endRowIndex; row++) {
        for (let column = source.startColumnIndex; column < source.endColumnIndex; column++) {
          const [dr, dc] = [row - source.startRowIndex, column - source.startColumnIndex]
          const value = column < from.columnCount ? cellAt(from, row, column).value : null
          cellAt(to, destination.startRowIndex + dr, destination.startColumnIndex + dc).value = value
        }
      }
      return {}
    }
    if (request.updateCells) {
      const { range: at, rows, fields } = request.updateCells
      const sheet = sheetNumbered(at.sheetId)
      const data = rows[0].values[0]
      const locked = (sheet.protectedRanges as Body[]).some(
        ({ range: lock, requestingUserCanEdit }) =>
          !requestingUserCanEdit &&
          at.startRowIndex >= (lock.startRowIndex ?? 0) &&
          at.startRowIndex < (lock.endRowIndex ?? 1e9) &&
          at.startColumnIndex >= (lock.startColumnIndex ?? 0) &&
          at.startColumnIndex < (lock.endColumnIndex ?? 1e9),
      )
      if (locked) throw new Refused(400, 'You are trying to edit a protected cell or object.')
      const cell = cellAt(sheet, at.startRowIndex, at.startColumnIndex)
      for (const field of fields.split(',')) {
        if (field === 'userEnteredValue') {
          const { stringValue, numberValue, boolValue, formulaValue } = data.userEnteredValue ?? {}
          cell.value = stringValue ?? numberValue ?? boolValue ?? formulaValue ?? null
        } else if (field === 'note') {
          if (data.note) cell.note = data.note
          else delete cell.note
        } else if (field === 'userEnteredFormat.backgroundColor') {
          if (data.userEnteredFormat?.backgroundColor)
            cell.background = data.userEnteredFormat.backgroundColor
          else delete cell.background
        } else if (field === 'userEnteredFormat.numberFormat') {
          if (data.userEnteredFormat?.numberFormat) cell.numberFormat = data.userEnteredFormat.numberFormat
          else delete cell.numberFormat
        } else throw new Refused(400, `the stand-in does not know the field ${field}`)
      }
      return {}
    }
    throw new Refused(400, `the stand-in does not know ${Object.keys(request)}`)
  }

  function work(name: string, query: URLSearchParams, body: Body): object {
    if (name === 'spreadsheets.get') {
      const ranges = query.getAll('ranges')
      const wanted = ranges.length ? new Set(ranges.map((each) => range(each).sheet)) : null
      return {
        spreadsheetId: id,
        properties: { title: 'Leads of ours' },
        sheets: sheets
          .filter((sheet) => !wanted || wanted.has(sheet))
          .map((sheet, index) => ({
            properties: {
              sheetId: sheet.sheetId,
              title: sheet.title,
              index,
              sheetType: 'GRID',
              ...(sheet.hidden && { hidden: true }),
              gridProperties: { rowCount: sheet.rowCount, columnCount: sheet.columnCount },
            },
            ...(sheet.merges.length && { merges: sheet.merges }),
            ...(sheet.protectedRanges.length && { protectedRanges: sheet.protectedRanges }),
            ...(ranges.length && {
              data: ranges.map((each) => {
                const { top, left, bottom, right } = range(each)
                const rowData = sheet.cells.slice(top, bottom).map((line) => ({
                  values: line.slice(left, right).map(({ note, background }) => ({
                    ...(note && { note }),
                    ...(background && { userEnteredFormat: { backgroundColor: background } }),
                  })),
                }))
                return { ...(top && { startRow: top }), ...(left && { startColumn: left }), rowData }
              }),
            }),
          })),
      }
    }
    if (name === 'spreadsheets.values.batchGet') {
      const render = query.get('valueRenderOption') ?? 'FORMATTED_VALUE'
      return { spreadsheetId: id, valueRanges: query.getAll('ranges').map((each) => valuesOf(each, render)) }
    }
    if (name === 'spreadsheets.batchUpdate') {
      // All or nothing.
      const before = structuredClone(sheets)
      try {
        return { spreadsheetId: id, replies: body.requests.map(apply) }
      } catch (cause) {
        sheets.splice(0, sheets.length, ...before)
        throw cause
      }
    }
    throw new Refused(404, `the stand-in does not know ${name}`)
  }

  function answer(
    request: IncomingMessage,
    text: string,
  ): { status: number; body: object; headers?: Record<string, string> } {
    const url = new URL(request.url!, 'http://stand-in')
    const failure = (status: number, message: string) => ({
      status,
      body: { error: { code: status, message, status: 'FAILED' } },
    })
    if (url.pathname === '/token') {
      const asked = Object.fromEntries(new URLSearchParams(text))
      const isKey = asked.grant_type === 'urn:ietf:params:oauth:grant-type:jwt-bearer'
      const isClient = asked.client_id === consent.clientId && asked.client_secret === consent.clientSecret
      if (!isKey && !isClient) return { status: 401, body: { error: 'invalid_client' } }
      if (trouble.revoked || (!isKey && asked.refresh_token !== consent.refreshToken))
        return {
          status: 400,
          body: { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' },
        }
      return { status: 200, body: { access_token: accessToken, expires_in: 3600, token_type: 'Bearer' } }
    }
    const found = methods.find(
      ({ method, pattern }) => method.httpMethod === request.method && pattern.test(url.pathname),
    )
    if (!found) return failure(404, `no such path ${url.pathname}`)
    const { method, name } = found
    const respond = (given: ReturnType<typeof failure>) => {
      calls.push({ name, status: given.status, at: performance.now() })
      return given
    }
    if (request.headers.authorization !== `Bearer ${accessToken}` || trouble.revoked)
      return respond(failure(401, 'Request had invalid authentication credentials.'))
    if (trouble.notShared) return respond(failure(403, 'The caller does not have permission'))
    if (trouble.gone || !url.pathname.includes(id))
      return respond(failure(404, 'Requested entity was not found.'))
    if (trouble.limited > 0) {
      trouble.limited--
      return {
        ...respond(failure(429, 'Quota exceeded for quota metric Read requests')),
        ...(trouble.retryAfter && { headers: { 'retry-after': trouble.retryAfter } }),
      }
    }
    if (trouble.broken > 0) {
      trouble.broken--
      return respond(failure(503, 'The service is currently unavailable.'))
    }
    for (const key of url.searchParams.keys()) {
      const parameter = method.parameters?.[key] ?? discovery.parameters[key]
      const value = url.searchParams.get(key)!
      if (!parameter) wrongs.push(`${name}: no parameter ${key}`)
      else if (parameter.enum && !parameter.enum.includes(value)) wrongs.push(`${name}: ${key}=${value}`)
    }
    const body = text === '' ? undefined : JSON.parse(text)
    const wrong = method.request ? check(method.request.$ref, body) : null
    if (wrong) {
      wrongs.push(`${name}: ${wrong}`)
      return respond(failure(400, wrong))
    }
    try {
      between(name)
      const given = work(name, url.searchParams, body)
      between(name)
      const bad = check(method.response.$ref, given)
      if (bad) wrongs.push(`the stand-in answers ${name} wrongly: ${bad}`)
      calls.push({ name, status: 200, at: performance.now() })
      return { status: 200, body: given }
    } catch (cause) {
      if (cause instanceof Refused) return respond(failure(cause.status, cause.message))
      wrongs.push(String(cause))
      return respond(failure(500, String(cause)))
    }
  }

  const server = createServer(async (request, response) => {
    const text = await new Response(request as never).text()
    if (trouble.slow) await sleep(trouble.slow)
    if (trouble.dropped > 0 && request.url !== '/token') {
      trouble.dropped--
      request.socket.destroy()
      return
    }
    const { status, body, headers } = answer(request, text)
    if (trouble.droppedAfter > 0 && request.url!.includes(':batchUpdate')) {
      trouble.droppedAfter--
      request.socket.destroy()
      return
    }
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  })
  server.keepAliveTimeout = 500
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    url,
    id,
    account,
    credentials: JSON.stringify({
      type: 'service_account',
      client_email: account,
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    }),
    consent,
    /** The access tokens that it gave are taken no longer, before their time. */
    expire() {
      accessToken = `ya29.${randomBytes(4).toString('hex')}`
    },
    sheets,
    calls,
    wrongs,
    trouble,
    addSheet,
    cellAt,
    meanwhile(act: (name: string) => void) {
      between = act
    },
    /** Everything that people see and is beside it. */
    snapshot(): Record<string, string> {
      return Object.fromEntries(
        sheets.map(({ title, cells, hidden }) => {
          const rows = cells.map((line) => {
            const row = line.map(({ value, ...beside }) =>
              Object.keys(beside).length ? { value, ...beside } : value,
            )
            while (row.length > 0 && row.at(-1) === null) row.pop()
            return row
          })
          while (rows.length > 0 && rows.at(-1)!.length === 0) rows.pop()
          return [title, JSON.stringify({ rows, hidden })]
        }),
      )
    },
    count: (name: string) => calls.filter((call) => call.name.endsWith(name)).length,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export type GoogleStandIn = Awaited<ReturnType<typeof googleStandIn>>

/** A schema of a discovery document (JSON Schema draft 3 in spirit) as one of today; unknown properties are wrong. */
function asJsonSchema(schema: Body): object {
  if (schema.$ref) return { $ref: schema.$ref }
  if (schema.type === 'any') return {}
  if (schema.type === 'array') return { type: 'array', items: asJsonSchema(schema.items) }
  if (schema.type === 'object') {
    const properties = Object.fromEntries(
      Object.entries((schema.properties ?? {}) as Record<string, Body>).map(([name, each]) => [
        name,
        asJsonSchema(each),
      ]),
    )
    const more = schema.additionalProperties ? asJsonSchema(schema.additionalProperties) : false
    return { type: 'object', properties, additionalProperties: more }
  }
  return { type: schema.type, ...(schema.enum && { enum: schema.enum }) }
}
