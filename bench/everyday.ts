import type { Shown } from '../src/learn/programs/types.ts'

/** A column as people fill it in everyday spreadsheet work: made-up rows, and what somebody would type beside them. */
export interface EverydayTask {
  id: string
  rows: Shown[]
}

const names = [
  'Maria Gonzalez',
  'john smith',
  'Anna-Lena Fischer',
  'Dr. Peter Novak',
  'Chen Wei',
  'Fatima al-Sayed',
  "Siobhan O'Connor",
  'Jean Luc Moreau',
  'Ingrid van der Berg',
  'Tom Baker Jr.',
]
const plainNames = [
  'Maria Gonzalez',
  'John Smith',
  'Lena Fischer',
  'Peter Novak',
  'Chen Wei',
  'Fatima Sayed',
  'Siobhan Connor',
  'Luc Moreau',
]
const middleNames = [
  'Maria Elena Gonzalez',
  'John Smith',
  'Lena Marie Fischer',
  'Peter Novak',
  'Wei Li Chen',
  'Fatima Sayed',
  'Siobhan Grace Connor',
  'Luc Moreau',
]
const commaNames = [
  'Gonzalez, Maria',
  'Smith, John',
  'Fischer, Lena',
  'Novak, Peter',
  'Chen, Wei',
  'Sayed, Fatima',
  'Moreau, Luc',
]
const phones = [
  '(212) 555-0143',
  '415-555-0198',
  '617.555.0122',
  '3125550187',
  '(303)555-0101',
  '206 555 0165',
  '+1 702-555-0110',
]
const tidyPhones = ['(212) 555-0143', '(415) 555-0198', '(617) 555-0122', '(312) 555-0187', '(303) 555-0101']
const germanPhones = ['030 1234567', '089 7654321', '0221 998877', '0711 445566', '040 3332211']
const isoDates = [
  '2024-01-15',
  '2023-11-02',
  '2024-07-30',
  '2022-03-09',
  '2024-12-24',
  '2023-05-01',
  '2024-10-18',
]
const usDates = ['1/15/2024', '11/2/2023', '7/30/2024', '3/9/2022', '12/24/2024', '5/1/2023', '10/18/2024']
const germanDates = [
  '15.01.2024',
  '02.11.2023',
  '30.07.2024',
  '09.03.2022',
  '24.12.2024',
  '01.05.2023',
  '18.10.2024',
]
const longDates = [
  'January 15, 2024',
  'November 2, 2023',
  'July 30, 2024',
  'March 9, 2022',
  'December 24, 2024',
  'May 1, 2023',
]
const stamps = [
  '2024-01-15 09:05:12',
  '2023-11-02 17:45:00',
  '2024-07-30 23:59:59',
  '2022-03-09 00:30:21',
  '2024-12-24 12:00:07',
  '2023-05-01 06:15:44',
]
const times24 = ['09:05', '17:45', '23:59', '00:30', '12:00', '06:15', '13:20']
const addresses = [
  '12 Oak Street, Springfield, IL 62704',
  '480 W. Main Ave, Portland, OR 97205',
  '7 Elm Ct, Austin, TX 73301',
  '2215 Lakeshore Drive, Chicago, IL 60614',
  '99 Harbor Blvd, Boston, MA 02110',
  '1 Infinite Loop, Cupertino, CA 95014',
]
const germanAddresses = [
  'Hauptstraße 12, 10115 Berlin',
  'Am Markt 3a, 50667 Köln',
  'Lindenweg 101, 80331 München',
  'Goethestr. 7, 60313 Frankfurt am Main',
  'Ringstraße 44, 04109 Leipzig',
]
const emails = [
  'maria.gonzalez@acme.com',
  'jsmith@globex.co.uk',
  'lena_fischer@initech.de',
  'peter.novak+news@umbrella.org',
  'wchen@hooli.io',
  'f.sayed@stark.industries.net',
]
const dottedEmails = [
  'maria.gonzalez@acme.com',
  'john.smith@globex.com',
  'lena.fischer@initech.com',
  'peter.novak@umbrella.com',
  'wei.chen@hooli.com',
]
const urls = [
  'https://www.acme.com/products/shoes?id=42',
  'http://globex.co.uk/about',
  'https://shop.initech.de/cart/checkout?step=2&ref=mail',
  'https://www.umbrella.org/',
  'http://blog.hooli.io/2024/05/release-notes',
  'https://www.stark.net/team/pepper',
]
const skus = ['AB-1023-RED', 'CD-0044-BLUE', 'XK-9981-GREEN', 'QQ-0007-BLACK', 'ZT-5510-WHITE', 'LM-3200-RED']
const orderIds = [
  'ORD-2024-000123',
  'ORD-2024-004500',
  'ORD-2023-099881',
  'ORD-2022-000007',
  'ORD-2024-010203',
]
const euros = ['1.234,50 €', '99,90 €', '12.000,00 €', '0,75 €', '7.450,05 €', '350,00 €']
const dollars = ['$1,234.50', '$99.90', '$12,000.00', '$0.75', '$7,450.05', '$350.00']
const plainAmounts = ['1234.5', '99.9', '12000', '0.75', '7450.05', '350', '1000000']
const sizes = ['10 x 20 x 30 cm', '5 x 15 x 8 cm', '100 x 40 x 25 cm', '7 x 7 x 7 cm', '60 x 45 x 12 cm']
const weights = ['2.5 kg', '0.75 kg', '12 kg', '1.125 kg', '30.5 kg', '8 kg']
const files = [
  'C:\\Users\\maria\\Documents\\report_2024.xlsx',
  'C:\\Data\\backup\\photos.zip',
  'D:\\notes.txt',
  'C:\\Users\\john\\Desktop\\budget.final.csv',
  'E:\\music\\live\\track01.mp3',
]
const unixPaths = [
  '/home/maria/report.pdf',
  '/var/log/syslog.1',
  '/etc/hosts',
  '/tmp/a/b/c/data.tar.gz',
  '/srv/www/index.html',
]
const products = [
  'Coca-Cola Zero 330ml',
  'Nutella 750g',
  'Barilla Spaghetti 500g',
  'Evian Water 1500ml',
  'Lindt Dark Chocolate 100g',
  'Heinz Ketchup 570g',
]
const invoices = [
  'Invoice #4821 due 2024-03-01',
  'Invoice #77 due 2024-04-15',
  'Invoice #10233 due 2023-12-31',
  'Invoice #905 due 2024-02-10',
  'Invoice #6 due 2024-08-08',
]
const ibans = [
  'DE89370400440532013000',
  'FR1420041010050500013M02606',
  'GB29NWBK60161331926819',
  'NL91ABNA0417164300',
  'ES9121000418450200051332',
]
const cards = [
  '4111111111111111',
  '5500005555555559',
  '4012888888881881',
  '5105105105105100',
  '4222222222222220',
]
const logs = [
  '[2024-01-15 09:05:12] ERROR db: connection lost',
  '[2024-01-15 09:06:40] INFO web: request served',
  '[2024-01-16 11:20:03] WARN cache: evicted 20 keys',
  '[2024-01-17 00:00:59] ERROR mail: timeout after 30s',
  '[2024-01-18 15:42:10] DEBUG auth: token refreshed',
]
const cities = [
  'Paris (France)',
  'Tokyo (Japan)',
  'Lima (Peru)',
  'New York (United States)',
  'São Paulo (Brazil)',
  'Köln (Germany)',
]
const scores = ['87', '45', '92', '60', '73', '59', '100', '12']
const durations = ['75', '120', '45', '200', '61', '5', '600']
const coordinates = [
  '48.8566, 2.3522',
  '-33.8688, 151.2093',
  '40.7128, -74.0060',
  '35.6762, 139.6503',
  '-0.1807, -78.4678',
]
const french = [
  '12 janvier 2024',
  '3 mars 2023',
  '25 décembre 2024',
  '14 juillet 2022',
  '1 août 2023',
  '30 novembre 2024',
]
const frenchMonths =
  'janvier février mars avril mai juin juillet août septembre octobre novembre décembre'.split(' ')
