import { day, localDate, localMidnight, localStamp } from '../calendar.ts'
import {
  type Customer,
  contact,
  domain,
  type Language,
  mailboxDesk,
  type Person,
  products,
  teamMailbox,
} from '../company.ts'
import { type Random, random } from '../random.ts'
import { breakages, type Letter, type LetterKind, type Mailbox, type MimeStyle } from './letter.ts'
import { type Label, phrasebooks } from './phrasebook.ts'
import { mistype, say } from './phrases.ts'

const shareOfLabel: readonly (readonly [Label, number])[] = [
  ['Orders', 22],
  ['Delivery', 17],
  ['Invoices', 13],
  ['Returns', 10],
  ['Prices', 14],
  ['Complaints', 9],
  ['Products', 9],
  ['Accounts', 6],
]

/** Which label the desk takes for which, by mistake or because both would do. */
export const confusable: Record<Label, readonly Label[]> = {
  Orders: ['Delivery', 'Prices', 'Products'],
  Delivery: ['Orders', 'Complaints', 'Returns'],
  Invoices: ['Prices', 'Accounts', 'Orders'],
  Returns: ['Complaints', 'Delivery'],
  Prices: ['Products', 'Orders'],
  Complaints: ['Returns', 'Delivery'],
  Products: ['Prices', 'Orders'],
  Accounts: ['Invoices', 'Orders'],
}

/**
 * A question that comes again and again, and what the people named answer to it: always the same text with other
 * names, numbers and dates. `ask` and `answer` are places in the topic's lists, the same in both languages.
 */
export interface Habit {
  id: string
  label: Label
  ask: number
  answer: number
  people: readonly string[]
}
export const habits: readonly Habit[] = [
  { id: 'invoice copy', label: 'Invoices', ask: 0, answer: 0, people: ['Maja', 'Jonas'] },
  { id: 'tracking number', label: 'Delivery', ask: 2, answer: 0, people: ['Maja', 'Jonas'] },
  { id: 'login reset', label: 'Accounts', ask: 1, answer: 1, people: ['Maja'] },
  { id: 'return label', label: 'Returns', ask: 1, answer: 0, people: ['Maja', 'Jonas'] },
  { id: 'data sheet', label: 'Products', ask: 0, answer: 0, people: ['Jonas'] },
  { id: 'order received', label: 'Orders', ask: 1, answer: 0, people: ['Maja'] },
]

/** Writes the mail of the company: what customers ask, what the desk answers. Deterministic for its source of chance. */
export interface Correspondence {
  /** A mail that opens a conversation (or a newsletter, a notice, a stray). */
  open(rng: Random, at: number): Letter
  /** What a person of the desk answers. */
  answer(rng: Random, letter: Letter, person: Person, at: number): Letter
  /** What the customer writes next, after our answer or for want of one. */
  next(rng: Random, letter: Letter, answered: Letter | null, at: number): Letter
}

