import {
  type Item,
  type Kind,
  memoryVault,
  type Place,
  type Suggestion,
  type Surface,
} from '../src/contract/index.ts'

/**
 * Places a suggestion on each item, one after another, in a process of its own, to be killed: `place-child.ts JSON`.
 * `surfaceAt` is the path of a surface's file and the name of its export (`inbox/imap.ts#imap`).
 */
const { surfaceAt, settings, folder, items, suggestion } = JSON.parse(process.argv[2]!) as {
  surfaceAt: string
  settings: unknown
  folder: string
  items: Item<Kind>[]
  suggestion: Suggestion<Kind>
}
const [file, name] = surfaceAt.split('#')
const surface: Surface = (await import(`../src/surfaces/${file}`))[name!]
const opened = await surface.open(surface.settings.parse(settings), {
  now: Date.now,
  pseudonym: (raw) => `someone-${raw}`,
  folder,
  vault: memoryVault(),
})
const place = opened[suggestion.kind] as Place
for (const item of items) await place.place(item, suggestion, `key ${item.key}`)
await opened.close()
