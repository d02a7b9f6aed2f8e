import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { Fault } from '../contract/fault.ts'

/** The checkout, or wherever the program is installed. */
export const programFolder = resolve(import.meta.dirname, '../..')

export interface DataOptions {
  data?: string
}

export function withData(command: Command): Command {
  return command.option(
    '--data <folder>',
    'where Inlay keeps what it knows (INLAY_DATA; else .inlay beside the program); DATABASE_URL names a Postgres of your own',
  )
}

export async function dataFolder({ data }: DataOptions): Promise<string> {
  const folder = resolve(data ?? process.env.INLAY_DATA ?? resolve(programFolder, '.inlay'))
  try {
    await mkdir(folder, { recursive: true })
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new Fault(
      'bad-input',
      `The data folder ${folder} cannot be made (${code}); choose another with --data FOLDER.`,
      {
        cause,
      },
    )
  }
  return folder
}
