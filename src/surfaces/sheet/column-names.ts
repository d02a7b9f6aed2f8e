/**
 * Names that are told apart: an empty one becomes `column 3`, a repeated one `name (2)`, each with a notice that
 * begins with `place`. `numbers` (from 1) are the columns' positions in the file.
 */
export function nameColumns(raw: string[], numbers: number[], place: string) {
  const notices: string[] = []
  const given = new Set(raw.map((name) => name.trim()))
  const used = new Set<string>()
  const columns = raw.map((name, index) => {
    const wanted = name.trim() || `column ${numbers[index]}`
    let unique = wanted
    for (let n = 2; used.has(unique) || (unique !== wanted && given.has(unique)); n++)
      unique = `${wanted} (${n})`
    used.add(unique)
    if (name.trim() === '') {
      notices.push(`${place}: column ${numbers[index]} has no name; it is called "${unique}" here.`)
    } else if (unique !== wanted) {
      notices.push(
        `${place}: the column name "${wanted}" appears again; this one is called "${unique}" here.`,
      )
    }
    return unique
  })
  return { columns, notices }
}

/** Columns that Inlay writes begin with this; they are never read as if a person had written them. */
export const ownPrefix = 'Inlay: '

export function isOwnColumn(name: string): boolean {
  return name.startsWith(ownPrefix)
}
