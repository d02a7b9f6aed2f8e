import { longestPauseMs } from './active-time.ts'
import { type EventLog, isEventLog } from './event-log.ts'
import type { ShadowReport } from './shadow.ts'
import { symbolsOf } from './symbols.ts'

type RoutineReport = ShadowReport['routines'][number]

/** What is drawn of a routine: its steps in order with the minutes that go into each, and what follows what how often. */
interface Shape {
  routine: RoutineReport
  /** Minutes over all runs; of steps that few runs have, together, in `rest`. */
  minutes: number[]
  rest: number
  /** `from × steps + to` → times. */
  arcs: Map<number, number>
}

/** A picture (SVG) of each routine: steps from top to bottom, loops at the left, where the time goes at the right. */
export function picturesOf(log: EventLog, report: ShadowReport): { id: string; svg: string }[] {
  const position = new Map<number, number>()
  for (let i = 0; i < log.length; i++) position.set(log.index[i]!, i)
  const symbols = isEventLog(log) ? null : symbolsOf(log)
  return report.routines.map((routine) => {
    const nameOf = (i: number) => symbols?.names[symbols.of[i]!] ?? log.actions.names[log.action[i]!]!
    const shape = symbols
      ? shapeOf(routine, log, (index) => position.get(index)!, nameOf)
      : shapeOfCases(routine)
    return { id: routine.id, svg: draw(shape) }
  })
}

function shapeOf(
  routine: RoutineReport,
  log: EventLog,
  at: (index: number) => number,
  nameOf: (i: number) => string,
): Shape {
  const place = new Map<string, number>()
  for (const [k, step] of routine.steps.entries()) if (!place.has(step)) place.set(step, k)
  const shape: Shape = { routine, minutes: routine.steps.map(() => 0), rest: 0, arcs: new Map() }
  for (const { events } of routine.runs) {
    let before = -1
    for (const [k, index] of events.entries()) {
      const i = at(index)
      const took =
        k === 0 ? 0 : Math.min(longestPauseMs, Math.max(0, log.at[i]! - log.at[at(events[k - 1]!)]!)) / 60_000
      const step = place.get(nameOf(i))
      if (step === undefined) {
        shape.rest += took
        continue
      }
      shape.minutes[step]! += took
      const arc = before * routine.steps.length + step
      if (before !== -1) shape.arcs.set(arc, (shape.arcs.get(arc) ?? 0) + 1)
      before = step
    }
  }
  return shape
}

/** Of an event log only the ends of steps are known: all the time goes into, or before, the last. */
function shapeOfCases(routine: RoutineReport): Shape {
  const { length } = routine.steps
  const times = routine.runs.length
  const arcs = new Map(
    Array.from({ length: length - 1 }, (_, k): [number, number] => [k * length + k + 1, times]),
  )
  if (routine.kind === 'rework') arcs.set((length - 1) * length, times)
  const minutes = routine.steps.map((_, k) => (k === length - 1 ? routine.minutesPerRun * times : 0))
  return { routine, minutes, rest: 0, arcs }
}

const mostSteps = 24
/** Loops that fewer runs take than this share are left out: what is seldom makes a picture unreadable. */
const seldom = 0.08
const size = { width: 860, left: 170, box: 400, row: 46, height: 32, top: 92, bar: 200 }
const ink = {
  text: '#1b1f24',
  faint: '#57606a',
  line: '#57606a',
  box: '#eef2f7',
  edge: '#57606a',
  time: '#1f5f8b',
  loop: '#9a3412',
}

