import type { Surface } from '../contract/index.ts'
import { slack } from './chat/slack.ts'
import { hubspot } from './crm/hubspot.ts'
import { sql } from './crm/sql.ts'
import { file } from './dashboard/file.ts'
import { grafana } from './dashboard/grafana.ts'
import { workbook } from './dashboard/workbook.ts'
import { gmail } from './inbox/gmail.ts'
import { imap } from './inbox/imap.ts'
import { maildir } from './inbox/maildir.ts'
import { mbox } from './inbox/mbox.ts'
import { csv } from './sheet/csv.ts'
import { googleSheets } from './sheet/google-sheets.ts'
import { xlsx } from './sheet/xlsx.ts'

/** Every surface there is, by its name. A new one is a file, a test, and a line here. */
export const surfaces: Record<string, Surface> = {
  maildir,
  mbox,
  imap,
  gmail,
  csv,
  xlsx,
  'google-sheets': googleSheets,
  file,
  workbook,
  grafana,
  slack,
  hubspot,
  sql,
}
