import { createReadStream, existsSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import { Fault } from '../../contract/index.ts'
import { type EventLog, isEventLog, none } from '../event-log.ts'
import { type CsvColumns, csvLog } from './csv-log.ts'
import { addMail, addVersions, type MailSeen, type TableVersion } from './histories.ts'
import { readJsonLog } from './json-log.ts'
import { type LogBuilder, newLogBuilder } from './log-builder.ts'
import { readOcelSqlite } from './ocel-sqlite.ts'
import { readOcelXml } from './ocel-xml.ts'
import { wallClock } from './timestamp.ts'
import { xesLog } from './xes.ts'

export interface IntakeOptions {
  columns?: CsvColumns
  /** IANA time zone of times that are written without one; default UTC. */
  zone?: string | undefined
}

/**
 * Reads logs of any kind that is known, plain or gzipped, told by content: UI logs and event logs as CSV, XES, OCEL
 * and ActivityWatch as JSON. Several files become one log in time order. Throws a Fault (`bad-input`) that names the file.
 */
export async function readLogs(paths: readonly string[], options: IntakeOptions = {}): Promise<EventLog> {
  const builder = newLogBuilder()
  const zoneless = zonelessTimes(options.zone, builder)
  for (const path of paths) await readLog(path, builder, options.columns ?? {}, zoneless)
  const log = builder.finish()
  if (isEventLog(log) && log.case.includes(none)) {
    throw new Fault(
      'bad-input',
      `Some of ${paths.join(', ')} are event logs with cases and some are not: read them apart.`,
    )
  }
  return log
}

/** The same for one log that is at hand as text; `name` is what faults call it. */
export function readLogText(name: string, text: string, options: IntakeOptions = {}): EventLog {
  const builder = newLogBuilder()
  const bytes = Buffer.from(text)
  if (bytes.length === 0) throw new Fault('bad-input', `${name} is empty: expected a log.`)
  const taker = takerFor(name, bytes, builder, options.columns ?? {}, zonelessTimes(options.zone, builder))
  taker.push(bytes)
  taker.end()
  return builder.finish()
}

/** A mailbox's own history as a log; what was read of it by a surface comes in as `mails`. */
export function mailLog(mails: readonly MailSeen[], owners: readonly string[] = []): EventLog {
  const builder = newLogBuilder()
  addMail(builder, mails, owners)
  return builder.finish()
}

/** Saved versions of one table as a log of what was changed in between. Throws a Fault where nothing was. */
export function versionsLog(versions: readonly TableVersion[]): EventLog {
  const builder = newLogBuilder()
  addVersions(builder, versions)
  if (builder.count() === 0) {
    throw new Fault('bad-input', `Nothing differs between the ${versions.length} versions that were given.`)
  }
  return builder.finish()
}

function zonelessTimes(zone: string | undefined, builder: LogBuilder) {
  let clock: (wall: number) => number
  try {
    clock = wallClock(zone ?? 'UTC')
  } catch (cause) {
    throw new Fault('bad-input', `There is no time zone "${zone}": give one such as Europe/Berlin.`, {
      cause,
    })
  }
  return (wall: number) => {
    if (zone === undefined && builder.notices.size < 8) {
      builder.notices.add('Some times have no zone and were read as UTC; --zone names another.')
    }
    return clock(wall)
  }
}

async function readLog(
  path: string,
  builder: LogBuilder,
  columns: CsvColumns,
  zoneless: (wall: number) => number,
): Promise<void> {
  if (!existsSync(path)) throw new Fault('bad-input', `There is no file ${path}.`)
  if (!statSync(path).isFile())
    throw new Fault('bad-input', `${path} is not a file; name the logs themselves.`)
  const file = await open(path)
  const magic = Buffer.alloc(16)
  await file.read(magic, 0, magic.length, 0)
  await file.close()
  if (magic.toString('latin1') === 'SQLite format 3\0') {
    readOcelSqlite(path, builder, zoneless)
    return
  }
  const gzipped = magic[0] === 0x1f && magic[1] === 0x8b
  const raw = createReadStream(path, { highWaterMark: 1 << 20 })
  const stream = gzipped ? raw.pipe(createGunzip({ chunkSize: 1 << 18 })) : raw
  let taker: { push(chunk: Uint8Array): void; end(): void } | null = null
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      taker ??= takerFor(path, chunk, builder, columns, zoneless)
      taker.push(chunk)
    }
  } catch (cause) {
    if (cause instanceof Fault || !gzipped) throw cause
    if (taker === null)
      throw new Fault('bad-input', `${path} is a damaged gzip file: fetch or pack it again.`, { cause })
    builder.notices.add(
      `${path} breaks off: its gzip data is damaged or incomplete; what came before was read.`,
    )
  }
  if (taker === null) throw new Fault('bad-input', `${path} is empty: expected a log.`)
  taker.end()
}

function takerFor(
  path: string,
  chunk: Buffer,
  builder: LogBuilder,
  columns: CsvColumns,
  zoneless: (wall: number) => number,
) {
  const head = chunk
    .toString('utf8', 0, 2000)
    .replace(/^\uFEFF/, '')
    .trimStart()
  const whole = (read: (text: string) => void) => {
    const chunks: Uint8Array[] = []
    return {
      push: (next: Uint8Array) => void chunks.push(next),
      end: () => read(Buffer.concat(chunks).toString('utf8')),
    }
  }
  if (head.startsWith('<')) {
    if (/<(object-types|event-types|objects)[\s>]/.test(head)) {
      return whole((text) => readOcelXml(path, text, builder, zoneless))
    }
    if (/<log[\s>]/.test(head)) return xesLog(path, builder, zoneless)
    throw new Fault('bad-input', `${path} is XML, but not XES or OCEL: it has no <log>.`)
  }
  if (head.startsWith('{') || head.startsWith('[')) {
    return whole((text) => readJsonLog(path, text, builder, zoneless))
  }
  if (head.includes('\0')) throw new Fault('bad-input', `${path} is a binary file that is not known here.`)
  return csvLog(path, builder, { columns, zoneless })
}
