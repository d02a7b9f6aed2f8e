import { day } from '../calendar.ts'
import { type Customer, type Language, type Product, plain, products } from '../company.ts'
import { mistype, say } from '../letters/phrases.ts'
import type { Random } from '../random.ts'
import { type SheetCell, type SheetPlan, writeWorkbook } from './xlsx.ts'

export const orderColumns = [
  'order',
  'date',
  'customer',
  'address',
  'postcode',
  'product',
  'product code',
  'code',
  'quantity',
  'unit price',
  'total',
  'remark',
  'reason',
] as const
/** Columns (0-based) shown as money. */
export const orderMoney = [9, 10] as const

/** Why an order needed a hand, and how people note it. */
const remarks: Record<string, Record<Language, string[]>> = {
  'late delivery': {
    en: [
      'arrived {two days|a week|far too} late{, line stood still|}',
      '{customer asks where it is|still not there}, promised {<weekday>|last week}',
      '{carrier|truck} delayed, {new date <weekday>|customer informed}',
    ],
    de: [
      '{zwei Tage|eine Woche|viel} zu spät gekommen',
      'Kunde fragt, wo es bleibt, {zugesagt war <weekday>|fehlt noch}',
      '{Spediteur|LKW} verspätet, {neuer Termin <weekday>|Kunde informiert}',
    ],
  },
  damaged: {
    en: [
      '{carton|pallet} {crushed|wet|torn} on arrival{, photos sent|}',
      '<qty> {pieces|rolls} broken, {wants replacement|replacement sent}',
      '{scratched|dented|leaking}, driver noted it',
    ],
    de: [
      '{Karton|Palette} {zerdrückt|nass|aufgerissen} angekommen',
      '<qty> Stück kaputt, {Ersatz gewünscht|Ersatz geschickt}',
      '{verkratzt|verbeult|ausgelaufen}, vom Fahrer vermerkt',
    ],
  },
  'wrong item': {
    en: [
      'got <other> instead of <product>',
      '{wrong size|wrong colour|other article} {in the box|delivered}, swap',
      'picked wrong shelf, {customer keeps it|goes back}',
    ],
    de: [
      '<other> statt <product> geliefert',
      '{falsche Größe|falsche Farbe|anderer Artikel} {im Karton|geliefert}, tauschen',
      'falsch gegriffen im Lager, {Kunde behält|geht zurück}',
    ],
  },
  'wrong quantity': {
    en: [
      'only <qty> of <qty2> {in the parcel|came}{, rest follows|}',
      '{too few|too many}, counted <qty>',
      'short by <qty>, {send the rest|credit}',
    ],
    de: [
      'nur <qty> von <qty2> {im Paket|gekommen}{, Rest folgt|}',
      '{zu wenig|zu viel}, gezählt <qty>',
      '<qty> fehlen, {Rest schicken|Gutschrift}',
    ],
  },
  price: {
    en: [
      'price not as {in the quote|agreed}, should be <price>',
      '{discount forgotten|old price list used}{, correct|}',
      'customer says <price> was offered by sales',
    ],
    de: [
      'Preis nicht wie {im Angebot|vereinbart}, richtig <price>',
      '{Rabatt vergessen|alte Preisliste}{, korrigieren|}',
      'laut Kunde vom Vertrieb <price> angeboten',
    ],
  },
  address: {
    en: [
      '{ship to other site|new ship-to address}, {gate 2|<city>}',
      'moved{, old street on the label|}, {came back|redirected}',
      'recipient unknown at this {street|address}',
    ],
    de: [
      '{an anderen Standort|neue Lieferadresse}, {Tor 2|<city>}',
      'umgezogen{, alte Straße auf dem Etikett|}, {kam zurück|umgeleitet}',
      'Empfänger unter {Straße|Anschrift} unbekannt',
    ],
  },
  cancelled: {
    en: [
      '{cancelled|called off} by phone{, project stopped|}',
      'double order, delete {one|this}',
      'customer {no longer needs it|bought elsewhere}',
    ],
    de: [
      '{storniert|abgesagt} per Telefon{, Projekt gestoppt|}',
      'doppelt bestellt, {eine|diese} löschen',
      'Kunde {braucht es nicht mehr|hat woanders gekauft}',
    ],
  },
}
export const reasons = Object.keys(remarks)

/** One order of the workbook, with the reason that is right for its remark; null where there is no remark. */
export interface Order {
  cells: SheetCell[]
  key: string
  reason: string | null
}

export function makeOrder(
  rng: Random,
  number: number,
  at: number,
  customers: readonly Customer[],
): { order: string; customer: Customer; product: Product; code: string; at: number; quantity: number } {
  const product = rng.pick(products)
  const customer = rng.pick(customers)
  const [group, digits] = product.code.split('-') as [string, string]
  const code = rng.pick([
    `${group.toLowerCase()}${digits}`,
    `${group} ${digits}`,
    `${group}/${digits}`,
    `${group.toLowerCase()}-${digits}`,
    `${group}.${digits}`,
  ])
  const quantity = rng.pick([1, 2, 4, 5, 6, 10, 12, 20, 24, 25, 40, 48, 50, 60, 100, 120, 200])
  return { order: `O-${number}`, customer, product, code, at, quantity }
}

