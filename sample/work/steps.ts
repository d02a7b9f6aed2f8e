import { domain } from '../company.ts'
import type { Random } from '../random.ts'

/** One recorded event without its time; `after` is seconds since the one before, typically. */
export interface Step {
  application: string
  event: 'navigate' | 'click' | 'copy' | 'paste' | 'edit' | 'save' | 'scroll'
  element: string
  /** What was handled, as text; only its fingerprint is recorded. Null where there is nothing to tell. */
  value: string | null
  url: string
  after: number
}

export const routineNames = [
  'filing the team mailbox',
  'order from mail to workbook and CRM',
  'judging leads',
  'labelling remarks',
  'weekly figures',
  'writing with an AI tool',
] as const
export type RoutineName = (typeof routineNames)[number]

const mail = `https://mail.${domain}`
const crm = `https://crm.${domain}`
const board = `https://figures.${domain}`
/** An AI tool beside the tools people work in, of the kind that is bought and then not used. */
export const aiTool = 'https://clever-writer.example'

const step = (
  application: string,
  event: Step['event'],
  element: string,
  url: string,
  after: number,
  value: string | null = null,
): Step => ({ application, event, element, value, url, after })

/** One run of a routine, never quite like another. */
export const runs: Record<RoutineName, (rng: Random) => Step[]> = {
  'filing the team mailbox': (rng) => {
    const id = rng.between(1000, 99999)
    const folder = rng.pick(['Orders', 'Delivery', 'Invoices', 'Returns', 'Prices', 'Complaints', 'Products'])
    return [
      step('Mail', 'click', 'message list', `${mail}/orders`, 2),
      step('Mail', 'navigate', 'message', `${mail}/orders/${id}`, 2),
      ...(rng.chance(0.5) ? [step('Mail', 'scroll', 'message body', `${mail}/orders/${id}`, 12)] : []),
      step('Mail', 'click', 'move to', `${mail}/orders/${id}`, rng.chance(0.5) ? 26 : 34),
      step('Mail', 'click', 'folder', `${mail}/orders/${id}`, 6, folder),
    ]
  },
  'order from mail to workbook and CRM': (rng) => {
    const id = rng.between(1000, 99999)
    const row = rng.between(2, 1400)
    const fields: [string, string, string][] = [
      ['order number', 'A', `O-${rng.between(30000, 39999)}`],
      ['product', 'F', `product ${rng.int(24)}`],
      ['quantity', 'I', String(rng.between(1, 500))],
      ['delivery address', 'D', `address ${rng.int(260)}`],
    ]
    const number = `C${rng.between(10000, 12000)}`
    const company = `company ${rng.int(260)}`
    const copied = rng.chance(0.2) ? fields.slice(0, 3) : rng.chance(0.3) ? rng.shuffle(fields) : fields
    return [
      step('Mail', 'navigate', 'message', `${mail}/orders/${id}`, 4),
      ...copied.flatMap(([field, column, value]) => [
        step('Mail', 'copy', field, `${mail}/orders/${id}`, 7, value),
        step('Excel', 'click', `Orders!${column}${row}`, '', 4),
        step('Excel', 'paste', `Orders!${column}${row}`, '', 2, value),
      ]),
      step('Mail', 'copy', 'sender company', `${mail}/orders/${id}`, 6, company),
      step('CRM', 'navigate', 'search', `${crm}/search`, 5),
      step('CRM', 'paste', 'search box', `${crm}/search`, 3, company),
      step('CRM', 'click', 'first result', `${crm}/search`, 5),
      step('CRM', 'copy', 'customer number', `${crm}/customers/${number}`, 6, number),
      step('Excel', 'paste', `Orders!C${row}`, '', 5, number),
      ...(rng.chance(0.8) ? [step('Excel', 'save', 'workbook', '', 4)] : []),
      ...(rng.chance(0.6) ? [step('CRM', 'edit', 'last order', `${crm}/customers/${number}`, 9)] : []),
    ]
  },
  'judging leads': (rng) => {
    const lead = `${crm}/leads/L-${rng.between(10001, 14000)}`
    return [
      step('CRM', 'click', 'lead list', `${crm}/leads`, 3),
      step('CRM', 'navigate', 'lead', lead, 3),
      step('CRM', 'scroll', 'lead', lead, 11),
      ...(rng.chance(0.6)
        ? [
            step('CRM', 'copy', 'company', lead, 5, `company ${rng.int(4000)}`),
            step('Browser', 'navigate', 'company page', `https://company-${rng.int(4000)}.example/`, 7),
            step('Browser', 'scroll', 'company page', `https://company-${rng.int(4000)}.example/`, 14),
          ]
        : []),
      step('CRM', 'click', 'rating', lead, 12),
      step('CRM', 'edit', 'rating', lead, 4, rng.pick(['hot', 'warm', 'cold'])),
      step('CRM', 'save', 'lead', lead, 4),
    ]
  },
  'labelling remarks': (rng) => {
    const row = rng.between(2, 1400)
    return [
      step('Excel', 'click', `Orders!L${row}`, '', 3),
      ...(rng.chance(0.3) ? [step('Excel', 'scroll', 'Orders', '', 4)] : []),
      step('Excel', 'click', `Orders!M${row}`, '', 15),
      step(
        'Excel',
        'edit',
        `Orders!M${row}`,
        '',
        7,
        rng.pick(['late delivery', 'damaged', 'price', 'wrong item']),
      ),
    ]
  },
  'weekly figures': (rng) =>
    ['North', 'South', 'East', 'West', 'total', 'plan'].flatMap((figure, i) => {
      const value = String(rng.between(1000, 99999))
      return [
        step('Figures', 'copy', figure, `${board}/sales/week`, 9, value),
        step('Slides', 'paste', `slide 2, box ${i + 1}`, '', 6, value),
        ...(rng.chance(0.4) ? [step('Slides', 'edit', `slide 2, box ${i + 1}`, '', 8, value)] : []),
      ]
    }),
  'writing with an AI tool': (rng) => {
    const id = rng.between(1000, 99999)
    const question = `question ${id}`
    const draft = `draft ${id}`
    return [
      step('Mail', 'copy', 'message body', `${mail}/orders/${id}`, 8, question),
      step('Browser', 'navigate', 'clever writer', `${aiTool}/new`, 6),
      step('Browser', 'paste', 'prompt', `${aiTool}/new`, 4, question),
      step('Browser', 'click', 'write', `${aiTool}/new`, 5),
      step('Browser', 'copy', 'result', `${aiTool}/new`, 21, draft),
      step('Mail', 'paste', 'answer', `${mail}/compose`, 7, draft),
      ...Array.from({ length: rng.between(2, 6) }, () =>
        step('Mail', 'edit', 'answer', `${mail}/compose`, 19, `edit ${rng.int(1e6)}`),
      ),
      ...(rng.chance(0.6) ? [step('Mail', 'click', 'send', `${mail}/compose`, 6)] : []),
    ]
  },
}

