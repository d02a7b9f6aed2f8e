import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Chart } from './embed/chart.ts'

/** What stands in a report now, kept beside the journal so that other dashboards can show it, too. */
export interface ShownComment {
  text: string
  /** As it was suggested; false when a person has reworded it. */
  suggested: boolean
  /** Milliseconds since the epoch. */
  at: number
  chart: Chart | null
}

/** Read and written whole; a surface's private folder has one. */
export function shownComments(folder: string) {
  const path = join(folder, 'shown.json')
  const read = (): Record<string, ShownComment> => {
    try {
      return JSON.parse(readFileSync(path, 'utf8'))
    } catch {
      return {}
    }
  }
  function write(all: Record<string, ShownComment>) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(`${path}.new`, JSON.stringify(all))
    renameSync(`${path}.new`, path)
  }
  return {
    put: (place: string, shown: ShownComment) => write({ ...read(), [place]: shown }),
    drop(place: string) {
      const { [place]: gone, ...rest } = read()
      if (gone) write(rest)
    },
    /** A person reworded what stands there: theirs is shown. */
    reword(place: string, text: string, at: number) {
      const all = read()
      const known = all[place]
      if (known && known.text !== text) write({ ...all, [place]: { ...known, text, suggested: false, at } })
    },
    newest: (): ShownComment | null => Object.values(read()).sort((a, b) => b.at - a.at)[0] ?? null,
  }
}