export function makeRemark(
  rng: Random,
  customer: Customer,
  product: Product,
): { text: string; reason: string } {
  const reason = rng.weighted([
    ['late delivery', 22],
    ['damaged', 17],
    ['wrong item', 14],
    ['wrong quantity', 15],
    ['price', 13],
    ['address', 11],
    ['cancelled', 8],
  ] as const)
  const language: Language = rng.chance(0.6) ? 'en' : 'de'
  const other = rng.pick(products.filter((one) => one !== product))
  const values = {
    weekday: rng.pick(
      language === 'en' ? ['Monday', 'Tuesday', 'Friday'] : ['Montag', 'Mittwoch', 'Freitag'],
    ),
    qty: String(rng.between(1, 40)),
    qty2: String(rng.between(41, 120)),
    price: (product.price * 0.9).toFixed(2),
    product: product[language],
    other: other[language],
    city: customer.city,
  }
  const opening = rng.chance(0.25)
    ? `${rng.pick(language === 'en' ? ['phone:', 'customer called,', 'see mail,', `${customer.contacts[0]!.first} says`] : ['Tel.:', 'Kunde rief an,', 'siehe Mail,', `${customer.contacts[0]!.first} sagt`])} `
    : ''
  const text = opening + say(rng.pick(remarks[reason]![language]), rng, values)
  return { text: mistype(text, rng, 0.02), reason }
}

/** The cells of a row. `begun` says whether the columns begun by hand are filled in it. */
export function orderCells(
  { order, customer, product, code, at, quantity }: ReturnType<typeof makeOrder>,
  row: number,
  begun: boolean,
  remark: string | null,
  reason: string | null,
): SheetCell[] {
  return [
    order,
    { serial: Math.floor(at / day) + 25569 },
    customer.company,
    `${customer.street}, ${customer.postcode} ${customer.city}`,
    begun ? customer.postcode : null,
    customer.language === 'en' ? product.en : product.de,
    code,
    begun ? product.code : null,
    quantity,
    product.price,
    { formula: `I${row}*J${row}`, value: Math.round(quantity * product.price * 100) / 100 },
    remark,
    reason,
  ]
}

const many = 1200
/** Orders from this row on have no reason yet. */
const labelled = 1060

/** The order workbook of about three months before `now`, and the right answers of everything that is empty in it. */
export function orderWorkbook(
  rng: Random,
  now: number,
  customers: readonly Customer[],
): { bytes: Uint8Array; truth: Record<string, unknown>; orders: Order[] } {
  const span = 91 * day
  const orders: Order[] = []
  const postcodes: string[] = []
  const codes: string[] = []
  for (let i = 0; i < many; i++) {
    const at = now - span + Math.floor((span * i) / many)
    const made = makeOrder(rng, 30001 + i, at, customers)
    const remark = rng.chance(0.92) ? makeRemark(rng, made.customer, made.product) : null
    const slip = remark && rng.chance(0.03) ? rng.pick(reasons) : remark?.reason
    const known = i < labelled && rng.chance(0.97)
    const begun = i < 9
    postcodes.push(made.customer.postcode)
    codes.push(made.product.code)
    orders.push({
      key: made.order,
      reason: remark?.reason ?? null,
      cells: orderCells(made, i + 2, begun, remark?.text ?? null, known ? (slip ?? null) : null),
    })
  }

  const contacts = rng
    .shuffle(customers.flatMap((customer) => customer.contacts.map((one) => ({ ...one, customer }))))
    .slice(0, 320)
  const contactRows = contacts.map(({ first, last, address, customer }, i) => {
    const begun = i < 7
    return [
      first,
      last,
      begun ? `${first} ${last}` : null,
      begun ? `${first[0]}${last[0]}` : null,
      address,
      begun ? address.split('@')[1]! : null,
      customer.company,
      `+${customer.language === 'en' ? '44 1632' : '49 30'} ${plain(customer.number).slice(-4)}${100 + (i % 899)}`,
    ]
  })
  const total = (contactRows.length + 1).toString()
  const sheets: SheetPlan[] = [
    {
      name: 'Orders',
      header: orderColumns,
      widths: [10, 11, 28, 40, 10, 26, 13, 10, 9, 10, 11, 48, 15],
      rows: orders.map(({ cells }) => cells),
      money: orderMoney,
    },
    {
      name: 'Contacts',
      header: ['first name', 'last name', 'full name', 'initials', 'e-mail', 'domain', 'company', 'phone'],
      widths: [14, 16, 24, 9, 40, 30, 28, 18],
      rows: contactRows,
    },
  ]
  return {
    bytes: writeWorkbook(sheets),
    orders,
    truth: {
      Orders: {
        postcode: postcodes,
        code: codes,
        reason: Object.fromEntries(orders.map(({ key, reason }) => [key, reason])),
      },
      Contacts: {
        'full name': contacts.map(({ first, last }) => `${first} ${last}`),
        initials: contacts.map(({ first, last }) => `${first[0]}${last[0]}`),
        domain: contacts.map(({ address }) => address.split('@')[1]),
      },
      note: `Values by row, from row 2 on; Contacts ends at row ${total}.`,
    },
  }
}
