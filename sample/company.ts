import type { Random } from './random.ts'

/** Made up, as is everybody in it. `.example` is reserved by RFC 2606 and belongs to nobody. */
export const companyName = 'Halvorsen & Reuter Trading'
export const domain = 'halvorsen-reuter.example'
export const teamMailbox = `orders@${domain}`

export interface Person {
  name: string
  first: string
  last: string
  address: string
  role: string
  team: Team
}
export type Team = 'Orders desk' | 'Sales' | 'Accounts' | 'Warehouse' | 'Purchasing' | 'Office'

const staff: readonly [string, string, Team, string][] = [
  ['Maja', 'Lindner', 'Orders desk', 'team lead'],
  ['Jonas', 'Petersen', 'Orders desk', 'order clerk'],
  ['Ines', 'Okafor', 'Orders desk', 'order clerk'],
  ['Ruben', 'Stahl', 'Orders desk', 'order entry'],
  ['Carla', 'Moreau', 'Orders desk', 'order entry'],
  ['Timo', 'Wendt', 'Sales', 'head of sales'],
  ['Leonie', 'Achterberg', 'Sales', 'inside sales'],
  ['Piotr', 'Zielonka', 'Sales', 'inside sales'],
  ['Hannah', 'Brookes', 'Sales', 'key accounts'],
  ['Sven', 'Halvorsen', 'Sales', 'field sales'],
  ['Beate', 'Krug', 'Accounts', 'accounts receivable'],
  ['Daniel', 'Osei', 'Accounts', 'accounts payable'],
  ['Greta', 'Vollmer', 'Accounts', 'controller'],
  ['Karim', 'Haddad', 'Warehouse', 'warehouse lead'],
  ['Lars', 'Engel', 'Warehouse', 'dispatch'],
  ['Mirko', 'Babic', 'Warehouse', 'dispatch'],
  ['Nadia', 'Sommer', 'Warehouse', 'goods in'],
  ['Oskar', 'Brandt', 'Warehouse', 'returns'],
  ['Paula', 'Reuter', 'Purchasing', 'head of purchasing'],
  ['Quentin', 'Marsh', 'Purchasing', 'buyer'],
  ['Rosa', 'Jimenez', 'Purchasing', 'product data'],
  ['Erik', 'Halvorsen', 'Office', 'managing director'],
  ['Ute', 'Reuter', 'Office', 'managing director'],
  ['Vera', 'Nowak', 'Office', 'office and IT'],
]

export const people: readonly Person[] = staff.map(([first, last, team, role]) => ({
  name: `${first} ${last}`,
  first,
  last,
  address: `${first}.${last}@${domain}`.toLowerCase(),
  role,
  team,
}))

export function personNamed(first: string): Person {
  return people.find((person) => person.first === first)!
}

/** Who works through the team mailbox, who judges leads, who labels the remarks in the order workbook. */
export const mailboxDesk = ['Maja', 'Jonas', 'Ines'].map(personNamed)
export const leadDesk = ['Leonie', 'Piotr'].map(personNamed)
export const orderEntry = ['Ruben'].map(personNamed)

export interface Product {
  code: string
  en: string
  de: string
  unit: string
  price: number
}

