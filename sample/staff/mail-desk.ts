import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { minute, second } from '../calendar.ts'
import { mailboxDesk, type Person } from '../company.ts'
import type { Correspondence } from '../letters/correspondence.ts'
import type { Letter } from '../letters/letter.ts'
import { labels } from '../letters/phrasebook.ts'
import { isAnswered, whereTo } from '../mail/history.ts'
import { deliver, type Folder, uniqueName } from '../mail/maildir.ts'
import { writeMime } from '../mail/mime.ts'
import { mailboxPath } from '../mail/write.ts'
import { random } from '../random.ts'
import { type Lane, openLane } from './lane.ts'
import { findMail, moveMail, newMails, suggestedLabel, withoutKeywords } from './maildir-files.ts'
import { handlingSeconds, react } from './reaction.ts'
import type { Desk } from './staff.ts'

/** What is known of a mail that comes in: all of it, or after a restart only where it belongs. */
interface LiveMail {
  file: string
  id: string
  label: Letter['label']
  kind: Letter['kind']
  letter: Letter | null
}

/** Simulated time between two mails. */
const between = 120 * second
/** Longest simulated time that a mail lies unread. */
const longestWait = 60 * minute

/**
 * The team mailbox: customers write, the desk reads, files, answers, leaves alone, and sometimes corrects. The truth
 * of every mail delivered is a line of `truth/live-mail.jsonl`, written before the mail is.
 */
export function mailDesk(desk: Desk, write: Correspondence): Lane {
  const { clock, signal, folder, tell } = desk
  const root = mailboxPath(folder)
  const truthFile = join(folder, 'truth', 'live-mail.jsonl')
  const known = new Set<string>()
  const lane = openLane(clock, signal)
  const earlier = readLines(truthFile)
  let sequence = earlier.length
  const rng = random(`${desk.seed}/mail desk/${sequence}`)

  function receive(letter: Letter) {
    const bytes = writeMime(letter)
    const file = uniqueName(rng, letter.at, bytes.length)
    const mail: LiveMail = { file, id: letter.id, label: letter.label, kind: letter.kind, letter }
    const { letter: _, ...truth } = mail
    appendFileSync(truthFile, `${JSON.stringify({ ...truth, at: letter.at, ambiguous: letter.ambiguous })}\n`)
    known.add(file)
    deliver(root, null, 'new', file, bytes, letter.at)
    tell({ type: 'delivered', item: letter.id, person: null, detail: letter.label })
    planReading(mail)
  }

  function planReading(mail: LiveMail) {
    const wait = Math.max(4 * minute, rng.logNormal(15 * minute, 0.5))
    lane.at(clock.now() + Math.min(wait, longestWait), () => read(mail))
  }

  function read(mail: LiveMail) {
    const person = rng.pick(mailboxDesk)
    if (!moveMail(root, mail.file, [null], { flags: (flags) => `${flags}S` })) return
    const found = findMail(root, mail.file, [null])
    const seen = found && suggestedLabel(root, found)
    const suggested = seen?.label ?? null
    tell({ type: 'read', item: mail.id, person, detail: suggested })

    const own = mail.letter
      ? whereTo(rng, mail.letter, person)
      : { folder: mail.label as Folder | null, misfiled: false }
    // What belongs to two topics is right either way.
    const right =
      suggested === mail.label || (mail.letter?.ambiguous === true && suggested === mail.letter.topic)
    const reaction = react(rng, suggested, right)
    const known = labels.find((label) => label === suggested)
    const target = reaction === 'use' && known ? known : own.folder
    const seconds = handlingSeconds(rng, reaction, right)
    if (reaction === 'remove, then overrule' && seen) {
      lane.at(clock.now() + (seconds / 3) * second, () => {
        const removed = moveMail(root, mail.file, [null], {
          flags: (flags) => flags.replace(seen.letter, ''),
        })
        if (removed) tell({ type: 'removed', item: mail.id, person, detail: suggested })
      })
    }
    lane.at(clock.now() + seconds * second, () => file(mail, person, target, reaction === 'use'))
  }

  function file(mail: LiveMail, person: Person, target: Folder | null, helped: boolean) {
    if (target === null) tell({ type: 'left alone', item: mail.id, person, detail: null })
    else {
      if (!moveMail(root, mail.file, [null], { folder: target, flags: withoutKeywords })) return
      tell({ type: 'filed', item: mail.id, person, detail: target, helped })
    }
    if (mail.label && target !== mail.label && rng.chance(0.4)) {
      lane.at(clock.now() + rng.logNormal(40 * minute, 0.6), () => {
        const moved = moveMail(root, mail.file, [target], { folder: mail.label, flags: withoutKeywords })
        if (moved) tell({ type: 'refiled', item: mail.id, person, detail: mail.label })
      })
    }
    const { letter } = mail
    if (!letter) return
    if (isAnswered(rng, letter, person)) {
      lane.at(clock.now() + rng.logNormal(7 * minute, 0.7), () => answer(mail, letter, person))
    } else planNext(letter, null)
  }

  function answer(mail: LiveMail, letter: Letter, person: Person) {
    const sent = write.answer(rng, letter, person, clock.now())
    const bytes = writeMime(sent)
    deliver(root, 'Sent', 'cur', `${uniqueName(rng, sent.at, bytes.length)}:2,S`, bytes, sent.at)
    moveMail(root, mail.file, [null, ...labels], { flags: (flags) => `${flags}R` })
    tell({ type: 'answered', item: mail.id, person, detail: null })
    planNext(letter, sent)
  }

  function planNext(letter: Letter, sent: Letter | null) {
    if (!letter.customer || !letter.topic || !rng.chance(sent ? 0.4 : 0.05)) return
    lane.at(clock.now() + rng.logNormal(35 * minute, 0.6), () =>
      receive(write.next(rng, letter, sent, clock.now())),
    )
  }

  function arrive() {
    const chance = random(`${desk.seed}/live mail/${sequence++}`)
    receive(write.open(chance, clock.now()))
    // Mail of others (the walkthrough's card, say) is read and left alone.
    for (const name of newMails(root)) {
      const unique = name.split(':')[0]!
      if (known.has(unique)) continue
      known.add(unique)
      lane.at(clock.now() + rng.logNormal(15 * minute, 0.5), () => {
        moveMail(root, unique, [null], { flags: (flags) => `${flags}S` })
      })
    }
    // A quarter of what comes in are answers to answers, planned elsewhere: the pace is of both together.
    lane.at(clock.now() - Math.log(1 - rng.next()) * between * 1.15, arrive)
  }

  for (const line of [
    ...readLines(join(folder, 'truth', 'mail.jsonl')).filter(({ open }) => open),
    ...earlier,
  ]) {
    const mail: LiveMail = { file: line.file, id: line.id, label: line.label, kind: line.kind, letter: null }
    known.add(mail.file)
    const found = findMail(root, mail.file, [null])
    if (found && (mail.label || !found.flags.includes('S'))) planReading(mail)
  }
  lane.at(clock.now(), arrive)
  return lane
}

interface TruthLine extends Omit<LiveMail, 'letter'> {
  open?: boolean
}

/** Lines of truth; one that a killed run left half-written is skipped. */
function readLines(path: string): TruthLine[] {
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return line ? [JSON.parse(line) as TruthLine] : []
      } catch {
        return []
      }
    })
}
