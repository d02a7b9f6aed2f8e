import type { EverydayTask } from './everyday.ts'

/**
 * Further columns as people fill them, written after the costs and the confidence were fitted on others: nothing is
 * ever fitted or chosen on these.
 */
type Make = (...cells: string[]) => string
const column = (id: string, inputs: (string | string[])[], make: Make): EverydayTask => ({
  id,
  rows: inputs.map((each) => {
    const cells = typeof each === 'string' ? [each] : each
    return { in: cells, out: make(...cells) }
  }),
})
const part = (text: string, mark: string, n: number) => text.split(mark).at(n) as string
const found = (text: string, pattern: RegExp) => pattern.exec(text)?.[1] as string
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1).toLowerCase()

const flights = [
  'LH 1234 FRA-JFK 08:15',
  'BA 17 LHR-SIN 21:40',
  'AF 990 CDG-JNB 23:20',
  'KL 605 AMS-SFO 12:05',
  'TP 8 LIS-EWR 17:00',
]
const invoices = [
  'Invoice #20417 (paid 2024-03-05)',
  'Invoice #991 (paid 2023-12-30)',
  'Invoice #100032 (paid 2024-11-17)',
  'Invoice #7 (paid 2022-02-28)',
]
const guests = [
  'Kowalski, Ewa (2 nights)',
  'Brandt, Uwe (14 nights)',
  'Okafor, Chidi (1 nights)',
  'Silva, Ana (7 nights)',
  'Meyer, Lotte (3 nights)',
]
const recipes = [
  '250 g flour',
  '3 eggs, beaten',
  '1.5 l milk, warm',
  '12 g salt',
  '2 tbsp sugar, brown',
  '0.5 kg apples',
]
const courses = [
  'CS101: Intro to Computing',
  'MATH2200: Linear Algebra',
  'BIO15: Cells',
  'HIST330: The Long 19th Century',
]
const tracks = [
  '01 - Blue in Green - 5:37',
  '02 - So What - 9:22',
  '10 - All Blues - 11:33',
  '11 - Flamenco Sketches - 9:26',
]
const parcels = [
  ['DHL', '00340434161094022115', 'Berlin'],
  ['UPS', '1Z999AA10123456784', 'Paris'],
  ['GLS', '50346007813', 'Wien'],
  ['DPD', '09981330012234', 'Roma'],
]
const staff = [
  ['Nadia', 'Haddad', 'Sales'],
  ['Bruno', 'Costa', 'Legal'],
  ['Priya', 'Raman', 'Finance'],
  ['Lars', 'Holm', 'Support'],
  ['Zoe', 'Papas', 'Sales'],
]
const spans = [
  ['2024-03-01', '2024-03-15'],
  ['2023-12-20', '2024-01-04'],
  ['2024-02-10', '2024-03-01'],
  ['2022-06-30', '2022-07-01'],
  ['2024-10-05', '2024-11-05'],
]
const stays = spans.map(([from]) => from as string)
const readings = ['23.456 °C', '-4.1 °C', '0.05 °C', '101.999 °C', '17 °C']
const carts = [
  ['3', '19.99'],
  ['1', '5.00'],
  ['12', '0.85'],
  ['7', '100.10'],
  ['2', '49.50'],
]
const servers = ['web-01.eu.prod', 'db-12.us.test', 'cache-3.ap.prod', 'web-22.eu.stage', 'mail-9.us.prod']
const tags = ['#Sale #Summer #Shoes', '#New #Hats', '#Sale #Winter', '#Gift #Cards #Paper']
const plates = ['B-MW 1234', 'HH-A 77', 'M-XY 9001', 'K-LM 5', 'S-TT 480']
const seats = ['Row 12, Seat A', 'Row 3, Seat F', 'Row 27, Seat C', 'Row 8, Seat B']
const ibans = [
  'DE89370400440532013000',
  'FR7630006000011234567890189',
  'GB29NWBK60161331926819',
  'NL91ABNA0417164300',
]
const lectures = ['Mon 09:00-10:30', 'Tue 14:15-15:45', 'Fri 08:00-09:00', 'Wed 11:30-13:00']
const articles = ['the_old_man_and_the_sea', 'war_and_peace', 'to_kill_a_mockingbird', 'brave_new_world']
const stock = ['in stock: 14', 'in stock: 0', 'in stock: 250', 'in stock: 3']
const versions = ['v1.12.3-beta', 'v2.0.0', 'v10.4.17-rc', 'v3.9.1']
const quotes = ['“Hello”', '“Good bye”', '“Later”', '“See you soon”']
const cities = ['Lyon (FR)', 'San Sebastián (ES)', 'Graz (AT)', 'Den Haag (NL)', 'Oslo (NO)']
const minutes = ['90', '45', '125', '60', '200']
const months = ['2024-01-31', '2023-11-05', '2022-07-19', '2024-12-25', '2021-04-02']

