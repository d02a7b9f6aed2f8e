import { day, hour } from '../calendar.ts'
import { contact, type Language, leadDesk } from '../company.ts'
import { say } from '../letters/phrases.ts'
import type { Random } from '../random.ts'

export const leadColumns = [
  'id',
  'created',
  'source',
  'region',
  'contact',
  'role',
  'employees',
  'website visits',
  'minutes on site',
  'product interest',
  'budget',
  'existing customer',
  'first contact by',
  'note',
  'handover date',
  'outcome',
] as const
export type LeadColumn = (typeof leadColumns)[number]

/** A row as written, and what only the generator knows. */
export interface Lead {
  row: Record<LeadColumn, string>
  createdAt: number
  /** Probability of a win by the hidden rule, 0..1. */
  probability: number
  won: boolean
  /** When its outcome will be known. */
  decidedAt: number
}

const sources = {
  referral: 1.35,
  'trade fair': 0.55,
  'web form': 0.25,
  'price request': 0.8,
  newsletter: -0.55,
  'cold call': -1.1,
  'bought list': -1.75,
}
const regions = {
  North: 0.1,
  South: 0.25,
  East: -0.25,
  West: 0.1,
  Benelux: 0.35,
  Nordics: -0.2,
  Other: -0.75,
}
const roles = {
  'head of purchasing': 0.95,
  buyer: 0.55,
  owner: 0.6,
  'warehouse lead': 0.15,
  assistant: -0.35,
  student: -1.9,
  unknown: -0.4,
}
const interests = {
  'stretch film': 0.35,
  boxes: 0.25,
  tape: 0.1,
  gloves: -0.1,
  'safety shoes': -0.25,
  cleaning: -0.4,
  shelving: 0.15,
  'whole range': 0.8,
}
type Note = readonly [effect: number, en: string, de: string]
const notes: readonly Note[] = [
  [
    1.5,
    '{asked for|wants} a {quote|written offer}{ by Friday| this week|}',
    'bittet um {Angebot|schriftliches Angebot}{ bis Freitag|}',
  ],
  [
    1.2,
    '{unhappy with|wants to leave} current supplier{, contract ends soon|}',
    '{unzufrieden mit|will weg von} aktuellem Lieferanten',
  ],
  [1, '{sample|test order} {requested|wanted}', '{Muster|Probebestellung} gewünscht'],
  [0.7, 'call back {next week|on Monday|after the fair}', 'Rückruf {nächste Woche|Montag|nach der Messe}'],
  [0.1, '{sent|asked for} {catalogue|brochure}', '{Katalog|Broschüre} {geschickt|gewünscht}'],
  [0, '{spoke to|reached} {reception|the switchboard}', 'nur {Zentrale|Empfang} erreicht'],
  [
    -0.9,
    '{just looking|comparing prices only|no need at the moment}',
    '{nur mal umsehen|vergleicht nur Preise|derzeit kein Bedarf}',
  ],
  [-1.3, 'no budget {this year|before spring}', 'kein Budget {dieses Jahr|vor Frühjahr}'],
  [
    -1.6,
    '{has framework contract|tied} with {a competitor|parent company}',
    '{Rahmenvertrag|gebunden} bei {Wettbewerb|Konzernmutter}',
  ],
  [-1.9, '{wrong number|never reached|mail bounced}', '{falsche Nummer|nie erreicht|Mail kam zurück}'],
]

/** Log-odds of a win by the hidden rule, given as a table for `truth/leads.json`. */
export const leadRule = {
  intercept: -1.5,
  steepness: 1.4,
  sources,
  regions,
  roles,
  interests,
  employees: '+0.35 for each factor of e above 40, at most +1.2; above 2,000: -0.5',
  'website visits': '+0.55 * ln(1 + visits) - 0.7',
  'minutes on site': '+0.05 a minute up to 15; doubled for web form',
  budget: '+0.3 for each factor of e above 8,000, between -1 and 1; missing: -0.35',
  'existing customer': '+0.9 for yes',
  notes: notes.map(([effect, en]) => ({ effect, en })),
  'first contact by': 'no effect',
} as const