const months = 'January February March April May June July August September October November December'.split(
  ' ',
)
const days = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')

const two = (n: number | string) => String(n).padStart(2, '0')
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1).toLowerCase()
const iso = (text: string) => {
  const [y, m, d] = text.split('-').map(Number) as [number, number, number]
  return { y, m, d, week: new Date(Date.UTC(y, m - 1, d)).getUTCDay() }
}
const moved = (text: string, change: (date: Date) => void) => {
  const date = new Date(`${text}T00:00:00Z`)
  change(date)
  return date.toISOString().slice(0, 10)
}
const clock = (text: string) => {
  const [h, m] = text.split(':').map(Number) as [number, number]
  return { h, m }
}
const twelve = (text: string) => {
  const { h, m } = clock(text)
  return `${h % 12 || 12}:${two(m)} ${h < 12 ? 'AM' : 'PM'}`
}
const grouped = (n: number, decimals: number) =>
  n.toLocaleString('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
const host = (url: string) => new URL(url).hostname

const tasks: EverydayTask[] = []
/** One input column; `null` leaves a row out. */
function one(id: string, inputs: readonly string[], make: (text: string) => string | null) {
  const rows = inputs.flatMap((text) => {
    const out = make(text)
    return out === null ? [] : [{ in: [text], out }]
  })
  tasks.push({ id, rows })
}
/** Several input columns. */
function many(id: string, inputs: readonly (readonly string[])[], make: (...row: string[]) => string) {
  tasks.push({ id, rows: inputs.map((row) => ({ in: row, out: make(...row) })) })
}
const word = (text: string, n: number) => text.split(' ').at(n) as string

// Names.
one('name: first', plainNames, (x) => word(x, 0))
one('name: last', middleNames, (x) => word(x, -1))
one('name: last, first', plainNames, (x) => `${word(x, 1)}, ${word(x, 0)}`)
one('name: first last from comma', commaNames, (x) => x.split(', ').reverse().join(' '))
one('name: initials', plainNames, (x) => word(x, 0)[0]! + word(x, 1)[0]!)
one('name: initials with points', middleNames, (x) =>
  x
    .split(' ')
    .map((each) => `${each[0]}.`)
    .join(''),
)
one('name: F. Last', middleNames, (x) => `${x[0]}. ${word(x, -1)}`)
one('name: Last F.', plainNames, (x) => `${word(x, 1)} ${x[0]}.`)
one('name: login', plainNames, (x) => (x[0] + word(x, 1)).toLowerCase())
one('name: mail address', plainNames, (x) => `${x.replace(' ', '.').toLowerCase()}@example.org`)
one(
  'name: middle initial',
  middleNames
    .filter((x) => x.split(' ').length === 3)
    .concat('Ana Sofia Lima', 'Jon Erik Dahl', 'Eva Ruth Stein'),
  (x) => `${word(x, 0)} ${word(x, 1)[0]}. ${word(x, 2)}`,
)
one(
  'name: proper case',
  names.slice(1, 2).concat('jane doe', 'MARK TWAIN', 'lucy liu', 'ROSA parks', 'ada lovelace'),
  (x) => x.split(' ').map(capital).join(' '),
)
one(
  'name: without title',
  ['Dr. Peter Novak', 'Mr. John Smith', 'Mrs. Eva Stein', 'Prof. Ada Byron', 'Ms. Rosa Parks'],
  (x) => x.slice(x.indexOf(' ') + 1),
)
one('name: badge', plainNames, (x) => `${word(x, 1).toUpperCase()}, ${word(x, 0)}`)
one('name: greeting', plainNames, (x) => `Dear ${word(x, 0)},`)
one('name: surname in capitals', commaNames, (x) => x.split(', ')[0]!.toUpperCase())
many(
  'name: full from parts',
  plainNames.map((x) => x.split(' ')),
  (a, b) => `${a} ${b}`,
)
many(
  'name: full from parts with middle',
  [
    ['Maria', 'E', 'Gonzalez'],
    ['John', '', 'Smith'],
    ['Lena', 'M', 'Fischer'],
    ['Peter', '', 'Novak'],
    ['Wei', 'L', 'Chen'],
  ],
  (a, b, c) => (b ? `${a} ${b}. ${c}` : `${a} ${c}`),
)
many(
  'name: mail from parts',
  plainNames.map((x) => [...x.split(' '), 'acme.com']),
  (a, b, c) => `${a![0]!.toLowerCase()}${b!.toLowerCase()}@${c}`,
)
one(
  'name: Spanish, first surname',
  [
    'García Márquez, Gabriel',
    'Vargas Llosa, Mario',
    'Allende Bussi, Isabel',
    'Cortázar Descotte, Julio',
    'Neruda Reyes, Pablo',
  ],
  (x) => `${x.split(', ')[1]} ${x.split(' ')[0]}`,
)
one('name: Chinese surname', ['王小明', '李娜', '张伟', '刘德华', '陈静'], (x) => x[0]!)
one(
  'name: Russian initials',
  ['Иванов Пётр Сергеевич', 'Смирнова Анна Олеговна', 'Кузнецов Илья Львович', 'Попова Ольга Ивановна'],
  (x) => `${word(x, 0)} ${word(x, 1)[0]}.${word(x, 2)[0]}.`,
)
one(
  'name: without accents',
  ['José Núñez', 'Zoë Müller', 'François Lefèvre', 'Łukasz Nowák', 'Ana Conceição'].filter(
    (x) => !x.startsWith('Ł'),
  ),
  (x) => x.normalize('NFD').replace(/\p{M}/gu, ''),
)
// Phones.
const digits = (x: string) => x.replace(/\D/g, '').slice(-10)
one(
  'phone: digits only',
  phones.filter((x) => !x.startsWith('+')),
  digits,
)
one('phone: dashed', phones, (x) => digits(x).replace(/(...)(...)(....)/, '$1-$2-$3'))
one('phone: parenthesised', phones, (x) => digits(x).replace(/(...)(...)(....)/, '($1) $2-$3'))
one('phone: international', phones, (x) => `+1${digits(x)}`)
one('phone: area code', tidyPhones, (x) => x.slice(1, 4))
one('phone: last four', phones, (x) => x.slice(-4))
one('phone: masked', tidyPhones, (x) => `(***) ***-${x.slice(-4)}`)
one('phone: German to international', germanPhones, (x) => `+49 ${x.slice(1)}`)
one('phone: German area code', germanPhones, (x) => x.split(' ')[0]!)
one(
  'phone: without extension',
  ['555-0143 ext. 12', '555-0198 ext. 4', '555-0122 ext. 230', '555-0187 ext. 7', '555-0101 ext. 88'],
  (x) => x.split(' ext')[0]!,
)
one(
  'phone: extension',
  ['555-0143 ext. 12', '555-0198 ext. 4', '555-0122 ext. 230', '555-0187 ext. 7', '555-0101 ext. 88'],
  (x) => x.split('ext. ')[1]!,
)
// Dates.
one('date: ISO to US', isoDates, (x) => `${iso(x).m}/${iso(x).d}/${iso(x).y}`)
one('date: ISO to German', isoDates, (x) => `${two(iso(x).d)}.${two(iso(x).m)}.${iso(x).y}`)
one('date: US to ISO', usDates, (x) => {
  const [m, d, y] = x.split('/')
  return `${y}-${two(m!)}-${two(d!)}`
})
one('date: German to ISO', germanDates, (x) => x.split('.').reverse().join('-'))
one('date: German to British', germanDates, (x) => x.replaceAll('.', '/'))
one('date: long to ISO', longDates, (x) => {
  const [, m, d, y] = /(\w+) (\d+), (\d+)/.exec(x)!
  return `${y}-${two(months.indexOf(m!) + 1)}-${two(d!)}`
})
one('date: year', longDates, (x) => x.slice(-4))
one('date: month name', isoDates, (x) => months[iso(x).m - 1]!)
one('date: month short and year', isoDates, (x) => `${months[iso(x).m - 1]!.slice(0, 3)} ${iso(x).y}`)
one('date: mmm-yy', usDates, (x) => {
  const [m, , y] = x.split('/')
  return `${months[Number(m) - 1]!.slice(0, 3)}-${y!.slice(2)}`
})
one('date: weekday', isoDates, (x) => days[iso(x).week]!)
one('date: weekday short', usDates, (x) => {
  const [m, d, y] = x.split('/').map(Number)
  return days[new Date(Date.UTC(y!, m! - 1, d)).getUTCDay()]!.slice(0, 3)
})
one('date: quarter', isoDates, (x) => `Q${Math.ceil(iso(x).m / 3)}`)
one('date: quarter and year', isoDates, (x) => `Q${Math.ceil(iso(x).m / 3)} ${iso(x).y}`)
one('date: year and quarter', isoDates, (x) => `${iso(x).y}-Q${Math.ceil(iso(x).m / 3)}`)
one('date: half year', isoDates, (x) => `H${iso(x).m <= 6 ? 1 : 2}`)
one('date: year and month', usDates, (x) => {
  const [m, , y] = x.split('/')
  return `${y}-${two(m!)}`
})
one('date: month number', longDates, (x) => String(months.indexOf(x.split(' ')[0]!) + 1))
one('date: compact', isoDates, (x) => x.replaceAll('-', ''))
one(
  'date: from compact',
  isoDates.map((x) => x.replaceAll('-', '')),
  (x) => `${x.slice(0, 4)}-${x.slice(4, 6)}-${x.slice(6)}`,
)
one('date: spoken', isoDates, (x) => `${iso(x).d} ${months[iso(x).m - 1]} ${iso(x).y}`)
one('date: spoken with weekday', isoDates, (x) => `${days[iso(x).week]}, ${months[iso(x).m - 1]} ${iso(x).d}`)
one(
  'date: ordinal',
  ['1', '2', '3', '4', '11', '12', '21', '22', '23', '31'],
  (x) => x + (/(?<!1)1$/.test(x) ? 'st' : /(?<!1)2$/.test(x) ? 'nd' : /(?<!1)3$/.test(x) ? 'rd' : 'th'),
)
one('date: end of month', isoDates, (x) => moved(x, (d) => d.setUTCMonth(d.getUTCMonth() + 1, 0)))
one('date: start of month', isoDates, (x) => `${x.slice(0, 8)}01`)
one('date: 30 days later', isoDates, (x) => moved(x, (d) => d.setUTCDate(d.getUTCDate() + 30)))
one('date: a year later', isoDates, (x) => `${iso(x).y + 1}${x.slice(4)}`)
one('date: next day, US', usDates, (x) => {
  const [m, d, y] = x.split('/').map(Number)
  const t = new Date(Date.UTC(y!, m! - 1, d! + 1))
  return `${t.getUTCMonth() + 1}/${t.getUTCDate()}/${t.getUTCFullYear()}`
})
many(
  'date: days between',
  [
    ['2024-01-15', '2024-01-20'],
    ['2024-02-27', '2024-03-02'],
    ['2023-12-30', '2024-01-10'],
    ['2024-05-01', '2024-05-01'],
    ['2024-06-10', '2024-07-10'],
  ],
  (a, b) => String((Date.parse(b!) - Date.parse(a!)) / 864e5),
)
many(
  'date: from parts',
  [
    ['2024', '1', '15'],
    ['2023', '11', '2'],
    ['2022', '3', '9'],
    ['2024', '12', '24'],
    ['2021', '7', '30'],
  ],
  (y, m, d) => `${y}-${two(m!)}-${two(d!)}`,
)
one(
  'date: decade',
  longDates
    .map((x) => x.replace(/\d{4}$/, (y) => String(Number(y) - 30)))
    .concat('May 5, 1985', 'June 1, 1977'),
  (x) => `${x.slice(-4, -1)}0s`,
)
one('date: French to ISO', french, (x) => {
  const [d, m, y] = x.split(' ')
  return `${y}-${two(frenchMonths.indexOf(m!) + 1)}-${two(d!)}`
})
one('date: French month', french, (x) => capital(x.split(' ')[1]!))
one('date: fiscal year from April', isoDates, (x) => `FY${iso(x).m >= 4 ? iso(x).y + 1 : iso(x).y}`)
one(
  'date: century in two digits',
  ['03/15/99', '12/01/04', '07/04/76', '10/10/10', '01/31/85'],
  (x) => `${Number(x.slice(-2)) > 30 ? 19 : 20}${x.slice(-2)}`,
)
one('date: Excel serial', ['45306', '45232', '45503', '44629', '45650'], (x) =>
  moved('1899-12-30', (d) => d.setUTCDate(d.getUTCDate() + Number(x))),
)
one('date: ISO week', isoDates, (x) => {
  const d = new Date(`${x}T00:00:00Z`)
  d.setUTCDate(d.getUTCDate() + 4 - (d.getUTCDay() || 7))
  const y = d.getUTCFullYear()
  return `W${two(Math.ceil(((d.getTime() - Date.UTC(y, 0, 1)) / 864e5 + 1) / 7))}`
})
// Times.
one('time: 24 to 12', times24, twelve)
one('time: 12 to 24', times24.map(twelve), (x) => {
  const [, h, m, half] = /(\d+):(\d+) (..)/.exec(x)!
  return `${two((Number(h) % 12) + (half === 'PM' ? 12 : 0))}:${m}`
})
one('time: hour', stamps, (x) => x.slice(11, 13))
one('time: date of a stamp', stamps, (x) => x.slice(0, 10))
one('time: clock of a stamp', stamps, (x) => x.slice(11, 16))
one(
  'time: stamp spoken',
  stamps,
  (x) => `${iso(x.slice(0, 10)).m}/${iso(x.slice(0, 10)).d}/${x.slice(0, 4)} ${twelve(x.slice(11, 16))}`,
)
one(
  'time: hours and minutes of minutes',
  durations,
  (x) => `${Math.floor(Number(x) / 60)}h ${Number(x) % 60}m`,
)
one('time: h:mm of minutes', durations, (x) => `${Math.floor(Number(x) / 60)}:${two(Number(x) % 60)}`)
one(
  'time: minutes of h:mm',
  durations.map((x) => `${Math.floor(Number(x) / 60)}:${two(Number(x) % 60)}`),
  (x) => String(clock(x).h * 60 + clock(x).m),
)
one('time: decimal hours', ['1:30', '2:15', '0:45', '8:00', '7:30'], (x) =>
  String(clock(x).h + clock(x).m / 60),
)
one('time: half hour slot', times24, (x) => `${x.slice(0, 3)}${clock(x).m < 30 ? '00' : '30'}`)
one('time: part of the day', times24.concat('08:00', '21:10'), (x) =>
  clock(x).h < 12 ? 'morning' : 'afternoon',
)
one(
  'time: UTC to Berlin in winter',
  times24.slice(0, 2).concat('04:30', '11:00', '22:15'),
  (x) => `${two((clock(x).h + 1) % 24)}:${two(clock(x).m)}`,
)
many(
  'time: worked hours',
  [
    ['09:00', '17:30'],
    ['08:15', '16:15'],
    ['10:00', '14:45'],
    ['07:30', '12:00'],
    ['13:00', '21:20'],
  ],
  (a, b) => {
    const t = clock(b!).h * 60 + clock(b!).m - clock(a!).h * 60 - clock(a!).m
    return `${Math.floor(t / 60)}:${two(t % 60)}`
  },
)
// Addresses.
one('address: zip', addresses, (x) => x.slice(-5))
one('address: state', addresses, (x) => x.slice(-8, -6))
one('address: city', addresses, (x) => x.split(', ')[1]!)
one('address: street', addresses, (x) => x.split(', ')[0]!)
one('address: house number', addresses, (x) => x.split(' ')[0]!)
one('address: city and state', addresses, (x) => `${x.split(', ')[1]}, ${x.slice(-8, -6)}`)
one('address: German post code', germanAddresses, (x) => /\d{5}/.exec(x)![0])
one('address: German city', germanAddresses, (x) => x.replace(/^.*\d{5} /, ''))
one('address: German street without number', germanAddresses, (x) => x.split(',')[0]!.replace(/ \d+\w?$/, ''))
one('address: German house number', germanAddresses, (x) => /(\d+\w?),/.exec(x)![1]!)
many(
  'address: joined',
  [
    ['12 Oak St', 'Springfield', 'IL', '62704'],
    ['480 Main Ave', 'Portland', 'OR', '97205'],
    ['7 Elm Ct', 'Austin', 'TX', '73301'],
    ['99 Harbor Blvd', 'Boston', 'MA', '02110'],
  ],
  (a, b, c, d) => `${a}, ${b}, ${c} ${d}`,
)
one('address: country in brackets', cities, (x) => x.slice(x.indexOf('(') + 1, -1))
one('address: city before brackets', cities, (x) => x.split(' (')[0]!)
one('address: latitude', coordinates, (x) => x.split(', ')[0]!)
one('address: rounded coordinates', coordinates, (x) =>
  x
    .split(', ')
    .map((each) => Number(each).toFixed(2))
    .join(', '),
)
one(
  'address: UK outward code',
  ['SW1A 1AA', 'M1 1AE', 'EC1A 1BB', 'B33 8TH', 'CR2 6XH', 'W1K 7TN'],
  (x) => x.split(' ')[0]!,
)
one('address: leading zeros of zip', ['2110', '62704', '501', '97205', '7030', '1001'], (x) =>
  x.padStart(5, '0'),
)
// Mail and web.
one('mail: domain', emails, (x) => x.split('@')[1]!)
one('mail: user', emails, (x) => x.split('@')[0]!)
one('mail: name', dottedEmails, (x) => x.split('@')[0]!.split('.').map(capital).join(' '))
one('mail: company', dottedEmails, (x) => capital(x.split('@')[1]!.split('.')[0]!))
one('mail: masked', dottedEmails, (x) => `${x[0]}***@${x.split('@')[1]}`)
one(
  'mail: angle brackets',
  plainNames.map((x) => `${x} <${x.replace(' ', '.').toLowerCase()}@acme.com>`),
  (x) => x.slice(x.indexOf('<') + 1, -1),
)
one('mail: new domain', dottedEmails, (x) => `${x.split('@')[0]}@newcorp.com`)
one(
  'mail: subject without Re',
  ['Re: Order 551', 'Fwd: Holiday plan', 'Re: Invoice', 'Fwd: Team lunch', 'Re: Budget 2024'],
  (x) => x.split(': ')[1]!,
)
one('url: host', urls, host)
one('url: host without www', urls, (x) => host(x).replace(/^www\./, ''))
one('url: path', urls, (x) => new URL(x).pathname)
one(
  'url: last part',
  [
    'https://acme.com/p/red-shoes',
    'https://acme.com/blog/2024/how-to-run',
    'https://acme.com/about',
    'https://acme.com/p/kids/blue-hat',
  ],
  (x) => x.slice(x.lastIndexOf('/') + 1),
)
one('url: scheme', urls, (x) => x.split(':')[0]!)
one(
  'url: query value',
  ['/s?q=shoes&page=1', '/s?q=red+hat&page=3', '/s?q=tv&page=12', '/s?q=garden&page=2'],
  (x) => /q=([^&]*)/.exec(x)![1]!,
)
one('url: slug', ['How to Run Faster', 'Ten Red Shoes', 'About Us', 'Our Team In Berlin', 'FAQ'], (x) =>
  x.toLowerCase().replaceAll(' ', '-'),
)
one(
  'url: handle',
  [
    'https://twitter.com/nasa',
    'https://twitter.com/spacex',
    'https://twitter.com/nytimes',
    'https://twitter.com/bbc',
  ],
  (x) => `@${x.split('/').at(-1)}`,
)
// Codes, files, logs.
one('code: number', skus, (x) => x.split('-')[1]!)
one('code: number without zeros', skus, (x) => String(Number(x.split('-')[1])))
one('code: colour', skus, (x) => capital(x.split('-')[2]!))
one('code: prefix', skus, (x) => x.slice(0, 2))
one('code: without dashes', skus, (x) => x.replaceAll('-', ''))
one('code: order year', orderIds, (x) => x.split('-')[1]!)
one('code: order number', orderIds, (x) => String(Number(x.split('-')[2])))
one('code: padded', ['7', '42', '1003', '250', '88'], (x) => `EMP-${x.padStart(5, '0')}`)
one('code: IBAN in fours', ibans, (x) => x.match(/.{1,4}/g)!.join(' '))
one('code: IBAN country', ibans, (x) => x.slice(0, 2))
one('code: card masked', cards, (x) => `**** **** **** ${x.slice(-4)}`)
one('code: card in fours', cards, (x) => x.match(/.{4}/g)!.join('-'))
one('code: product unit', products, (x) => /\d+(\w+)$/.exec(x)![1]!)
one('code: product size', products, (x) => /\d+\w+$/.exec(x)![0])
one('code: product name', products, (x) => x.slice(0, x.lastIndexOf(' ')))
one('code: brand', products, (x) => x.split(' ')[0]!)
one('code: invoice number', invoices, (x) => /#(\d+)/.exec(x)![1]!)
one('code: invoice date', invoices, (x) => x.slice(-10))
one('code: file name', files, (x) => x.slice(x.lastIndexOf('\\') + 1))
one('code: extension', files, (x) => x.slice(x.lastIndexOf('.') + 1))
one('code: folder', files, (x) => x.slice(0, x.lastIndexOf('\\')))
one('code: unix file name', unixPaths, (x) => x.slice(x.lastIndexOf('/') + 1))
one('code: log level', logs, (x) => /\] (\w+)/.exec(x)![1]!)
one('code: log message', logs, (x) => x.slice(x.indexOf(': ') + 2))
one('code: log service', logs, (x) => /(\w+):[^:]*$/.exec(x.replace(/\[.*\]/, ''))![1]!)
one('code: snake case', ['First Name', 'Date Of Birth', 'City', 'Order Total', 'Zip Code'], (x) =>
  x.toLowerCase().replaceAll(' ', '_'),
)
one('code: title of snake case', ['first_name', 'date_of_birth', 'city', 'order_total', 'zip_code'], (x) =>
  x.split('_').map(capital).join(' '),
)
one(
  'code: camel case',
  ['first name', 'date of birth', 'order total', 'zip code', 'home phone number'],
  (x) =>
    x
      .split(' ')
      .map((w, i) => (i ? capital(w) : w))
      .join(''),
)
one(
  'code: words of camel case',
  ['firstName', 'dateOfBirth', 'orderTotal', 'zipCode', 'homePhoneNumber'],
  (x) => x.replace(/([A-Z])/g, ' $1').toLowerCase(),
)
one(
  'code: acronym',
  [
    'World Health Organization',
    'North Atlantic Treaty Organization',
    'International Monetary Fund',
    'European Union',
    'Federal Bureau Investigation',
  ],
  (x) =>
    x
      .split(' ')
      .map((w) => w[0])
      .join(''),
)
one('code: version major', ['v2.14.3', 'v1.0.0', 'v10.2.11', 'v3.9.27', 'v2.0.1'], (x) => /\d+/.exec(x)![0])
one(
  'code: hashtag',
  ['summer sale', 'new york', 'big data', 'machine learning', 'berlin'],
  (x) => `#${x.replaceAll(' ', '')}`,
)
one('code: trimmed', ['  red ', 'blue', ' green', 'dark   grey ', 'light  blue'], (x) =>
  x.trim().replace(/\s+/g, ' '),
)
one(
  'code: yes or no',
  ['1', '0', '0', '1', '1', '0'].map((x, i) => `${x};${i}`),
  (x) => (x[0] === '1' ? 'yes' : 'no'),
)
one('code: flight airline', ['LH 441', 'BA1326', 'AF 22', 'UA 8839', 'DL415'], (x) => x.slice(0, 2))
one('code: plate', ['B-XY 123', 'M-AB 4567', 'HH-Z 9', 'K-OL 88', 'F-QQ 1000'], (x) => x.split('-')[0]!)
one(
  'code: ISBN without dashes',
  ['978-3-16-148410-0', '978-0-306-40615-7', '978-1-4028-9462-6', '978-0-13-110362-7'],
  (x) => x.replaceAll('-', ''),
)
// Numbers, units, currencies.
one('number: euros to plain', euros, (x) => x.replace(' €', '').replaceAll('.', '').replace(',', '.'))
one('number: dollars to plain', dollars, (x) => x.replace(/[$,]/g, ''))
one('number: plain to dollars', plainAmounts, (x) => `$${grouped(Number(x), 2)}`)
one(
  'number: plain to euros',
  plainAmounts,
  (x) => `${grouped(Number(x), 2).replace(/[.,]/g, (c) => (c === '.' ? ',' : '.'))} €`,
)
one('number: decimal comma', ['12.5', '7.25', '100.75', '0.5', '33.1'], (x) => x.replace('.', ','))
one('number: German thousands', ['1234567', '98765', '1200', '450', '20000000'], (x) =>
  grouped(Number(x), 0).replaceAll(',', '.'),
)
one('number: thousands', ['1234567', '98765', '1200', '450', '20000000'], (x) => grouped(Number(x), 0))
one('number: two decimals', ['3.14159', '2.5', '10', '0.333333', '99.999'], (x) => Number(x).toFixed(2))
one('number: rounded to whole', ['3.7', '2.2', '10.5', '99.49', '0.8'], (x) => String(Math.round(Number(x))))
one('number: nearest ten', ['123', '87', '45', '1999', '12', '6'], (x) =>
  String(Math.round(Number(x) / 10) * 10),
)
one('number: up to hundred', ['123', '87', '450', '1999', '12', '601'], (x) =>
  String(Math.ceil(Number(x) / 100) * 100),
)
one(
  'number: percent',
  ['0.25', '0.5', '0.07', '1', '0.125'],
  (x) => `${Number((Number(x) * 100).toFixed(6))}%`,
)
one('number: from percent', ['25%', '50%', '7%', '100%', '12.5%'], (x) =>
  String(Number(x.slice(0, -1)) / 100),
)
one('number: kg to g', weights, (x) => `${Number(x.split(' ')[0]) * 1000} g`)
one('number: kg value', weights, (x) => x.split(' ')[0]!)
one('number: in thousands', ['1500', '23000', '750', '1200000', '99900'], (x) => `${Number(x) / 1000}k`)
one(
  'number: in millions',
  ['1500000', '23000000', '750000', '1200000', '99900000'],
  (x) => `${(Number(x) / 1e6).toFixed(1)}M`,
)
one('number: K to plain', ['15K', '230K', '7K', '99K', '120K'], (x) => `${x.slice(0, -1)}000`)
one('number: negative in brackets', ['-120', '45', '-7', '300', '-1500', '88'], (x) =>
  x.startsWith('-') ? `(${x.slice(1)})` : x,
)
one('number: width of a size', sizes, (x) => x.split(' ')[0]!)
one('number: height of a size', sizes, (x) => x.split(' ')[4]!)
one('number: size without spaces', sizes, (x) => x.slice(0, -3).replaceAll(' ', ''))
one('number: age band', ['23', '37', '41', '58', '29', '60', '33'], (x) => `${x[0]}0-${x[0]}9`)
one(
  'number: band of hundred',
  ['123', '87', '450', '299', '612', '5'],
  (x) => `${Math.floor(Number(x) / 100) * 100}-${Math.floor(Number(x) / 100) * 100 + 99}`,
)
one('number: passed', scores, (x) => (Number(x) >= 60 ? 'pass' : 'fail'))
one('number: Celsius', ['21 °C', '-3 °C', '30 °C', '0 °C', '15 °C'], (x) => x.split(' ')[0]!)
one('number: Swiss thousands', ["1'234.50", '99.90', "12'000.00", "7'450.05", '350.00'], (x) =>
  x.replaceAll("'", ''),
)
one('number: hashed rank', ['1', '2', '3', '14', '25'], (x) => `#${x}`)
one('number: Indian digits', ['१२३', '४५', '७', '९०१'], (x) =>
  [...x].map((d) => d.codePointAt(0)! - 0x966).join(''),
)
one(
  'number: price per unit',
  ['$12.00 / 4', '$9.00 / 3', '$100.00 / 8', '$7.50 / 5', '$20.00 / 16'],
  (x) => x.split(' ')[0]!,
)
one('number: currency', ['EUR 1,200.00', 'USD 55.10', 'GBP 9.99', 'EUR 40.00', 'CHF 310.25'], (x) =>
  x.slice(0, 3),
)
one(
  'number: currency behind',
  ['EUR 1200', 'USD 55', 'GBP 9', 'EUR 40', 'CHF 310'],
  (x) => `${x.slice(4)} ${x.slice(0, 3)}`,
)
// Several columns.
const pairs = [
  ['12', '5'],
  ['7', '20'],
  ['100', '3'],
  ['45', '2'],
  ['8', '8'],
  ['31', '10'],
]
many('columns: sum', pairs, (a, b) => String(Number(a) + Number(b)))
many('columns: product', pairs, (a, b) => String(Number(a) * Number(b)))
many('columns: difference', pairs, (a, b) => String(Number(a) - Number(b)))
many(
  'columns: line total',
  [
    ['2', '9.99'],
    ['5', '3.50'],
    ['10', '0.75'],
    ['1', '120.00'],
    ['3', '14.20'],
  ],
  (a, b) => (Number(a) * Number(b)).toFixed(2),
)
many(
  'columns: share',
  [
    ['25', '100'],
    ['3', '12'],
    ['45', '60'],
    ['1', '8'],
    ['18', '20'],
  ],
  (a, b) => `${(100 * Number(a)) / Number(b)}%`,
)
many(
  'columns: average',
  [
    ['4', '6'],
    ['10', '5'],
    ['7', '7'],
    ['3', '8'],
    ['20', '30'],
  ],
  (a, b) => String((Number(a) + Number(b)) / 2),
)
many('columns: net of tax', [['119.00'], ['238.00'], ['59.50'], ['1190.00'], ['11.90']], (a) =>
  (Number(a) / 1.19).toFixed(2),
)
many('columns: with 20 % tax', [['100'], ['50'], ['12.5'], ['80'], ['1000']], (a) =>
  String(Number((Number(a) * 1.2).toFixed(2))),
)
many(
  'columns: growth',
  [
    ['100', '120'],
    ['50', '45'],
    ['200', '300'],
    ['80', '80'],
    ['40', '50'],
  ],
  (a, b) => `${((Number(b) - Number(a)) / Number(a)) * 100}%`,
)
many('columns: larger', pairs, (a, b) => String(Math.max(Number(a), Number(b))))
many(
  'columns: equal',
  [
    ['a', 'a'],
    ['b', 'c'],
    ['x', 'x'],
    ['q', 'Q'],
    ['m', 'n'],
  ],
  (a, b) => (a === b ? 'TRUE' : 'FALSE'),
)
many(
  'columns: label',
  [
    ['Shoes', 'red', '42'],
    ['Hat', 'blue', 'M'],
    ['Socks', 'green', '39'],
    ['Coat', 'black', 'L'],
  ],
  (a, b, c) => `${a} (${b}, ${c})`,
)
many(
  'columns: key',
  [
    ['DE', '2024', '17'],
    ['FR', '2023', '4'],
    ['US', '2024', '233'],
    ['PL', '2022', '9'],
  ],
  (a, b, c) => `${a}-${b}-${c!.padStart(4, '0')}`,
)
many(
  'columns: first that is not empty',
  [
    ['', 'b@x.com'],
    ['a@x.com', ''],
    ['c@y.com', 'd@y.com'],
    ['', 'e@z.com'],
    ['f@x.com', ''],
  ],
  (a, b) => a || b!,
)
many(
  'columns: reorder status',
  [
    ['12', '20'],
    ['50', '20'],
    ['20', '20'],
    ['3', '10'],
    ['8', '5'],
    ['1', '2'],
  ],
  (a, b) => (Number(a) < Number(b) ? 'reorder' : 'ok'),
)
many(
  'columns: route',
  [
    ['Berlin', 'Paris'],
    ['Rome', 'Oslo'],
    ['Lima', 'Quito'],
    ['New York', 'Boston'],
  ],
  (a, b) => `${a} → ${b}`,
)
many(
  'columns: gross margin',
  [
    ['100', '60'],
    ['80', '20'],
    ['250', '200'],
    ['40', '30'],
    ['10', '9'],
  ],
  (a, b) => `${Math.round(((Number(a) - Number(b)) / Number(a)) * 100)}%`,
)
// One row tells little: conditionals and mixed shapes.
one(
  'mixed: company without legal form',
  ['Acme Inc.', 'Globex Ltd.', 'Initech', 'Umbrella Inc.', 'Hooli Ltd.', 'Stark'],
  (x) => x.replace(/ (Inc|Ltd)\.$/, ''),
)
one(
  'mixed: size class',
  ['S', 'M', 'L', 'M', 'S', 'L'].map((x, i) => `${x}${i}`),
  (x) => ({ S: 'small', M: 'medium', L: 'large' })[x[0]!]!,
)
one(
  'mixed: first sentence',
  [
    'Good shoes. Will buy again.',
    'Too small. Sent it back. Sad.',
    'Perfect. Thank you!',
    'Not bad. A bit dear.',
  ],
  (x) => `${x.split('.')[0]}.`,
)
one(
  'mixed: last item of a list',
  ['red, green, blue', 'one, two', 'a, b, c, d', 'solo'],
  (x) => x.split(', ').at(-1)!,
)
one('mixed: number of items', ['red, green, blue', 'one, two', 'a, b, c, d', 'solo', 'x, y'], (x) =>
  String(x.split(', ').length),
)
one('mixed: without emoji', ['Great 👍', 'Love it ❤️', 'Hmm 🤔', 'Wow 🎉'], (x) =>
  x
    .split(' ')
    .filter((w) => /[a-z]/i.test(w))
    .join(' '),
)
one('mixed: emoji only', ['Great 👍', 'Nice 🎈', 'Hmm 🤔', 'Wow 🎉'], (x) => x.split(' ')[1]!)
one('mixed: Hebrew first word', ['שלום עולם', 'תודה רבה', 'בוקר טוב', 'ערב טוב'], (x) => x.split(' ')[0]!)
one(
  'mixed: Arabic last word',
  ['مدينة القاهرة', 'مدينة دبي', 'مدينة عمان', 'مدينة بيروت'],
  (x) => x.split(' ')[1]!,
)
one('mixed: Japanese prefecture', ['東京都新宿区', '大阪府堺市', '京都府宇治市', '北海道札幌市'], (x) =>
  x.slice(0, 3),
)
one(
  'mixed: German salutation',
  ['Herr Müller', 'Frau Schmidt', 'Herr Öztürk', 'Frau Weiß', 'Herr Groß'],
  (x) => (x.startsWith('Herr') ? `Sehr geehrter ${x}` : `Sehr geehrte ${x}`),
)

// A second batch, written after the learner had been changed by the first.
one('date: epoch seconds', ['1705311912', '1698926700', '1722383999', '1646785821', '1735041607'], (x) =>
  new Date(Number(x) * 1000).toISOString().slice(0, 10),
)
one(
  'date: compact stamp',
  ['20240115090512', '20231102174500', '20240730235959', '20220309003021'],
  (x) => `${x.slice(0, 4)}-${x.slice(4, 6)}-${x.slice(6, 8)} ${x.slice(8, 10)}:${x.slice(10, 12)}`,
)
one(
  'date: day and month, British',
  ['15/01/2024', '02/11/2023', '30/07/2024', '09/03/2022', '24/12/2024'],
  (x) => `${Number(x.slice(0, 2))} ${months[Number(x.slice(3, 5)) - 1]!.slice(0, 3)}`,
)
one('date: short year', isoDates, (x) => `${two(iso(x).d)}/${two(iso(x).m)}/${x.slice(2, 4)}`)
one('date: weekend', isoDates.concat('2024-06-01', '2024-06-02', '2024-06-03'), (x) =>
  [0, 6].includes(iso(x).week) ? 'yes' : 'no',
)
one(
  'date: Spanish',
  isoDates,
  (x) =>
    `${iso(x).d} de ${'enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre'.split(' ')[iso(x).m - 1]} de ${iso(x).y}`,
)
one(
  'date: German month',
  germanDates,
  (x) =>
    'Januar Februar März April Mai Juni Juli August September Oktober November Dezember'.split(' ')[
      Number(x.slice(3, 5)) - 1
    ]!,
)
one('date: month number to name', ['1', '11', '7', '3', '12', '5'], (x) => months[Number(x) - 1]!)
one(
  'date: start of a range',
  ['Jan 5 - Jan 9, 2024', 'Mar 12 - Apr 2, 2024', 'Dec 1 - Dec 24, 2023', 'May 30 - Jun 3, 2022'],
  (x) => x.split(' - ')[0]!,
)
one('date: first of next month', isoDates, (x) => moved(x, (d) => d.setUTCMonth(d.getUTCMonth() + 1, 1)))
many(
  'date: due in days',
  [
    ['2024-01-15', '30'],
    ['2023-11-02', '14'],
    ['2024-07-30', '10'],
    ['2022-03-09', '45'],
    ['2024-12-24', '7'],
  ],
  (a, b) => moved(a!, (d) => d.setUTCDate(d.getUTCDate() + Number(b))),
)
many(
  'date: age',
  [
    ['1980-05-17', '2024-06-01'],
    ['1999-12-31', '2024-06-01'],
    ['2010-06-02', '2024-06-01'],
    ['1965-01-20', '2024-06-01'],
  ],
  (a, b) => String(Number(b!.slice(0, 4)) - Number(a!.slice(0, 4)) - (b!.slice(5) < a!.slice(5) ? 1 : 0)),
)
many(
  'date: overdue',
  [
    ['2024-01-15', '2024-02-01'],
    ['2024-03-10', '2024-03-01'],
    ['2023-12-31', '2024-01-02'],
    ['2024-05-05', '2024-05-01'],
    ['2024-01-20', '2024-01-25'],
  ],
  (a, b) => (a! < b! ? 'overdue' : 'open'),
)
one('time: hour only', ['5 PM', '11 AM', '12 PM', '9 AM', '8 PM'], (x) => {
  const [h, half] = x.split(' ')
  return `${two((Number(h) % 12) + (half === 'PM' ? 12 : 0))}:00`
})
one(
  'time: start of a shift',
  ['09:00-17:30', '08:15-16:15', '22:00-06:00', '07:30-12:00'],
  (x) => x.split('-')[0]!,
)
one(
  'time: end of a shift',
  ['09:00-17:30', '08:15-16:15', '22:00-06:00', '07:30-12:00'],
  (x) => x.split('-')[1]!,
)
one(
  'time: seconds to m:ss',
  ['75', '120', '45', '200', '3599', '61'],
  (x) => `${Math.floor(Number(x) / 60)}:${two(Number(x) % 60)}`,
)
one('time: spoken to minutes', ['1h 30m', '2h 5m', '0h 45m', '3h 0m', '10h 15m'], (x) => {
  const [, h, m] = /(\d+)h (\d+)m/.exec(x)!
  return String(Number(h) * 60 + Number(m))
})
one('time: nearest quarter', ['09:07', '17:41', '12:52', '06:20', '08:03', '14:38'], (x) => {
  const t = Math.round((clock(x).h * 60 + clock(x).m) / 15) * 15
  return `${two(Math.floor(t / 60))}:${two(t % 60)}`
})
one(
  'time: ISO stamp spoken',
  ['2024-01-15T09:05:12Z', '2023-11-02T17:45:00Z', '2024-07-30T23:59:59Z', '2022-03-09T00:30:21Z'],
  (x) => `${months[Number(x.slice(5, 7)) - 1]} ${Number(x.slice(8, 10))}, ${x.slice(0, 4)}`,
)
one('number: fraction of bytes', ['1024', '2048', '10240', '512', '1536'], (x) => `${Number(x) / 1024} KB`)
one('number: midpoint', ['10-20', '30-40', '5-15', '100-200', '0-8'], (x) =>
  String(x.split('-').reduce((a, b) => a + Number(b), 0) / 2),
)
one('number: lower end', ['10-20', '30-40', '5-15', '100-200', '0-8'], (x) => x.split('-')[0]!)
one('number: rating', ['4.5 out of 5', '3 out of 5', '4.75 out of 5', '1 out of 5'], (x) => x.split(' ')[0]!)
one('number: away goals', ['3:1', '0:0', '12:10', '2:5'], (x) => x.split(':')[1]!)
one('number: suffix M', ['1.5M', '20M', '0.25M', '3M', '7.75M'], (x) => String(Number(x.slice(0, -1)) * 1e6))
one('number: plus sign', ['5', '-3', '12', '0', '-40', '7'], (x) => (Number(x) > 0 ? `+${x}` : x))
one('number: absolute', ['5', '-3', '12', '-0.5', '-40', '7'], (x) => x.replace('-', ''))
one(
  'number: one decimal percent',
  ['0.1234', '0.5', '0.07891', '0.999', '0.25'],
  (x) => `${(Number(x) * 100).toFixed(1)}%`,
)
one('number: cents', ['$12.50', '$3.00', '$0.99', '$120.05', '$7.10'], (x) =>
  String(Math.round(Number(x.slice(1)) * 100)),
)
one(
  'number: price with currency',
  ['12.5', '3', '0.99', '120.05', '1000'],
  (x) => `EUR ${Number(x).toFixed(2)}`,
)
one('number: inches to cm', ['10', '12', '7.5', '40', '1'], (x) => (Number(x) * 2.54).toFixed(1))
one('number: Fahrenheit', ['0', '100', '37', '20', '-40'], (x) =>
  String(Number(((Number(x) * 9) / 5 + 32).toFixed(1))),
)
one('number: grade', ['95', '82', '71', '88', '64', '93', '77', '55'], (x) =>
  Number(x) >= 90 ? 'A' : Number(x) >= 80 ? 'B' : Number(x) >= 70 ? 'C' : 'D',
)
one('number: French decimals', ['1 234,50', '99,90', '12 000,00', '7 450,05'], (x) =>
  x.replaceAll(' ', '').replace(',', '.'),
)
one('number: spaces between thousands', ['1234567', '98765', '1200', '20000000', '450'], (x) =>
  grouped(Number(x), 0).replaceAll(',', ' '),
)
one('number: accounting negatives', ['(120.00)', '45.10', '(7.25)', '300.00', '(1500.00)'], (x) =>
  x.startsWith('(') ? `-${x.slice(1, -1)}` : x,
)
one(
  'number: numbers only',
  ['approx. 12 pieces', 'about 7', '150 pcs', 'ca. 33 items'],
  (x) => /\d+/.exec(x)![0],
)
one(
  'name: Last First to First Last',
  ['SMITH John', 'NOVAK Peter', 'FISCHER Lena', 'MOREAU Luc', 'CHEN Wei'],
  (x) => `${word(x, 1)} ${capital(word(x, 0))}`,
)
one('name: First L.', plainNames, (x) => `${word(x, 0)} ${word(x, 1)[0]}.`)
one(
  'name: from comma with initial',
  ['Gonzalez, Maria E.', 'Smith, John A.', 'Fischer, Lena M.', 'Novak, Peter B.'],
  (x) => x.split(', ').reverse().join(' '),
)
one('name: possessive', plainNames, (x) => `${word(x, 0)}'s order`)
one(
  'name: first of a couple',
  ['John & Jane Smith', 'Peter & Eva Novak', 'Luc & Anne Moreau', 'Wei & Li Chen'],
  (x) => word(x, 0),
)
one(
  'name: surname of a couple',
  ['John & Jane Smith', 'Peter & Eva Novak', 'Luc & Anne Moreau', 'Wei & Li Chen'],
  (x) => word(x, -1),
)
one('name: sign', middleNames, (x) =>
  x
    .split(' ')
    .map((w) => w[0]!.toLowerCase())
    .join(''),
)
one('name: without suffix', ['Tom Baker Jr.', 'Ann Lee', 'Bob Hill Sr.', 'Eva Stein', 'Max Roth Jr.'], (x) =>
  x.replace(/ (Jr|Sr)\.$/, ''),
)
one('name: code of three letters', plainNames, (x) => word(x, 1).slice(0, 3).toUpperCase())
many(
  'name: with title',
  [
    ['Mr.', 'John', 'Smith'],
    ['Ms.', 'Eva', 'Stein'],
    ['Dr.', 'Peter', 'Novak'],
    ['Mrs.', 'Ann', 'Lee'],
  ],
  (a, _b, c) => `Dear ${a} ${c}`,
)
many(
  'name: F. Last from parts',
  plainNames.map((x) => x.split(' ')),
  (a, b) => `${a![0]}. ${b}`,
)
one(
  'address: apartment',
  ['12 Oak St Apt 4', '480 Main Ave Apt 12B', '7 Elm Ct Apt 301', '99 Harbor Blvd Apt 2'],
  (x) => x.slice(x.indexOf('Apt')),
)
one('address: short street', ['12 Oak Street', '480 Main Street', '7 Elm Street', '99 Harbor Street'], (x) =>
  x.replace('Street', 'St.'),
)
one(
  'address: state of a city',
  ['Springfield, IL', 'New York, NY', 'Salt Lake City, UT', 'Austin, TX'],
  (x) => x.slice(-2),
)
one(
  'address: French post code',
  [
    '12 rue de la Paix, 75002 Paris',
    '3 avenue Foch, 69006 Lyon',
    '45 quai des Belges, 13001 Marseille',
    '8 place Kléber, 67000 Strasbourg',
  ],
  (x) => /\d{5}/.exec(x)![0],
)
one(
  'address: Dutch post code',
  [
    'Keizersgracht 12, 1015 CJ Amsterdam',
    'Coolsingel 40, 3011 AD Rotterdam',
    'Stationsplein 1, 3511 ED Utrecht',
    'Markt 87, 2611 GS Delft',
  ],
  (x) => /\d{4} [A-Z]{2}/.exec(x)![0],
)
one('address: in lines', addresses, (x) => x.replaceAll(', ', '\n'))
many(
  'address: optional second line',
  [
    ['12 Oak St', 'Apt 4', 'Boston'],
    ['7 Elm Ct', '', 'Austin'],
    ['99 Harbor Blvd', 'Unit 2', 'Salem'],
    ['4 Pine Rd', '', 'Dover'],
  ],
  (a, b, c) => [a, b, c].filter(Boolean).join(', '),
)
one(
  'mail: without angle brackets',
  plainNames.map((x) => `"${x}" <${word(x, 0).toLowerCase()}@acme.com>`),
  (x) => x.slice(1, x.lastIndexOf('"')),
)
one('mail: top level domain', ['a@acme.com', 'b@globex.co.uk', 'c@initech.de', 'd@hooli.io'], (x) =>
  x.slice(x.lastIndexOf('.') + 1),
)
one(
  'mail: spoken',
  ['maria at acme dot com', 'john at globex dot org', 'lena at initech dot de', 'wei at hooli dot io'],
  (x) => x.replace(' at ', '@').replace(' dot ', '.'),
)
one(
  'mail: initial and surname',
  dottedEmails,
  (x) => `${x[0]!.toUpperCase()}. ${capital(x.split('@')[0]!.split('.')[1]!)}`,
)
one('url: without query', urls, (x) => x.split('?')[0]!)
one('url: without scheme', urls, (x) => x.replace(/^https?:\/\//, ''))
one(
  'url: company',
  ['https://www.acme.com', 'http://www.globex.org', 'https://www.initech.de', 'http://www.hooli.io'],
  (x) => x.split('.')[1]!,
)
one(
  'url: secured',
  ['http://acme.com', 'https://globex.org', 'http://initech.de/x', 'https://hooli.io', 'http://stark.net'],
  (x) => x.replace(/^http:/, 'https:'),
)
one(
  'url: with scheme',
  ['acme.com', 'https://globex.org', 'initech.de', 'https://hooli.io', 'stark.net'],
  (x) => (x.startsWith('https') ? x : `https://${x}`),
)
one('url: title of a slug', ['how-to-run-faster', 'ten-red-shoes', 'about-us', 'our-team'], (x) =>
  capital(x.replaceAll('-', ' ')),
)
one(
  'code: file without extension',
  ['report_2024.xlsx', 'photos.zip', 'budget.final.csv', 'track01.mp3'],
  (x) => x.slice(0, x.lastIndexOf('.')),
)
one('code: text of a tag', ['<b>Hello</b>', '<b>Good day</b>', '<b>7 items</b>', '<b>x</b>'], (x) =>
  x.slice(3, -4),
)
one(
  'code: value of a key',
  ['id=5;name=Ann', 'id=17;name=Bob', 'id=230;name=Eva Stein', 'id=8;name=Max'],
  (x) => x.split('name=')[1]!,
)
one(
  'code: JSON number',
  ['{"id": 5, "ok": true}', '{"id": 17, "ok": false}', '{"id": 230, "ok": true}', '{"id": 8, "ok": false}'],
  (x) => /\d+/.exec(x)![0],
)
one('code: without quotes', ['"red"', '"dark blue"', '"7"', '"x,y"'], (x) => x.slice(1, -1))
one(
  'code: social security',
  ['123456789', '987654321', '111223333', '555443333'],
  (x) => `${x.slice(0, 3)}-${x.slice(3, 5)}-${x.slice(5)}`,
)
one(
  'code: masked social security',
  ['123-45-6789', '987-65-4321', '111-22-3333', '555-44-3333'],
  (x) => `XXX-XX-${x.slice(-4)}`,
)
one('code: upper colour', ['#ff00aa', '#00cc99', '#1a2b3c', '#ffffff'], (x) => x.toUpperCase())
one('code: letters of a code', ['AB123', 'XYZ7', 'Q9981', 'LM42'], (x) => x.replace(/\d/g, ''))
one('code: digits of a code', ['AB123', 'XYZ7', 'Q9981', 'LM42'], (x) => x.replace(/\D/g, ''))
one('code: dash between letters and digits', ['AB123', 'XYZ7', 'Q9981', 'LM42'], (x) =>
  x.replace(/(\d+)/, '-$1'),
)
one(
  'code: year and number',
  ['INV2024-17', 'INV2023-4', 'INV2024-233', 'INV2022-9'],
  (x) => `${x.slice(3, 7)}/${x.split('-')[1]!.padStart(4, '0')}`,
)
one(
  'code: cut',
  [
    'A very long title of a book',
    'Another long title here',
    'The third title is long too',
    'Short but not too short',
  ],
  (x) => `${x.slice(0, 10)}...`,
)
one(
  'code: Y and N',
  ['Y', 'N', 'N', 'Y', 'Y', 'N'].map((x, i) => `${x}-${i}`),
  (x) => (x[0] === 'Y' ? 'Yes' : 'No'),
)
one('code: SWIFT country', ['DEUTDEFF', 'BNPAFRPP', 'NWBKGB2L', 'ABNANL2A'], (x) => x.slice(4, 6))
one(
  'code: table and field',
  ['orders.total', 'customers.name', 'items.unit_price', 'people.id'],
  (x) => `[${x.split('.')[0]}].[${x.split('.')[1]}]`,
)
one('code: chapter', ['3.2.1 Results', '10.4 Methods', '2.1 Data', '7.12.3 Outlook'], (x) => x.split('.')[0]!)
one('code: heading', ['3.2.1 Results', '10.4 Methods', '2.1 Data', '7.12.3 The outlook'], (x) =>
  x.slice(x.indexOf(' ') + 1),
)
one('list: bars to commas', ['red|green|blue', 'one|two', 'a|b|c|d', 'x|y|z'], (x) => x.replaceAll('|', ', '))
one('list: second item', ['red, green, blue', 'one, two', 'a, b, c, d', 'x, y, z'], (x) => x.split(', ')[1]!)
one(
  'list: first and last',
  ['red, green, blue', 'one, two', 'a, b, c, d', 'x, y, z'],
  (x) => `${x.split(', ')[0]} to ${x.split(', ').at(-1)}`,
)
one('list: in brackets', ['red, green', 'one, two, three', 'a', 'x, y'], (x) => `[${x}]`)
one('list: all but the first', ['red, green, blue', 'one, two', 'a, b, c, d', 'x, y, z'], (x) =>
  x.split(', ').slice(1).join(', '),
)
many(
  'columns: hours times rate',
  [
    ['7.5', '20'],
    ['8', '25'],
    ['6.25', '18'],
    ['4', '30.5'],
  ],
  (a, b) => String(Number(a) * Number(b)),
)
many(
  'columns: discounted',
  [
    ['100', '10'],
    ['80', '25'],
    ['250', '5'],
    ['40', '50'],
    ['19.9', '20'],
  ],
  (a, b) => String(Number((Number(a) * (1 - Number(b) / 100)).toFixed(2))),
)
many(
  'columns: share of the total',
  [
    ['20', '80', '100'],
    ['5', '15', '20'],
    ['30', '30', '60'],
    ['9', '1', '10'],
  ],
  (a, _b, c) => `${(Number(a) / Number(c)) * 100}%`,
)
many(
  'columns: area',
  [
    ['10', '20'],
    ['3', '4.5'],
    ['100', '7'],
    ['2.5', '2'],
  ],
  (a, b) => `${Number(a) * Number(b)} m²`,
)
many(
  'columns: folder and file',
  [
    ['C:\\data', 'a.csv'],
    ['D:\\x\\y', 'b.txt'],
    ['E:', 'c.pdf'],
    ['C:\\tmp', 'd.log'],
  ],
  (a, b) => `${a}\\${b}`,
)
many(
  'columns: price and unit',
  [
    ['12.5', 'EUR', 'kg'],
    ['3', 'USD', 'lb'],
    ['0.99', 'EUR', 'piece'],
    ['120', 'GBP', 'day'],
  ],
  (a, b, c) => `${a} ${b}/${c}`,
)
many(
  'columns: third by difference',
  [
    ['100', '40', '60'],
    ['80', '30', '50'],
    ['75', '25', '50'],
    ['200', '20', '180'],
  ].map(([a, b]) => [a!, b!]),
  (a, b) => String(Number(a) - Number(b)),
)
many(
  'columns: sum of three',
  [
    ['1', '2', '3'],
    ['10', '20', '30'],
    ['5', '0', '7'],
    ['100', '1', '9'],
  ],
  (a, b, c) => String(Number(a) + Number(b) + Number(c)),
)
many(
  'columns: country and number',
  [
    ['+49', '0301234567'],
    ['+49', '0897654321'],
    ['+33', '0145678901'],
    ['+44', '02079460000'],
  ],
  (a, b) => `${a} ${b!.slice(1)}`,
)
one('mixed: Turkish capitals', ['istanbul', 'ankara', 'bursa', 'konya', 'adana'], (x) => x.toUpperCase())
one('mixed: Greek first word', ['Καλημέρα κόσμε', 'Γεια σου', 'Καλή μέρα', 'Ευχαριστώ πολύ'], (x) =>
  word(x, 0),
)
one('mixed: Korean family name', ['김민수', '이영희', '박지성', '최수진'], (x) => x[0]!)
one('mixed: Thai digits', ['๑๒๓', '๔๕', '๗', '๙๐๑'], (x) =>
  [...x].map((d) => d.codePointAt(0)! - 0xe50).join(''),
)
one('mixed: full width', ['ＡＢＣ１２３', 'ＸＹ７', 'Ｑ９９', 'ＬＭ４２'], (x) => x.normalize('NFKC'))
one('mixed: umlauts spelled out', ['Müller', 'Schröder', 'Bäcker', 'Köhler', 'Jäger'], (x) =>
  x.replace('ü', 'ue').replace('ö', 'oe').replace('ä', 'ae'),
)

export const everyday: readonly EverydayTask[] = tasks
