import { join } from 'node:path'
import { z } from 'zod'
import { Fault, healthKeeper, type Surface } from '../../contract/index.ts'
import { connectGoogle } from './google-sheets-calls.ts'
import { openGoogleDocument } from './google-sheets-document.ts'
import { digest } from './row-keys.ts'
import { openPlaces, sharedFields, stableIdentity } from './sheet-surface.ts'

const { key, target, positive, text, label, order } = sharedFields
const place = (about: string) => z.string().min(1).optional().meta({ place: true, description: about })
const secret = (about: string) => z.string().min(1).optional().meta({ secret: true, description: about })

const settings = z
  .strictObject({
    spreadsheet: z.string().min(1).meta({
      place: true,
      description: 'The address of the spreadsheet, as it stands in the browser, or its id',
    }),
    sheet: place('The sheet, by its name; the first one that is shown otherwise'),
    credentials: secret('The key file (JSON) of a service account that the spreadsheet is shared with'),
    clientId: z.string().min(1).optional().describe('In place of credentials: the id of an OAuth client'),
    clientSecret: secret('The secret of the OAuth client'),
    refreshToken: secret('The refresh token that a person gave to the OAuth client'),
    key,
    target,
    positive,
    text,
    label,
    order,
    seconds: z.coerce
      .number()
      .min(0.02)
      .max(60)
      .default(6)
      .describe(
        'Seconds between two looks while people work; slows down to one a minute while nothing happens',
      ),
    url: z.url().optional().describe('Where Google is reached: for a proxy, or a test'),
  })
  .refine(({ text, label }) => (text === undefined) === (label === undefined), {
    message: '"text" and "label" go together.',
  })
  .refine(
    ({ credentials, clientId, clientSecret, refreshToken }) =>
      credentials === undefined
        ? clientId !== undefined && clientSecret !== undefined && refreshToken !== undefined
        : clientId === undefined && clientSecret === undefined && refreshToken === undefined,
    { message: 'Give "credentials", or else "clientId", "clientSecret" and "refreshToken".' },
  )

/** A Google Sheet that people work in: scored, sorted and filled in place, with a quiet mark. */
export const googleSheets: Surface<z.infer<typeof settings>> = {
  name: 'google-sheets',
  about:
    'A Google Sheet that people work in, shared with a service account of yours or opened with your consent.',
  settings,
  hops: 0,
  async open(given, tools) {
    const spreadsheet = spreadsheetId(given.spreadsheet)
    const health = healthKeeper(tools.now, 150_000)
    const api = await connectGoogle(given, health)
    const deeds = [given.target, given.label].filter((column) => column !== undefined)
    const document = await openGoogleDocument({
      api,
      spreadsheet,
      sheet: given.sheet,
      folder: join(tools.folder, digest([given.key ?? null, ...deeds])),
      health,
      seconds: given.seconds,
      identify: (table) => stableIdentity(table, deeds, given.key),
    })
    const opened = await openPlaces(given, document, tools)
    return { ...opened, health: () => health.health }
  },
}

function spreadsheetId(text: string): string {
  const id = /\/d\/([\w-]+)/.exec(text)?.[1] ?? text.trim()
  if (/^[\w-]{10,}$/.test(id)) return id
  throw new Fault(
    'bad-input',
    `"${text}" is no address of a Google Sheet: expected https://docs.google.com/spreadsheets/d/…, or what stands there after /d/.`,
  )
}