export function correspondence(customers: readonly Customer[], seed: string): Correspondence {
  const send = (rng: Random, letter: Omit<Letter, 'id'>): Letter => ({
    ...letter,
    id: `${Math.floor(letter.at / 1000).toString(36)}.${rng.int(2 ** 31).toString(36)}@${letter.from.address.split('@')[1]}`,
  })

  /** The fixed text of a habit: chance picks its wording once, by the seed, and never again. */
  const fixed = new Map<string, string>()
  const habitText = (habit: Habit, person: Person, language: Language): string => {
    const key = `${habit.id}/${person.first}/${language}`
    let text = fixed.get(key)
    if (!text) {
      const book = phrasebooks[language]
      const rng = random(`${seed}/habit/${key}`)
      const open = new Proxy({}, { get: (_, name) => `<${String(name)}>` }) as Record<string, string>
      text = [
        say(book.answerGreetings[0]!, rng, open),
        '',
        `${say(book.answerExtras[0]!, rng, open)} ${say(book.topics[habit.label].answers[habit.answer]!, rng, open)}`,
        '',
        say(rng.pick(book.answerClosings), rng, open),
      ].join('\n')
      fixed.set(key, text)
    }
    return text
  }

  return {
    open: (rng, at) => {
      const kind = rng.weighted<LetterKind>([
        ['ask', 84],
        ['newsletter', 8],
        ['notice', 4],
        ['thanks', 3],
        ['unfamiliar', 1.2],
      ])
      if (kind === 'newsletter' || kind === 'notice') return send(rng, bulk(rng, at, kind))
      const customer = rng.pick(customers)
      if (kind === 'unfamiliar') return send(rng, stray(rng, at, customer))
      return send(rng, ask(rng, at, customer, kind === 'thanks'))
    },

    answer: (rng, letter, person, at) => {
      const book = phrasebooks[letter.language]
      const values = { ...letter.values, ...laterDates(rng, at, letter.language) }
      const habit = habits.find(
        (one) => one.label === letter.topic && one.ask === letter.ask && one.people.includes(person.first),
      )
      let body: string
      if (habit && rng.chance(0.93)) {
        body = say(habitText(habit, person, letter.language), rng, values)
        if (rng.chance(0.12)) body += `\n\nPS: ${say(rng.pick(book.answerExtras.slice(3)), rng, values)}`
      } else {
        const wanted = letter.topic ? rng.pick(book.topics[letter.topic].answers) : book.answerExtras[0]!
        const sentences = [say(wanted, rng, values)]
        if (rng.chance(0.65)) sentences.unshift(say(rng.pick(book.answerExtras.slice(0, 3)), rng, values))
        if (rng.chance(0.5)) sentences.push(say(rng.pick(book.answerExtras.slice(3)), rng, values))
        if (letter.topic && rng.chance(0.25)) {
          const others = book.topics[letter.topic].answers.filter((one) => one !== wanted)
          sentences.push(say(rng.pick(others), rng, values))
        }
        body = [
          say(rng.pick(book.answerGreetings), rng, values),
          '',
          sentences.join(rng.chance(0.5) ? ' ' : '\n'),
          '',
          say(rng.pick(book.answerClosings), rng, values),
        ].join('\n')
      }
      const signature = rng.chance(0.85)
        ? `\n${person.name}\n\n-- \n${person.name}, ${person.team}\nHalvorsen & Reuter Trading\nTel. +49 40 5550 ${100 + person.first.length * 7}`
        : `\n${person.first}`
      return send(rng, {
        ...letter,
        kind: 'answer',
        at,
        from: { name: person.name, address: rng.chance(0.6) ? teamMailbox : person.address },
        to: letter.from,
        subject: reply(letter.subject, letter.language),
        text: body + signature + quote(letter),
        inReplyTo: letter.id,
        references: [...letter.references, letter.id],
        ambiguous: false,
        style: {
          charset: 'utf-8',
          transfer: rng.pick(['8bit', 'quoted-printable', 'quoted-printable']),
          format: rng.chance(0.3) ? 'both' : 'plain',
          attachment: rng.chance(0.08) ? `${letter.values.invoice}.pdf` : null,
          broken: null,
        },
      })
    },

    next: (rng, letter, answered, at) => {
      const customer = letter.customer!
      const book = phrasebooks[letter.language]
      const before = answered ?? letter
      const thanks = answered !== null && rng.chance(0.55)
      const topic = letter.topic && book.topics[letter.topic]
      const text = thanks
        ? say(rng.pick(book.thanks.texts), rng, letter.values)
        : answered && topic
          ? [
              say(rng.pick(book.furthers), rng, letter.values),
              say(rng.pick(topic.asks), rng, letter.values),
              ...(rng.chance(0.4) ? [say(rng.pick(topic.details), rng, letter.values)] : []),
            ].join(' ')
          : `${say(rng.pick(book.reminders), rng, letter.values)} ${topic ? say(rng.pick(topic.asks), rng, letter.values) : ''}`
      const body = framed(rng, customer, letter.contact, text, letter.values, !thanks)
      return send(rng, {
        ...letter,
        kind: thanks ? 'thanks' : 'follow-up',
        at,
        from: customerMailbox(customer, letter.contact),
        to: { name: '', address: teamMailbox },
        subject: reply(letter.subject, letter.language),
        text: body + (rng.chance(0.6) ? quote(before) : ''),
        inReplyTo: before.id,
        references: [...before.references, before.id],
        ask: null,
        label: thanks ? null : letter.topic,
        ambiguous: false,
        style: styleOf(rng, customer),
      })
    },
  }
}

