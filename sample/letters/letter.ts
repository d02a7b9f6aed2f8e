import type { Customer, Language } from '../company.ts'
import type { Label } from './phrasebook.ts'

export interface Mailbox {
  name: string
  address: string
}

export type LetterKind = 'ask' | 'follow-up' | 'thanks' | 'newsletter' | 'notice' | 'unfamiliar' | 'answer'

/** How a letter is put on the wire, oddities included. */
export interface MimeStyle {
  charset: 'us-ascii' | 'utf-8' | 'iso-8859-1' | 'windows-1252'
  transfer: '7bit' | '8bit' | 'quoted-printable' | 'base64'
  format: 'plain' | 'html' | 'both'
  attachment: string | null
  /** What is wrong with it, as mails in the wild are wrong; null for a sound one. */
  broken: Breakage | null
}
export const breakages = [
  'no closing boundary',
  'wrong charset',
  'unknown charset',
  'raw header',
  'no date',
  'no message-id',
  'cut base64',
  'crlf',
] as const
export type Breakage = (typeof breakages)[number]

/** One mail as it is meant, before it becomes bytes. */
export interface Letter {
  kind: LetterKind
  /** Message-ID without angle brackets; it has one even where `style.broken` says that it is not written. */
  id: string
  at: number
  from: Mailbox
  to: Mailbox
  subject: string
  text: string
  inReplyTo: string | null
  references: string[]
  language: Language
  /** What it is about; null for what is about nothing of the desk's. */
  topic: Label | null
  /** Which of the topic's asks it makes; null when it makes none. */
  ask: number | null
  /** Where it belongs in truth; null is left alone in the inbox. */
  label: Label | null
  /** Two topics at once, so that people file it this way or that. */
  ambiguous: boolean
  style: MimeStyle
  customer: Customer | null
  contact: number
  /** Order numbers, products and dates it speaks of: the answer speaks of the same. */
  values: Record<string, string>
}