export const everydayFresh: readonly EverydayTask[] = [
  column('flight: number', flights, (x) => x.split(' ').slice(0, 2).join('')),
  column('flight: from', flights, (x) => found(x, /([A-Z]{3})-/)),
  column('flight: to', flights, (x) => found(x, /-([A-Z]{3})/)),
  column('flight: route', flights, (x) => found(x, /([A-Z]{3}-[A-Z]{3})/).replace('-', ' → ')),
  column('flight: hour', flights, (x) => found(x, /(\d\d):\d\d$/)),
  column('invoice: number', invoices, (x) => found(x, /#(\d+)/)),
  column('invoice: padded', invoices, (x) => `INV-${found(x, /#(\d+)/).padStart(6, '0')}`),
  column('invoice: day paid', invoices, (x) => found(x, /paid (.*)\)/)),
  column('invoice: month paid', invoices, (x) => found(x, /paid (\d{4}-\d\d)/)),
  column('guest: name', guests, (x) => `${found(x, /, (\w+)/)} ${part(x, ',', 0)}`),
  column('guest: nights', guests, (x) => found(x, /\((\d+)/)),
  column('guest: short', guests, (x) => `${part(x, ',', 0)} ${found(x, /, (\w)/)}.`),
  column('recipe: amount', recipes, (x) => part(x, ' ', 0)),
  column('recipe: without note', recipes, (x) => part(x, ',', 0)),
  column('course: code', courses, (x) => part(x, ':', 0)),
  column('course: title', courses, (x) => part(x, ': ', 1)),
  column('course: title in capitals', courses, (x) => part(x, ': ', 1).toUpperCase()),
  column('track: title', tracks, (x) => part(x, ' - ', 1)),
  column('track: file', tracks, (x) => `${part(x, ' - ', 0)} ${part(x, ' - ', 1)}.mp3`),
  column('track: minutes', tracks, (x) => found(x, /(\d+):\d\d$/)),
  column('parcel: label', parcels, (by = '', code = '', to = '') => `${by} ${code} (${to})`),
  column('parcel: last five', parcels, (_, code = '') => code.slice(-5)),
  column('staff: login', staff, (first = '', last = '') => `${first[0]}${last}`.toLowerCase()),
  column('staff: signature', staff, (first = '', last = '', team = '') => `${first} ${last}, ${team}`),
  column('staff: address', staff, (first = '', last = '', team = '') =>
    `${first}.${last}@${team}.example.com`.toLowerCase(),
  ),
  column('span: days', spans, (from = '', to = '') => String((Date.parse(to) - Date.parse(from)) / 864e5)),
  column('span: text', spans, (from = '', to = '') => `${from} to ${to}`),
  column('stay: German date', stays, (x) => x.split('-').toReversed().join('.')),
  column('stay: weekday', stays, (x) =>
    new Date(x).toLocaleDateString('en-US', { weekday: 'long', timeZone: 'UTC' }),
  ),
  column('stay: year and quarter', stays, (x) => `${x.slice(0, 4)} Q${Math.ceil(Number(x.slice(5, 7)) / 3)}`),
  column('reading: number', readings, (x) => part(x, ' ', 0)),
  column('reading: to tenths', readings, (x) => Number(part(x, ' ', 0)).toFixed(1)),
  column('cart: total', carts, (n = '', price = '') => (Number(n) * Number(price)).toFixed(2)),
  column('cart: text', carts, (n = '', price = '') => `${n} × $${price}`),
  column('server: region', servers, (x) => part(x, '.', 1)),
  column('server: kind', servers, (x) => part(x, '-', 0)),
  column('server: number', servers, (x) => found(x, /-(\d+)/)),
  column('server: stage in capitals', servers, (x) => part(x, '.', 2).toUpperCase()),
  column('tags: first', tags, (x) => found(x, /#(\w+)/)),
  column('tags: list', tags, (x) => x.replaceAll('#', '').replaceAll(' ', ', ')),
  column('plate: town', plates, (x) => part(x, '-', 0)),
  column('plate: without spaces', plates, (x) => x.replace(/[- ]/g, '')),
  column('seat: short', seats, (x) => `${found(x, /(\d+)/)}${x.at(-1)}`),
  column('account: country', ibans, (x) => x.slice(0, 2)),
  column('account: last four', ibans, (x) => `…${x.slice(-4)}`),
  column('lecture: start', lectures, (x) => found(x, / (.*)-/)),
  column('lecture: day', lectures, (x) => part(x, ' ', 0)),
  column('article: title', articles, (x) => x.split('_').map(capital).join(' ')),
  column('article: words', articles, (x) => x.replaceAll('_', ' ')),
  column('stock: left', stock, (x) => part(x, ': ', 1)),
  column('version: major', versions, (x) => found(x, /v(\d+)/)),
  column('version: bare', versions, (x) => found(x, /v([\d.]+)/)),
  column('quote: bare', quotes, (x) => x.slice(1, -1)),
  column('city: country', cities, (x) => found(x, /\((\w+)\)/)),
  column('city: name', cities, (x) => part(x, ' (', 0)),
  column('city: with comma', cities, (x) => x.replace(' (', ', ').replace(')', '')),
  column(
    'minutes: as hours',
    minutes,
    (x) => `${Math.floor(Number(x) / 60)}:${String(Number(x) % 60).padStart(2, '0')}`,
  ),
  column('month: name and year', months, (x) =>
    new Date(x).toLocaleDateString('en-US', { month: 'long', year: 'numeric', timeZone: 'UTC' }),
  ),
  column('month: figures', months, (x) => `${x.slice(5, 7)}/${x.slice(0, 4)}`),
]
