/** What a command takes, as Commander writes it: `metric: ['<column>', 'the column of numbers']`; a null is a switch. */
export type LineOptions = Record<string, readonly [value: string | null, about: string]>

/** One argument with its options, by name; a switch is true. */
export interface PlainLine {
  argument: string
  options: Record<string, string | true>
}

/**
 * Reads a line that holds one argument and `--name value` or `--switch`, each once at most; null for any other, which is for
 * Commander to read or refuse. In a run of a tenth of a second, Commander would be a tenth of it.
 */
export function readPlainLine(args: readonly string[], known: LineOptions): PlainLine | null {
  const options: PlainLine['options'] = Object.create(null)
  let argument: string | null = null
  for (let i = 0; i < args.length; i++) {
    const each = args[i]!
    if (!each.startsWith('-')) {
      if (argument !== null) return null
      argument = each
      continue
    }
    const name = each.slice(2)
    if (!each.startsWith('--') || !Object.hasOwn(known, name) || name in options) return null
    if (known[name]![0] === null) options[name] = true
    else {
      const value = args[++i]
      if (value === undefined || value.startsWith('-')) return null
      options[name] = value
    }
  }
  return argument === null ? null : { argument, options }
}