const goods: readonly [string, string, string, string, number][] = [
  ['ST-2301', 'stretch film 23 my', 'Stretchfolie 23 my', 'rolls', 6.4],
  ['ST-1705', 'machine stretch film', 'Maschinenstretchfolie', 'rolls', 31.5],
  ['PT-4866', 'packing tape brown', 'Packband braun', 'rolls', 1.15],
  ['PT-4870', 'printed packing tape', 'bedrucktes Packband', 'rolls', 1.85],
  ['BX-3020', 'folding boxes 300x200', 'Faltkartons 300x200', 'pieces', 0.62],
  ['BX-6040', 'double wall boxes 600x400', 'zweiwellige Kartons 600x400', 'pieces', 1.74],
  ['PA-0090', 'paper padding', 'Papierpolster', 'rolls', 24.9],
  ['BW-1010', 'bubble wrap', 'Luftpolsterfolie', 'rolls', 18.2],
  ['LB-1099', 'thermal labels', 'Thermoetiketten', 'rolls', 4.35],
  ['LB-2050', 'hazard labels', 'Gefahrgutetiketten', 'sheets', 2.1],
  ['GL-0455', 'nitrile gloves size L', 'Nitrilhandschuhe Größe L', 'boxes', 7.9],
  ['GL-0470', 'cut resistant gloves', 'Schnittschutzhandschuhe', 'pairs', 5.6],
  ['SH-7711', 'safety shoes S3', 'Sicherheitsschuhe S3', 'pairs', 64],
  ['HV-2200', 'high visibility vests', 'Warnwesten', 'pieces', 3.8],
  ['EP-3310', 'ear plugs', 'Gehörschutzstöpsel', 'boxes', 21],
  ['CL-5005', 'industrial cleaner 5 l', 'Industriereiniger 5 l', 'cans', 17.5],
  ['CL-5512', 'cleaning cloths', 'Putztücher', 'boxes', 12.4],
  ['SR-9001', 'shelf bins blue', 'Sichtlagerkästen blau', 'pieces', 2.95],
  ['SR-9040', 'boltless shelving', 'Steckregale', 'pieces', 119],
  ['PL-1200', 'plastic pallets', 'Kunststoffpaletten', 'pieces', 38],
  ['TR-6600', 'hand pallet truck', 'Handhubwagen', 'pieces', 289],
  ['ST-8800', 'steel strapping', 'Stahlband', 'coils', 42.5],
  ['CB-3636', 'cable ties', 'Kabelbinder', 'bags', 3.2],
  ['KN-1818', 'safety cutters', 'Sicherheitsmesser', 'pieces', 8.75],
]
export const products: readonly Product[] = goods.map(([code, en, de, unit, price]) => ({
  code,
  en,
  de,
  unit,
  price,
}))

export type Language = 'en' | 'de'

export interface Customer {
  company: string
  domain: string
  language: Language
  city: string
  street: string
  postcode: string
  number: string
  contacts: { first: string; last: string; formal: string; address: string }[]
  /** Share of words with a slip of the finger. */
  typos: number
  /** Extra sentences that this customer likes to write: 0 terse to 3 chatty. */
  chatty: number
  signature: 'none' | 'name' | 'full' | 'phone'
  charset: 'utf-8' | 'iso-8859-1' | 'windows-1252'
  format: 'plain' | 'html' | 'both'
}

const firstEn =
  'Emma Oliver Amelia George Isla Harry Ava Noah Mia Jack Grace Leo Freya Arthur Lily Oscar Ivy Thomas Ella William Priya Arjun Aoife Sean Niamh Callum Fatima Yusuf Chloe Ben'.split(
    ' ',
  )
const firstDe =
  'Anna Lukas Sophie Maximilian Lena Felix Laura Moritz Jürgen Petra Käthe Björn Ayşe Mehmet Ulrike Günther Sabine Torsten Heike Matthias Katrin Dirk Jörg Silke Andreas Martina Stefan Renate Malte Wiebke'.split(
    ' ',
  )
const lastEn =
  'Baker Turner Hughes Patel Walsh Murphy Foster Gray Bennett Cooper Ward Shaw Knight Mills Palmer Kaur Doyle Fraser Holt Pearce Lowe Ahmed Byrne Sutton Nolan Whitfield Cross Barker Dunn Ellis'.split(
    ' ',
  )
const lastDe =
  'Müller Schäfer Weiß König Böhm Krüger Jäger Huber Lorenz Franke Albrecht Yılmaz Seidel Kühn Pohl Vogt Sauer Arnold Groß Günter Hübner Busch Winter Thiel Nowotny Ebert Schütz Heß Dörr Kaya'.split(
    ' ',
  )
const cityEn =
  'Norwich Leeds Bristol Cork Swindon Derby Preston Galway Exeter Dundee Ipswich Hull Bath Lincoln'.split(' ')
const cityDe =
  'Lübeck Kassel Münster Fürth Görlitz Emden Gießen Trier Ulm Passau Rostock Bochum Jena Köln'.split(' ')
const wordEn =
  'Harbour Northgate Ashdown Millbrook Redwood Kestrel Oakfield Brightside Castle Riverside Falcon Granite Meadow Beacon Sterling'.split(
    ' ',
  )