function draw({ routine, minutes, rest, arcs }: Shape): string {
  const { id, kind, steps, runs, minutesPerRun, hoursPerWeek } = routine
  const shown = Math.min(steps.length, mostSteps)
  const all = minutes.reduce((sum, each) => sum + each, rest) || 1
  const later = minutes.slice(shown).reduce((sum, each) => sum + each, rest)
  const more = steps.length > shown || rest / all >= 0.005
  const height = size.top + (shown + (more ? 1 : 0)) * size.row + 24
  const middle = (k: number) => size.top + k * size.row + size.height / 2
  const most = Math.max(...minutes, later, 1e-9)
  const times = (a: number, b: number) => arcs.get(a * steps.length + b) ?? 0
  const often = Math.max(1, runs.length)

  const rows = steps.slice(0, shown).map((step, k) => {
    const y = size.top + k * size.row
    const next = k + 1 < shown ? times(k, k + 1) : 0
    return [
      `<g><title>${escapeXml(step)}: ${percent(minutes[k]! / all)} of the time</title>`,
      `<rect x="${size.left}" y="${y}" width="${size.box}" height="${size.height}" rx="5" fill="${ink.box}" stroke="${ink.edge}"/>`,
      `<text x="${size.left + 12}" y="${y + 21}">${escapeXml(short(step, 52))}</text>`,
      bar(y, minutes[k]!, most, all),
      '</g>',
      next > 0
        ? `<line x1="${size.left + 30}" y1="${y + size.height}" x2="${size.left + 30}" y2="${y + size.row - 3}" stroke="${ink.line}" stroke-width="${width(next / often)}" marker-end="url(#${id}-a)"/>`
        : '',
    ].join('')
  })
  if (more) {
    const y = size.top + shown * size.row
    rows.push(
      `<g><text x="${size.left + 12}" y="${y + 21}" fill="${ink.faint}">${steps.length > shown ? `${steps.length - shown} more steps, and others` : 'other steps'}</text>${bar(y, later, most, all)}</g>`,
    )
  }

  const loops: { from: number; to: number; n: number }[] = []
  for (const [key, n] of arcs) {
    const [from, to] = [Math.floor(key / steps.length), key % steps.length]
    if (to <= from && from < shown && n >= seldom * often) loops.push({ from, to, n })
  }
  loops.sort((a, b) => a.from - a.to - (b.from - b.to) || a.from - b.from)
  const curves = loops.slice(0, 8).map(({ from, to, n }, k) => {
    const reach = size.left - 34 - 15 * k
    const [y1, y2] = from === to ? [middle(from) + 8, middle(to) - 8] : [middle(from), middle(to)]
    return [
      `<g><title>${escapeXml(from === to ? `${steps[from]} again` : `from ${steps[from]} back to ${steps[to]}`)}, ${n} times</title>`,
      `<path d="M${size.left} ${y1} C${reach} ${y1} ${reach} ${y2} ${size.left - 2} ${y2}" fill="none" stroke="${ink.loop}" stroke-width="${width(n / often)}" marker-end="url(#${id}-b)"/>`,
      `<text x="${reach + 6}" y="${(y1 + y2) / 2 + 4}" text-anchor="end" fill="${ink.loop}" font-size="12">${n}×</text></g>`,
    ].join('')
  })

  const title = `${id}: ${kind}, ${runs.length} runs`
  const told = `${round(minutesPerRun)} minutes each, ${round(hoursPerWeek)} hours a week in all`
  const worst = minutes.indexOf(Math.max(...minutes))
  const spoken = [
    `${title}. ${told}.`,
    `Steps: ${steps
      .slice(0, shown)
      .map((step, k) => `${k + 1}. ${step} (${percent(minutes[k]! / all)} of the time)`)
      .join('; ')}.`,
    worst >= 0 && minutes[worst]! > 0 ? `Most time goes into "${steps[worst]}".` : '',
    ...loops
      .slice(0, 8)
      .map(({ from, to, n }) =>
        from === to
          ? `"${steps[from]}" is done again ${n} times.`
          : `From "${steps[from]}" back to "${steps[to]}" ${n} times.`,
      ),
  ]
  const arrow = (name: string, colour: string) =>
    `<marker id="${id}-${name}" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="7" markerHeight="7" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0 8 4 0 8z" fill="${colour}"/></marker>`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${height}" width="${size.width}" height="${height}" role="img" aria-labelledby="${id}-title ${id}-desc" font-family="system-ui, sans-serif" font-size="14" fill="${ink.text}">`,
    `<title id="${id}-title">${escapeXml(title)}</title>`,
    `<desc id="${id}-desc">${escapeXml(spoken.filter((each) => each !== '').join(' '))}</desc>`,
    `<defs>${arrow('a', ink.line)}${arrow('b', ink.loop)}</defs>`,
    `<rect width="${size.width}" height="${height}" fill="#fff"/>`,
    `<text x="24" y="34" font-size="18" font-weight="600">${escapeXml(title)}</text>`,
    `<text x="24" y="56" fill="${ink.faint}">${escapeXml(told)}</text>`,
    `<text x="${size.left + size.box + 24}" y="${size.top - 12}" fill="${ink.faint}" font-size="12">share of the time</text>`,
    loops.length > 0
      ? `<text x="24" y="${size.top - 12}" fill="${ink.loop}" font-size="12">done again</text>`
      : '',
    ...rows,
    ...curves,
    '</svg>\n',
  ].join('\n')
}

function bar(y: number, minutes: number, most: number, all: number): string {
  const x = size.left + size.box + 24
  const long = Math.max(minutes > 0 ? 2 : 0, (size.bar - 50) * (minutes / most))
  return `<rect x="${x}" y="${y + 8}" width="${long.toFixed(1)}" height="16" fill="${ink.time}"/><text x="${(x + long + 8).toFixed(1)}" y="${y + 21}" font-size="12">${percent(minutes / all)}</text>`
}

const width = (share: number) => (1 + 3 * Math.min(1, share)).toFixed(1)
const percent = (share: number) => `${Math.round(share * 100)} %`
const round = (value: number) => (value >= 10 ? Math.round(value) : Math.round(value * 10) / 10)
const short = (text: string, most: number) => {
  const line = text.replace(/\s+/g, ' ')
  return line.length <= most ? line : `${line.slice(0, most - 1)}…`
}
/** Text in XML; characters that XML 1.0 does not have are left out. */
const escapeXml = (text: string) =>
  text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