/** One lead as it comes in, with its truth. `decidedAfter` is the typical time until its outcome, in milliseconds. */
export function makeLead(rng: Random, number: number, at: number, decidedAfter: number): Lead {
  const language: Language = rng.chance(0.5) ? 'en' : 'de'
  const source = rng.weighted([
    ['web form', 27],
    ['price request', 13],
    ['referral', 11],
    ['trade fair', 13],
    ['newsletter', 14],
    ['cold call', 12],
    ['bought list', 10],
  ] as const)
  const region = rng.weighted([
    ['North', 22],
    ['South', 20],
    ['East', 14],
    ['West', 18],
    ['Benelux', 10],
    ['Nordics', 9],
    ['Other', 7],
  ] as const)
  const role = rng.weighted([
    ['head of purchasing', 14],
    ['buyer', 24],
    ['owner', 18],
    ['warehouse lead', 14],
    ['assistant', 12],
    ['student', 4],
    ['unknown', 14],
  ] as const)
  const interest = rng.pick(Object.keys(interests) as (keyof typeof interests)[])
  const employees = Math.max(1, Math.round(rng.logNormal(45, 1.3)))
  const keen = rng.normal()
  const visits = Math.max(0, Math.round(Math.exp(1.1 + 0.8 * keen + 0.5 * rng.normal()) - 1))
  const minutes =
    visits === 0 ? 0 : Math.max(0, Math.round((2 + 2.2 * visits ** 0.7 + 2.5 * rng.normal()) * 10) / 10)
  const budget = rng.chance(0.22)
    ? null
    : Math.round((rng.logNormal(6500, 0.9) * (0.5 + Math.log10(employees + 2))) / 50) * 50
  const existing = rng.chance(0.18)
  const chosen = rng.chance(0.72) ? rng.pick(notes) : null
  const second = chosen && rng.chance(0.18) ? rng.pick(notes) : null

  const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value))
  const score =
    leadRule.intercept +
    sources[source] +
    regions[region] +
    roles[role] +
    interests[interest] +
    (employees > 2000 ? -0.5 : clamp(0.35 * Math.log(employees / 40), -1.2, 1.2)) +
    0.55 * Math.log(1 + visits) -
    0.7 +
    0.05 * Math.min(15, minutes) * (source === 'web form' ? 2 : 1) +
    (budget === null ? -0.35 : clamp(0.3 * Math.log(budget / 8000), -1, 1)) +
    (existing ? 0.9 : 0) +
    (chosen?.[0] ?? 0) +
    (second?.[0] ?? 0)
  const probability = 1 / (1 + Math.exp(-leadRule.steepness * score))
  const won = rng.chance(probability)

  const lost = (share: number, value: string) => (rng.chance(share) ? '' : value)
  const who = contact(rng, language)
  const word = (note: Note | null) => (note ? say(language === 'en' ? note[1] : note[2], rng, {}) : '')
  const row: Lead['row'] = {
    id: `L-${number}`,
    created: new Date(at).toISOString().replace(/\.\d+Z$/, 'Z'),
    source,
    region: lost(0.03, region),
    contact: who.formal,
    role: role === 'unknown' ? '' : role,
    employees: lost(0.09, String(employees)),
    'website visits': lost(0.04, String(visits)),
    'minutes on site': lost(0.06, String(minutes)),
    'product interest': lost(0.03, interest),
    budget: budget === null ? '' : european(budget),
    'existing customer': existing ? 'yes' : lost(0.05, 'no'),
    'first contact by': lost(0.12, rng.pick(leadDesk).name),
    note: [word(chosen), word(second)].filter(Boolean).join('; '),
    'handover date': '',
    outcome: '',
  }
  return { row, createdAt: at, probability, won, decidedAt: at + rng.logNormal(decidedAfter, 0.6) }
}

/** `12.500,00`, as the finance people in this made-up company type it. */
export function european(value: number): string {
  const [whole, cents] = value.toFixed(2).split('.')
  return `${whole!.replace(/\B(?=(\d{3})+$)/g, '.')},${cents}`
}

/** What a person writes into the row when the outcome is known; the handover date only after a win. */
export function decidedCells(lead: { won: boolean }, rng: Random, at: number): Partial<Lead['row']> {
  if (!lead.won) return { outcome: 'lost' }
  const handover = new Date(at + rng.between(1, 9) * day).toISOString().slice(0, 10)
  return { outcome: 'won', 'handover date': handover }
}

/** The leads of 48 weeks before `now`, oldest first; the newest few hundred have no outcome yet. */
export function leadHistory(rng: Random, now: number, many = 4000): Lead[] {
  const span = 48 * 7 * day
  const times = Array.from({ length: many }, () => {
    // Denser towards now: the business grows.
    const share = 1 - rng.next() ** 1.15
    const at = now - span * (1 - share) - hour
    return Math.floor(at / 1000) * 1000
  }).sort((a, b) => a - b)
  return times.map((at, i) => {
    const lead = makeLead(rng, 10001 + i, at, 18 * day)
    if (lead.decidedAt < now) Object.assign(lead.row, decidedCells(lead, rng, lead.decidedAt))
    return lead
  })
}