const wordDe =
  'Nordlicht Elbtal Sonnenberg Küsten Eichen Adler Hansa Rheingold Alpen Wiesen Falken Stern Granit Linden Mühlen'.split(
    ' ',
  )
const tradeEn = [
  'Logistics Ltd',
  'Foods Ltd',
  'Joinery',
  'Print Works',
  'Motors',
  'Pharma Ltd',
  'Engineering',
  'Garden Centre',
]
const tradeDe = [
  'Logistik GmbH',
  'Lebensmittel AG',
  'Tischlerei',
  'Druck GmbH',
  'Fahrzeugbau',
  'Pharma GmbH',
  'Maschinenbau',
  'Gartenmarkt e.K.',
]
const streetEn = [
  'Mill Lane',
  'Station Road',
  'Dock Street',
  'High Street',
  'Foundry Way',
  'Abbey Road',
  'Canal Street',
]
const streetDe = [
  'Hafenstraße',
  'Am Bahnhof',
  'Industriestraße',
  'Gartenweg',
  'Lange Straße',
  'Mühlenweg',
  'Ringstraße',
]

/** ASCII spelling for addresses: ä → ae, ş → s. */
export function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/ä/g, 'ae')
    .replace(/ö/g, 'oe')
    .replace(/ü/g, 'ue')
    .replace(/ß/g, 'ss')
    .replace(/ı/g, 'i')
    .normalize('NFD')
    .replace(/[^a-z0-9]/g, '')
}

export function contact(rng: Random, language: Language): { first: string; last: string; formal: string } {
  const first = rng.pick(language === 'en' ? firstEn : firstDe)
  const last = rng.pick(language === 'en' ? lastEn : lastDe)
  return { first, last, formal: `${first} ${last}` }
}

/** The customers, the same for the same source. Every one has another domain. */
export function makeCustomers(rng: Random, many: number): Customer[] {
  const taken = new Set<string>()
  const customers: Customer[] = []
  while (customers.length < many) {
    const language: Language = rng.chance(0.57) ? 'en' : 'de'
    const english = language === 'en'
    const company = english
      ? `${rng.pick(wordEn)} ${rng.pick(tradeEn)}`
      : `${rng.pick(wordDe)} ${rng.pick(tradeDe)}`
    const city = rng.pick(english ? cityEn : cityDe)
    const own = `${plain(company.split(' ').slice(0, 2).join(''))}-${plain(city)}.example`
    if (taken.has(own)) continue
    taken.add(own)
    const charset = rng.weighted([
      ['utf-8', 75],
      ['iso-8859-1', 13],
      ['windows-1252', 12],
    ] as const)
    customers.push({
      company: rng.chance(0.5) ? company : `${company} ${city}`,
      domain: own,
      language,
      city,
      street: `${english ? `${rng.between(1, 190)} ` : ''}${rng.pick(english ? streetEn : streetDe)}${english ? '' : ` ${rng.between(1, 190)}`}`,
      postcode: english
        ? `${city.slice(0, 2).toUpperCase()}${rng.between(1, 20)} ${rng.between(1, 9)}${rng.pick(['AB', 'QT', 'LN', 'XD'])}`
        : String(rng.between(10115, 99998)),
      number: `C${10000 + customers.length * 7 + rng.int(7)}`,
      contacts: Array.from({ length: rng.between(1, 3) }, () => {
        const who = contact(rng, language)
        const local = rng.pick([
          `${plain(who.first)}.${plain(who.last)}`,
          `${plain(who.first)[0]}${plain(who.last)}`,
          plain(who.last),
        ])
        return { ...who, address: `${local}@${own}` }
      }),
      typos: rng.weighted([
        [0, 45],
        [0.006, 30],
        [0.02, 18],
        [0.06, 7],
      ] as const),
      chatty: rng.int(4),
      signature: rng.weighted([
        ['none', 20],
        ['name', 30],
        ['full', 40],
        ['phone', 10],
      ] as const),
      charset,
      format: rng.weighted([
        ['plain', 55],
        ['both', 32],
        ['html', 13],
      ] as const),
    })
  }
  return customers
}
