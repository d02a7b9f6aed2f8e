import { Fault } from '../../src/contract/index.ts'
import type { Person } from '../company.ts'
import { companyMail, readMade, type SampleCompany } from '../make.ts'
import type { StaffClock } from './lane.ts'
import { leadDesk } from './lead-desk.ts'
import { mailDesk } from './mail-desk.ts'
import { workbookDesk } from './workbook-desk.ts'

export type { StaffClock } from './lane.ts'

/** Something that a customer or one of the staff did. */
export interface StaffEvent {
  type:
    | 'delivered'
    | 'read'
    | 'filed'
    | 'left alone'
    | 'refiled'
    | 'answered'
    | 'removed'
    | 'lead came'
    | 'outcome'
    | 'order came'
    | 'reason'
  /** Message-ID, lead id or order number. */
  item: string
  person: Person | null
  /** Folder, outcome or reason; for `read` the suggestion that was seen, for `delivered` where it belongs in truth. */
  detail: string | null
  /** Whether Inlay's suggestion was used. */
  helped?: boolean
  /** Simulated milliseconds since the epoch. */
  at: number
}

export interface StaffOptions {
  seed: number
  clock: StaffClock
  /** Stops them: what is under way is finished, which takes well under a second. */
  signal: AbortSignal
  onEvent?: (event: StaffEvent) => void
  /** Who works: all unless said. */
  desks?: readonly DeskName[]
}
export type DeskName = 'mail' | 'leads' | 'workbook'

/** What every desk is given. */
export interface Desk {
  folder: string
  seed: string
  clock: StaffClock
  signal: AbortSignal
  tell(event: Omit<StaffEvent, 'at'>): void
}

/**
 * Lets customers and staff of the made-up company work on its files, as other programs would: mail comes in, is read,
 * filed and answered, leads and orders come in and are decided. Suggestions of Inlay are seen where they are placed
 * (keyword on the mail, `Inlay: …` column in the table) and used, overruled, ignored or removed. Goes on where an
 * earlier run stopped. Resolves when `signal` aborts; throws a Fault of kind `bad-input` when the company is not there.
 */
export async function startStaff(
  company: Pick<SampleCompany, 'folder'>,
  { seed, clock, signal, onEvent, desks = ['mail', 'leads', 'workbook'] }: StaffOptions,
): Promise<void> {
  const { folder } = company
  const made = await readMade(folder)
  if (!made) {
    throw new Fault('bad-input', `There is no finished sample company in "${folder}": make it first.`)
  }
  const { customers, write } = companyMail(made.seed)
  const stop = new AbortController()
  const both = AbortSignal.any([signal, stop.signal])
  const desk: Desk = {
    folder,
    seed: String(seed),
    clock,
    signal: both,
    tell: (event) => onEvent?.({ ...event, at: clock.now() }),
  }
  const open = {
    mail: () => mailDesk(desk, write),
    leads: () => leadDesk(desk),
    workbook: () => workbookDesk(desk, customers),
  }
  const lanes = desks.map((name) => open[name]())
  try {
    await Promise.all(lanes.map((lane) => lane.run()))
  } finally {
    // One desk that fails takes the others along, so that nothing goes on unseen.
    stop.abort()
  }
}