function ask(rng: Random, at: number, customer: Customer, thanks: boolean): Omit<Letter, 'id'> {
  const book = phrasebooks[customer.language]
  const label = rng.weighted(shareOfLabel)
  const topic = book.topics[label]
  const who = rng.int(customer.contacts.length)
  const values = { ...valuesFor(rng, at, customer), name: customer.contacts[who]!.formal }
  const ordinary = topic.asks.map((_, i) => i)
  const habitual = habits.filter((habit) => habit.label === label).map((habit) => habit.ask)
  const which = rng.pick([...ordinary, ...habitual, ...habitual, ...habitual])

  const other = rng.chance(0.022) ? rng.pick(confusable[label]) : null
  const sentences = thanks
    ? [say(rng.pick(book.thanks.texts), rng, values)]
    : [say(topic.asks[which]!, rng, values)]
  if (!thanks) {
    if (rng.chance(0.3 + customer.chatty * 0.15)) sentences.push(say(rng.pick(topic.details), rng, values))
    if (rng.chance(customer.chatty * 0.12)) sentences.push(say(rng.pick(topic.details), rng, values))
    if (other) sentences.push(say(rng.pick(book.topics[other].asks), rng, values))
  }
  const long = !thanks && rng.chance(customer.chatty * 0.08)
  if (long)
    for (let i = rng.between(2, 5); i > 0; i--) sentences.push(say(rng.pick(book.asides), rng, values))
  const unique = [...new Set(sentences)]
  const text = unique.join(rng.chance(long ? 0.4 : 0.75) ? ' ' : '\n\n')
  const subjects = thanks ? book.thanks.subjects : rng.chance(0.38) ? book.vagueSubjects : topic.subjects
  return {
    kind: thanks ? 'thanks' : 'ask',
    at,
    from: customerMailbox(customer, who),
    to: { name: rng.chance(0.4) ? 'Orders' : '', address: teamMailbox },
    subject: mistype(say(rng.pick(subjects), rng, values), rng, customer.typos / 2).trim(),
    text: framed(rng, customer, who, text, values, !thanks),
    inReplyTo: null,
    references: [],
    language: customer.language,
    topic: thanks ? null : label,
    ask: thanks || other ? null : which,
    label: thanks ? null : other && rng.chance(0.4) ? other : label,
    ambiguous: other !== null,
    style: styleOf(rng, customer),
    customer,
    contact: who,
    values,
  }
}

/** Greeting, opening, aside, closing and signature around what the customer wants. */
function framed(
  rng: Random,
  customer: Customer,
  who: number,
  text: string,
  values: Record<string, string>,
  full: boolean,
): string {
  const book = phrasebooks[customer.language]
  const person = customer.contacts[who]!
  const lines: string[] = []
  if (customer.chatty > 0 || rng.chance(0.6)) lines.push(say(rng.pick(book.greetings), rng, values), '')
  const first =
    full && rng.chance(customer.chatty * 0.15) ? `${say(rng.pick(book.openings), rng, values)} ` : ''
  const aside = full && rng.chance(customer.chatty * 0.13) ? say(rng.pick(book.asides), rng, values) : null
  lines.push(aside && rng.chance(0.3) ? `${first}${aside} ${text}` : `${first}${text}`)
  if (aside && !lines.at(-1)!.includes(aside)) lines.push('', aside)
  if (customer.signature !== 'none' || rng.chance(0.5)) {
    lines.push('', say(full ? rng.pick(book.closings) : book.closings[0]!, rng, values))
  }
  let signed = mistype(lines.join('\n'), rng, customer.typos)
  if (customer.signature === 'name') signed += `\n${rng.chance(0.5) ? person.first : person.formal}`
  if (customer.signature === 'phone') signed += `\n\n${say(book.phoneSignature, rng, values)}`
  if (customer.signature === 'full') {
    const tel = customer.language === 'en' ? '+44 1632 960' : '+49 30 23125 '
    signed += `\n${person.formal}\n\n-- \n${person.formal}\n${customer.company}\n${customer.street}, ${customer.postcode} ${customer.city}\n${tel}${customer.number.slice(-3)}\n${person.address}`
  }
  return signed
}

