import { statSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'

/**
 * Runs without V8's last optimising compiler where the files are together no larger than `limit` bytes: in a tenth of a second it
 * would cost as much CPU on the other core. It is switched on again, as compiled code is only kept for runs with the same flags.
 */
export async function shortRun<T>(
  paths: readonly string[],
  limit: number,
  run: () => Promise<T>,
): Promise<T> {
  const sizes = paths.map((path) => {
    const found = statSync(path, { throwIfNoEntry: false })
    return found === undefined ? 0 : found.isFile() ? found.size : Number.POSITIVE_INFINITY
  })
  if (sizes.reduce((sum, each) => sum + each, 0) > limit) return run()
  setFlagsFromString('--no-turbofan')
  try {
    return await run()
  } finally {
    setFlagsFromString('--turbofan')
  }
}
