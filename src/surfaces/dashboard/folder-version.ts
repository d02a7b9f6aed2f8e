import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Fault } from '../../contract/index.ts'
import { digest } from './digest.ts'

/** Changes whenever a file in or below a folder does, but for those that are `owner`'s own in the making. */
export async function folderVersion(folder: string, owner: string): Promise<string> {
  const names = await readdir(folder, { recursive: true }).catch((cause) => {
    throw new Fault('unreachable', `The folder ${folder} cannot be read: put it back, or name another.`, {
      cause,
    })
  })
  const parts: string[] = []
  for (const name of names) {
    if (name.includes(`.inlay-${owner}`)) continue
    const at = await stat(join(folder, name), { bigint: true }).catch(() => null)
    if (at) parts.push(`${name} ${at.ino} ${at.size} ${at.mtimeNs}`)
  }
  return digest(parts.sort().join('\n'))
}
