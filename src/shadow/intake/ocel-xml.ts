import { Fault } from '../../contract/index.ts'
import { type ObjectEvent, objectCentric } from './json-log.ts'
import type { LogBuilder } from './log-builder.ts'
import { unescapeXml } from './xes.ts'

/**
 * OCEL 2.0 as XML: `<object id type>`, and `<event id type time>` with the `<relationship object-id>` in it. What
 * breaks off is read up to there. Throws a Fault where there is no event.
 */
export function readOcelXml(
  path: string,
  document: string,
  builder: LogBuilder,
  zoneless: (wall: number) => number,
): void {
  const types = new Map<string, string>()
  const events: ObjectEvent[] = []
  let event: ObjectEvent | null = null
  const bare = document.replace(/<!--[\s\S]*?-->/g, '')
  for (const [, closing, name, rest = ''] of bare.matchAll(
    /<(\/?)(event|object|relationship)\b((?:[^>"']|"[^"]*"|'[^']*')*)>/g,
  )) {
    if (closing) {
      if (name === 'event') event = null
      continue
    }
    const attribute = (key: string) => {
      const found = new RegExp(`(?:^|\\s)${key}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(rest)
      return unescapeXml(found?.[1] ?? found?.[2] ?? '')
    }
    if (name === 'event') {
      event = { time: attribute('time'), activity: attribute('type'), objects: [] }
      events.push(event)
      if (rest.trimEnd().endsWith('/')) event = null
    } else if (name === 'relationship') event?.objects.push(attribute('object-id'))
    else if (attribute('type') !== '') types.set(attribute('id'), attribute('type'))
    else event?.objects.push(attribute('object-id') || attribute('id'))
  }
  if (events.length === 0)
    throw new Fault('bad-input', `${path} is XML, but neither XES nor OCEL: it has no <event>.`)
  if (!/<\/log>\s*$/.test(bare))
    builder.notices.add(`${path} breaks off before its end; the events up to there were read.`)
  objectCentric(path, events, types, builder, zoneless)
}