function bulk(rng: Random, at: number, kind: 'newsletter' | 'notice'): Omit<Letter, 'id'> {
  const language: Language = rng.chance(0.5) ? 'en' : 'de'
  const book = phrasebooks[language]
  const values = valuesFor(rng, at, null)
  const kit = kind === 'newsletter' ? book.newsletters : book.notices
  const sender = rng.pick([
    ['Pack & Store Weekly', 'news@pack-and-store.example'],
    ['Lager heute', 'redaktion@lager-heute.example'],
    ['Trade Fair Team', 'info@warehouse-fair.example'],
    ['Parcel Portal', 'noreply@parcel-portal.example'],
  ] as const)
  return {
    kind,
    at,
    from: { name: sender[0], address: sender[1] },
    to: { name: '', address: teamMailbox },
    subject: say(rng.pick(kit.subjects), rng, values),
    text: say(rng.pick(kit.texts), rng, values),
    inReplyTo: null,
    references: [],
    language,
    topic: null,
    ask: null,
    label: null,
    ambiguous: false,
    style: {
      charset: 'utf-8',
      transfer: 'quoted-printable',
      format: kind === 'newsletter' ? rng.pick(['html', 'both']) : 'plain',
      attachment: null,
      broken: null,
    },
    customer: null,
    contact: 0,
    values,
  }
}

function stray(rng: Random, at: number, customer: Customer): Omit<Letter, 'id'> {
  const book = phrasebooks[customer.language]
  const values = valuesFor(rng, at, customer)
  const odd = rng.pick(book.unfamiliar)
  const who = rng.int(customer.contacts.length)
  return {
    kind: 'unfamiliar',
    at,
    from: customerMailbox(customer, who),
    to: { name: '', address: teamMailbox },
    subject: say(odd.subject, rng, values),
    text: framed(rng, customer, who, say(odd.text, rng, values), values, false),
    inReplyTo: null,
    references: [],
    language: customer.language,
    topic: null,
    ask: null,
    label: null,
    ambiguous: false,
    style: styleOf(rng, customer),
    customer,
    contact: who,
    values,
  }
}

function customerMailbox(customer: Customer, who: number): Mailbox {
  const person = customer.contacts[who]!
  return { name: person.formal, address: person.address }
}

function styleOf(rng: Random, customer: Customer): MimeStyle {
  return {
    charset: customer.charset,
    transfer: rng.weighted([
      ['quoted-printable', 50],
      ['8bit', 30],
      ['base64', 20],
    ] as const),
    format: customer.format,
    attachment: rng.chance(0.06)
      ? rng.pick(['order.pdf', 'IMG_2041.jpg', 'scan.pdf', 'Übersicht.xlsx'])
      : null,
    broken: rng.chance(0.025) ? rng.pick(breakages) : null,
  }
}

const reply = (subject: string, language: Language) =>
  /^(re|aw):/i.test(subject) ? subject : `${language === 'en' ? 'Re' : 'AW'}: ${subject}`

