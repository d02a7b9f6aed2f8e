import { join } from 'node:path'
import { z } from 'zod'
import { Fault, healthKeeper, type Surface } from '../../contract/index.ts'
import { calling } from './hubspot-calls.ts'
import { hubspotRecords } from './hubspot-records.ts'
import { listenForWebhooks } from './hubspot-webhooks.ts'
import { recordPlace } from './record-place.ts'

/** What HubSpot itself takes a contact or a deal to have become. */
const usual = {
  contacts: { target: 'lifecyclestage', won: ['customer', 'evangelist'], lost: ['other'] },
  deals: { target: 'dealstage', won: ['closedwon'], lost: ['closedlost'] },
} as const

const values = (about: string) => z.array(z.string().min(1)).min(1).optional().describe(about)

const settings = z
  .strictObject({
    token: z
      .string()
      .min(1)
      .meta({ secret: true, description: 'The access token of a private app (it begins with pat-)' }),
    object: z
      .enum(['contacts', 'deals'])
      .default('contacts')
      .meta({ place: true, description: 'What is to be scored: contacts or deals' }),
    account: z
      .string()
      .min(1)
      .optional()
      .meta({ place: true, description: 'A name for this HubSpot account, where several are connected' }),
    target: z.string().min(1).optional().meta({
      place: true,
      description:
        'The internal name of the property with the outcome; lifecyclestage of contacts, dealstage of deals',
    }),
    won: values('Its values that count as won; customer and evangelist, or closedwon'),
    lost: values(
      'Its values that count as lost; other, or closedlost. With a target of your own: all that are not won',
    ),
    properties: values('Internal names of the properties to learn from; all that say something otherwise'),
    seconds: z.coerce
      .number()
      .min(0.05)
      .max(60)
      .default(30)
      .describe('Seconds between two looks for changes'),
    callsPerSecond: z.coerce.number().min(1).default(9).describe('Calls a second that the account allows'),
    webhookPort: z.coerce
      .number()
      .int()
      .min(0)
      .max(65535)
      .optional()
      .describe(
        'A port for webhooks, where changes are to arrive at once; goes with webhookUrl and webhookSecret',
      ),
    webhookUrl: z
      .url()
      .optional()
      .describe('The public address of that port, exactly as it stands in the app'),
    webhookSecret: z
      .string()
      .min(1)
      .optional()
      .meta({ secret: true, description: 'The client secret of the app that sends the webhooks' }),
    url: z
      .url()
      .default('https://api.hubapi.com')
      .describe('Where HubSpot is reached: for a proxy, or a test'),
  })
  .refine(
    ({ webhookPort, webhookUrl, webhookSecret }) =>
      (webhookPort === undefined) === (webhookUrl === undefined) &&
      (webhookPort === undefined) === (webhookSecret === undefined),
    { message: '"webhookPort", "webhookUrl" and "webhookSecret" go together' },
  )

/** HubSpot's contacts or deals: scored in properties of their own, which views, lists and workflows can use. */
export const hubspot: Surface<z.infer<typeof settings>> = {
  name: 'hubspot',
  about: 'HubSpot contacts or deals: probability, band and reasons in properties of their own.',
  settings,
  hops: 0,
  async open(given, tools) {
    const { token, object, webhookPort, webhookUrl, webhookSecret } = given
    const health = healthKeeper(tools.now, Math.max(60_000, given.seconds * 3000))
    const { Client } = await import('@hubspot/api-client')
    const client = new Client({ accessToken: token, basePath: given.url.replace(/\/$/, '') })
    const target = given.target ?? usual[object].target
    const ownTarget = target !== usual[object].target
    const won = given.won ?? (ownTarget ? null : usual[object].won)
    if (!won) {
      throw new Fault(
        'bad-input',
        `Which values of "${target}" count as won? Say won=VALUE,VALUE with its internal names.`,
      )
    }
    const lost = given.lost ?? (ownTarget ? [] : usual[object].lost)
    const call = calling({ health, callsPerSecond: given.callsPerSecond })
    const medium = await hubspotRecords(
      client,
      {
        object,
        target,
        won: [...won],
        lost: [...lost],
        properties: given.properties,
        seconds: given.seconds,
      },
      call,
    )
    // Settings that were mended must not find the journal of another property.
    const folder = join(tools.folder, `${object} ${target}`.replace(/[^\w ]/g, '_'))
    if (webhookPort !== undefined) {
      const webhook = { port: webhookPort, url: webhookUrl!, secret: webhookSecret! }
      medium.listen = (wake) => listenForWebhooks(webhook, object, tools.now, wake)
    }
    const { place, close } = await recordPlace(medium, health, { ...tools, folder })
    health.read()
    return { record: place, health: () => health.health, close }
  },
}