/** Work that belongs to no routine. */
export function otherWork(rng: Random): Step[] {
  const stock = String(rng.int(900))
  const kinds: Step[][] = [
    [
      step('Chat', 'navigate', 'channel', `https://chat.${domain}/team`, 5),
      step('Chat', 'edit', 'message', `https://chat.${domain}/team`, 14, `chat ${rng.int(1e6)}`),
    ],
    [step('Calendar', 'navigate', 'week', `https://calendar.${domain}/week`, 6)],
    [
      step('ERP', 'navigate', 'stock', `https://erp.${domain}/stock/${rng.int(900)}`, 7),
      step('ERP', 'scroll', 'stock', `https://erp.${domain}/stock`, 9),
      step('ERP', 'click', rng.pick(['details', 'history', 'back']), `https://erp.${domain}/stock`, 8),
    ],
    [
      step('Word', 'edit', 'document', '', 25, `text ${rng.int(1e6)}`),
      step('Word', 'edit', 'document', '', 31, `text ${rng.int(1e6)}`),
      step('Word', 'save', 'document', '', 12),
    ],
    [
      step(
        'Browser',
        'navigate',
        'page',
        `https://${rng.pick(['news', 'maps', 'carrier', 'weather'])}.example/`,
        6,
      ),
      step('Browser', 'scroll', 'page', '', 18),
    ],
    [
      step('Mail', 'navigate', 'own inbox', `${mail}/me`, 5),
      step('Mail', 'edit', 'answer', `${mail}/compose`, 40),
    ],
    [
      step('ERP', 'copy', 'stock figure', `https://erp.${domain}/stock`, 8, stock),
      step('Chat', 'paste', 'message', `https://chat.${domain}/team`, 7, stock),
    ],
  ]
  return rng.pick(kinds)
}
