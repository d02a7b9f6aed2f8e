import { Fault } from '../../contract/index.ts'
import { codeOf, none } from '../event-log.ts'
import type { LogBuilder } from './log-builder.ts'
import { isoTime } from './timestamp.ts'

/** Small byte strings told apart without decoding them first: attribute values repeat all the time. */
function byteStrings() {
  const buckets = new Map<number, { text: string; bytes: Buffer }[]>()
  return (bytes: Buffer, from: number, to: number): string => {
    let hash = to - from
    for (let i = from; i < to; i++) hash = (Math.imul(hash, 31) + bytes[i]!) | 0
    let bucket = buckets.get(hash)
    if (bucket === undefined) {
      bucket = []
      buckets.set(hash, bucket)
    }
    for (const { bytes: known, text } of bucket) {
      if (known.length === to - from && known.compare(bytes, from, to) === 0) return text
    }
    const text = unescapeXml(bytes.toString('utf8', from, to))
    bucket.push({ text, bytes: Buffer.from(bytes.subarray(from, to)) })
    return text
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
  let carry = Buffer.alloc(0)
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
  const text = byteStrings()
  const { codes } = builder

  function attribute(bytes: Buffer, from: number, to: number) {
    // key="…" value="…": both are on the tag, keys come first in every export seen, but need not.
    let i = from
    let keyFrom = -1
    let keyTo = -1
    let valueFrom = -1
    let valueTo = -1
    while (i < to) {
      while (i < to && (bytes[i]! <= 32 || bytes[i] === 47)) i++
      const nameAt = i
      while (i < to && bytes[i] !== 61) i++
      i++
      while (i < to && bytes[i] !== 34 && bytes[i] !== 39) i++
      const quote = bytes[i]
      const start = ++i
      while (i < to && bytes[i] !== quote) i++
      if (bytes[nameAt] === 107) {
        keyFrom = start
        keyTo = i
      } else if (bytes[nameAt] === 118) {
        valueFrom = start
        valueTo = i
      }
      i++
    }
    if (keyFrom < 0 || valueFrom < 0) return
    const length = keyTo - keyFrom
    const second = bytes[keyFrom + 1]
    if (length === 12 && second === 111 && bytes[keyFrom + 8] === 110 && bytes[keyFrom] === 99) {
      if (inEvent) activity = codeOf(codes.actions, text(bytes, valueFrom, valueTo))
      else caseCode = codeOf(codes.cases, text(bytes, valueFrom, valueTo))
    } else if (inEvent && length === 14 && bytes[keyFrom] === 116 && bytes[keyFrom + 5] === 116) {
      at = isoTime(bytes, valueFrom, valueTo, zoneless)
    } else if (inEvent && length === 12 && bytes[keyFrom] === 111 && bytes[keyFrom + 4] === 114) {
      person = codeOf(codes.people, text(bytes, valueFrom, valueTo))
    }
  }

  function open(bytes: Buffer, from: number, to: number, selfClosed: boolean) {
    const first = bytes[from]
    const named = to - from === 5 || bytes[from + 5]! <= 32
    if (first === 101 && bytes[from + 1] === 118 && named) {
      inEvent = true
      eventDepth = depth
      activity = none
      person = none
      at = Number.NaN
    } else if (first === 116 && bytes[from + 1] === 114 && named) {
      inTrace = true
      traceDepth = depth
      traces++
      caseCode = none
    } else if (inTrace && depth === (inEvent ? eventDepth : traceDepth) + 1) {
      let i = from
      while (bytes[i]! > 32) i++
      attribute(bytes, i, to)
    }
    if (!selfClosed) depth++
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

  /** Scans whole tags; returns where the first that may be incomplete begins. */
  function scan(bytes: Buffer): number {
    const end = bytes.length
    let i = 0
    for (;;) {
      while (i < end && bytes[i] !== 60) i++
      if (i >= end) return end
      const start = i
      const next = bytes[i + 1]
      if (next === 33 && bytes[i + 2] === 45) {
        const stop = bytes.indexOf('-->', i)
        if (stop < 0) return start
        i = stop + 3
        continue
      }
      let quote = 0
      i++
      // A > may stand in a value.
      for (; i < end; i++) {
        const byte = bytes[i]!
        if (quote !== 0) {
          if (byte === quote) quote = 0
        } else if (byte === 62) break
        else if (byte === 34 || byte === 39) quote = byte
      }
      if (i >= end) return start
      if (next === 47) close(bytes, start + 2)
      else if (next !== 63 && next !== 33) {
        const selfClosed = bytes[i - 1] === 47
        open(bytes, start + 1, selfClosed ? i - 1 : i, selfClosed)
      }
      i++
    }
  }

  return {
    push(chunk: Uint8Array) {
      const bytes =
        carry.length === 0
          ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
          : Buffer.concat([carry, chunk])
      carry = Buffer.from(bytes.subarray(scan(bytes)))
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