/** The mail answered, top-posted below the answer. Long chains are cut, as most programs do. */
function quote(letter: Letter): string {
  const wrote = say(phrasebooks[letter.language].wrote, silent, {
    date: spokenDate(letter.at, letter.language),
    who: letter.from.name,
  })
  const lines = letter.text.split('\n').slice(0, 40)
  return `\n\n${wrote}\n${lines.map((line) => (line.startsWith('>') ? `>${line}` : `> ${line}`)).join('\n')}`
}
const silent = random('a phrase without alternatives draws nothing')

function spokenDate(at: number, language: Language): string {
  const [year, month, dayOfMonth] = localDate(at).split('-')
  return language === 'de' ? `${dayOfMonth}.${month}.${year}` : `${dayOfMonth}/${month}/${year}`
}

const weekdayNames = {
  en: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'],
  de: ['Montag', 'Dienstag', 'Mittwoch', 'Donnerstag', 'Freitag'],
} as const

function laterDates(rng: Random, at: number, language: Language): Record<string, string> {
  return {
    date: spokenDate(localMidnight(at) + rng.between(1, 12) * day, language),
    weekday: rng.pick(weekdayNames[language]),
  }
}

function valuesFor(rng: Random, at: number, customer: Customer | null): Record<string, string> {
  const language = customer?.language ?? 'en'
  const english = language === 'en'
  const [one, two] = rng.shuffle(products)
  const money = (value: number) =>
    english ? `${value.toFixed(2)} EUR` : `${value.toFixed(2).replace('.', ',')} Euro`
  const someone = () => contact(rng, language)
  const year = localStamp(at).slice(0, 4)
  const who = someone()
  const newcomer = someone()
  return {
    order: rng.pick([
      `SO-${rng.between(40000, 59999)}`,
      `4500${rng.between(100000, 999999)}`,
      `${rng.between(20000, 99999)}`,
    ]),
    invoice: `${rng.pick(['INV', 'RE'])}-${year}-${String(rng.between(1, 9999)).padStart(5, '0')}`,
    product: rng.chance(0.12) ? one!.code : english ? one!.en : one!.de,
    product2: english ? two!.en : two!.de,
    code: one!.code,
    qty: String(
      rng.pick([2, 3, 5, 6, 10, 12, 15, 20, 24, 25, 30, 40, 48, 50, 60, 75, 80, 100, 120, 200, 250, 500]),
    ),
    qty2: String(rng.pick([4, 8, 16, 18, 32, 36, 45, 64, 90, 96, 110, 144, 150, 180, 240, 300, 600])),
    date: spokenDate(localMidnight(at) + rng.between(-9, 14) * day, language),
    weekday: rng.pick(weekdayNames[language]),
    week: String(rng.between(1, 52)),
    year,
    city: customer?.city ?? rng.pick(['Leeds', 'Kassel', 'Cork', 'Ulm']),
    street: customer?.street ?? 'Dock Street 4',
    company: customer?.company ?? '',
    customer: customer?.number ?? '',
    newmail: `${rng.pick(['office', 'orders', 'einkauf', 'purchasing'])}@${customer?.domain ?? domain}`,
    price: money(one!.price * (0.8 + rng.next() * 0.4)),
    amount: money(rng.logNormal(420, 0.9)),
    percent: String(rng.between(2, 14)),
    hour: String(rng.between(7, 10)),
    hour2: String(rng.between(11, 16)),
    kilos: String(rng.between(8, 380)),
    pos: String(rng.between(1, 9)),
    rma: `RMA${rng.between(10000, 99999)}`,
    track: `JJD${rng.between(100000, 999999)}${rng.between(100000, 999999)}`,
    reference: rng.pick([
      `${rng.pick(['KST', 'PRJ', 'REF', 'AB'])}-${rng.between(100, 9999)}`,
      `${rng.between(100000, 999999)}`,
    ]),
    person: who.formal,
    person2: newcomer.formal,
    clerk: rng.pick(mailboxDesk).first,
    name: customer ? customer.contacts[0]!.formal : '',
  }
}
