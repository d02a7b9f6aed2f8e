import { open } from 'node:fs/promises'

/**
 * Reads a file of JSON lines that others append to: each call of what it gives takes what was written since the last
 * one. A line that is still being written is read next time; one that a crash cut short is passed over, so whoever
 * writes begins a new line first.
 */
export function growingLines<Line>(path: string, take: (line: Line) => void): () => Promise<void> {
  let bytesRead = 0
  let reading = Promise.resolve()

  async function readOn() {
    const file = await open(path).catch(() => null)
    if (!file) return
    try {
      const { size } = await file.stat()
      if (size <= bytesRead) return
      const fresh = Buffer.alloc(size - bytesRead)
      await file.read(fresh, 0, fresh.length, bytesRead)
      const whole = fresh.lastIndexOf(10) + 1
      for (const text of fresh.toString('utf8', 0, whole).split('\n')) {
        const line = parseLine<Line>(text)
        if (line) take(line)
      }
      bytesRead += whole
    } finally {
      await file.close()
    }
  }
  return async () => {
    // One after another: what is taken last counts.
    reading = reading.then(readOn, readOn)
    await reading
  }
}

/** A line of JSON, or null for an empty line or one that a crash cut short. */
export function parseLine<T>(line: string): T | null {
  if (line === '') return null
  try {
    return JSON.parse(line) as T
  } catch {
    return null
  }
}
