/**
 * Progress on stderr: a bar that redraws itself on a terminal, else a line at each quarter, so that a log stays short.
 */
export function progressLine(): {
  show(what: string, share: number | null, count?: number): void
  clear(): void
} {
  const terminal = process.stderr.isTTY
  const told = new Map<string, number>()
  let drawn = false
  return {
    show(what, share, count = 0) {
      if (terminal) {
        process.stderr.write(`\r\x1b[K${bar(what, share, count)}`)
        drawn = true
        return
      }
      const quarter = share === null ? 0 : Math.floor(Math.min(1, share) * 4)
      if ((told.get(what) ?? -1) >= quarter) return
      told.set(what, quarter)
      if (quarter) process.stderr.write(`${what}: ${quarter * 25} %\n`)
    },
    clear() {
      if (drawn) process.stderr.write('\r\x1b[K')
      drawn = false
    },
  }
}

/** `learning  ████████░░░░ 62 %`, or a count where the whole is not known. */
export function bar(what: string, share: number | null, count = 0, width = 24): string {
  if (share === null) return `${what}  ${count.toLocaleString()} …`
  const full = Math.round(Math.min(1, Math.max(0, share)) * width)
  return `${what}  ${'█'.repeat(full)}${'░'.repeat(width - full)} ${Math.round(share * 100)} %`
}
