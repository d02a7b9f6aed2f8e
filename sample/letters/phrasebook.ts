import type { Language } from '../company.ts'
import { english } from './english.ts'
import { german } from './german.ts'

/** The label folders of the team mailbox. */
export const labels = [
  'Orders',
  'Delivery',
  'Invoices',
  'Returns',
  'Prices',
  'Complaints',
  'Products',
  'Accounts',
] as const
export type Label = (typeof labels)[number]

/** What customers write about one label, and how the desk answers. Phrases are in the notation of `say`. */
export interface Topic {
  subjects: string[]
  /** What they want: one of these is in every letter. */
  asks: string[]
  /** Sentences that may follow. */
  details: string[]
  /** Answers, each put together anew. */
  answers: string[]
}

export interface Phrasebook {
  topics: Record<Label, Topic>
  /** Subjects that say nothing. */
  vagueSubjects: string[]
  greetings: string[]
  openings: string[]
  /** Small talk and context that has nothing to do with the topic. */
  asides: string[]
  closings: string[]
  /** How a second question after our answer begins, and a reminder for want of one. */
  furthers: string[]
  reminders: string[]
  thanks: { subjects: string[]; texts: string[] }
  newsletters: { subjects: string[]; texts: string[] }
  notices: { subjects: string[]; texts: string[] }
  /** Rare and unlike anything that came before. */
  unfamiliar: { subject: string; text: string }[]
  answerGreetings: string[]
  answerClosings: string[]
  answerExtras: string[]
  /** `{line}` of a quote: who wrote when. */
  wrote: string
  phoneSignature: string
}

export const phrasebooks: Record<Language, Phrasebook> = { en: english, de: german }
