import { Fault } from '../../contract/index.ts'
import { type Codes, codeOf, none } from '../event-log.ts'
import type { LogBuilder } from './log-builder.ts'
import { isoTime } from './timestamp.ts'

/** Codes of small byte strings, without decoding those seen before: attribute values repeat all the time. */
function byteCodes(codes: Codes) {
  const buckets = new Map<number, { bytes: Buffer; code: number }[]>()
  return (bytes: Buffer, from: number, to: number): number => {
    const length = to - from
    let hash = length
    for (let i = from; i < to; i++) hash = (Math.imul(hash, 31) + bytes[i]!) | 0
    let bucket = buckets.get(hash)
    if (bucket === undefined) {
      bucket = []
      buckets.set(hash, bucket)
    }
    for (const { bytes: known, code } of bucket) {
      let i = 0
      if (known.length === length) while (i < length && known[i] === bytes[from + i]) i++
      if (i === length && known.length === length) return code
    }
    const code = codeOf(codes, unescapeXml(bytes.toString('utf8', from, to)))
    bucket.push({ bytes: Buffer.from(bytes.subarray(from, to)), code })
    return code
  }
}

/** Text of an XML attribute. */
export function unescapeXml(text: string): string {
  if (!text.includes('&')) return text
  return text
    .replace(/&#x([0-9a-f]+);/gi, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))
    .replace(/&#(\d+);/g, (_, digits: string) => String.fromCodePoint(Number(digits)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&')
}

/**
 * XES (IEEE 1849) as bytes arrive: of each event its `concept:name`, `time:timestamp`, `lifecycle:transition` and
 * `org:resource`, of each trace its `concept:name`. A hand-written scanner, because these four attributes are a tenth
 * of the text and a general parser makes objects of the rest. The activity is the name alone, as in pm4py.
 */
export function xesLog(path: string, builder: LogBuilder, zoneless: (wall: number) => number) {
  /** What has not been scanned yet, from 0 to `held`; longer only where one tag is. */
  let room = Buffer.alloc(1 << 19)
  let held = 0
  let depth = 0
  let inTrace = false
  let inEvent = false
  let eventDepth = 0
  let traceDepth = 0
  let traces = 0
  let caseCode = none
  let activity = none
  let person = none
  let at = Number.NaN
  let untimed = 0
  let closed = false
  const { codes } = builder
  const [caseOf, activityOf, personOf] = [codes.cases, codes.actions, codes.people].map(byteCodes) as [
    ReturnType<typeof byteCodes>,
    ReturnType<typeof byteCodes>,
    ReturnType<typeof byteCodes>,
  ]

  /** Where the tag whose name ends at `i` is over (its `>`), or -1: a `>` may stand in a value. */
  function endOfTag(bytes: Buffer, i: number, end: number): number {
    while (i < end) {
      const byte = bytes[i]!
      if (byte === 62) return i
      i++
      if (byte !== 34 && byte !== 39) continue
      while (i < end && bytes[i] !== byte) i++
      i++
    }
    return -1
  }

  /**
   * Reads key="…" value="…" of an attribute's tag in the one pass that finds its end: keys come first in every export
   * seen, but need not. Returns where its `>` is, or -1.
   */
  function attribute(bytes: Buffer, i: number, end: number): number {
    let keyFrom = -1
    let keyTo = -1
    let valueFrom = -1
    let valueTo = -1
    let nameAt = i
    for (;;) {
      while (i < end && bytes[i]! <= 32) i++
      nameAt = i
      let byte = 0
      while (i < end) {
        byte = bytes[i]!
        if (byte === 34 || byte === 39 || byte === 62) break
        i++
      }
      if (i >= end) return -1
      if (byte === 62) break
      const start = ++i
      while (i < end && bytes[i] !== byte) i++
      if (i >= end) return -1
      if (bytes[nameAt] === 107) {
        keyFrom = start
        keyTo = i
      } else if (bytes[nameAt] === 118) {
        valueFrom = start
        valueTo = i
      }
      i++
    }
    if (keyFrom < 0 || valueFrom < 0) return i
    const length = keyTo - keyFrom
    if (length === 12 && bytes[keyFrom] === 99 && bytes[keyFrom + 1] === 111 && bytes[keyFrom + 8] === 110) {
      if (inEvent) activity = activityOf(bytes, valueFrom, valueTo)
      else caseCode = caseOf(bytes, valueFrom, valueTo)
    } else if (inEvent && length === 14 && bytes[keyFrom] === 116 && bytes[keyFrom + 5] === 116) {
      at = isoTime(bytes, valueFrom, valueTo, zoneless)
    } else if (inEvent && length === 12 && bytes[keyFrom] === 111 && bytes[keyFrom + 4] === 114) {
      person = personOf(bytes, valueFrom, valueTo)
    }
    return i
  }

  /** A tag that opens at `from`, its name; returns where its `>` is, or -1 where it is not there yet. */
  function open(bytes: Buffer, from: number, end: number): number {
    let i = from
    while (i < end && bytes[i]! > 32 && bytes[i] !== 62 && bytes[i] !== 47) i++
    const first = bytes[from]
    const named = i - from === 5
    const isEvent = named && first === 101 && bytes[from + 1] === 118
    const isTrace = named && first === 116 && bytes[from + 1] === 114
    const own = !isEvent && !isTrace && inTrace && depth === (inEvent ? eventDepth : traceDepth) + 1
    const stop = own ? attribute(bytes, i, end) : endOfTag(bytes, i, end)
    if (stop < 0) return -1
    if (isEvent) {
      inEvent = true
      eventDepth = depth
      activity = none
      person = none
      at = Number.NaN
    } else if (isTrace) {
      inTrace = true
      traceDepth = depth
      traces++
      caseCode = none
    }
    if (bytes[stop - 1] !== 47) depth++
    return stop
  }

  function close(bytes: Buffer, from: number) {
    depth--
    if (inEvent && depth === eventDepth) {
      inEvent = false
      if (Number.isNaN(at) || activity === none) {
        untimed++
        builder.skip()
      } else {
        if (caseCode === none) caseCode = codeOf(codes.cases, inTrace ? `trace ${traces}` : 'no trace')
        builder.addCase(at, caseCode, activity, person)
      }
    } else if (inTrace && depth === traceDepth && bytes[from] === 116) {
      inTrace = false
      caseCode = none
    } else if (depth === 0) closed = true
  }

  /** Scans whole tags up to `end`; returns where the first that may be incomplete begins. */
  function scan(bytes: Buffer, end: number): number {
    let i = 0
    for (;;) {
      while (i < end && bytes[i] !== 60) i++
      // The longest beginning that must be there to tell what it is: "<!--".
      if (i + 4 > end) return Math.min(i, end)
      const next = bytes[i + 1]
      let stop: number
      if (next === 33 && bytes[i + 2] === 45) {
        stop = bytes.indexOf('-->', i)
        if (stop >= 0) stop = stop + 3 > end ? -1 : stop + 2
      } else if (next === 47 || next === 63 || next === 33) stop = endOfTag(bytes, i + 2, end)
      else stop = open(bytes, i + 1, end)
      if (stop < 0) return i
      if (next === 47) close(bytes, i + 2)
      i = stop + 1
    }
  }

  return {
    push(chunk: Uint8Array) {
      if (held + chunk.length > room.length) {
        const longer = Buffer.alloc(2 * (held + chunk.length))
        room.copy(longer, 0, 0, held)
        room = longer
      }
      room.set(chunk, held)
      const end = held + chunk.length
      const scanned = scan(room, end)
      room.copyWithin(0, scanned, end)
      held = end - scanned
    },
    end() {
      if (builder.count() === 0) {
        throw new Fault(
          'bad-input',
          `${path} has no event with a concept:name and a time:timestamp: is it XES?`,
        )
      }
      if (!closed) {
        builder.notices.add(`${path} breaks off before its end; the events up to there were read.`)
      }
      if (untimed > 0)
        builder.notices.add(`${path}: ${untimed} events without a name or a time were left out.`)
    },
  }
}
