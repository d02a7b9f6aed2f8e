import { ownWords } from '../../learn/text/own-words.ts'

/** What a person wrote as an answer, taken apart. */
export interface AnswerText {
  /** "Hello Ada," with its comma; empty where there is none. */
  greeting: string
  /** What they had to say. */
  body: string
  /** "Best regards", without the names below it; empty where there is none. */
  closing: string
}

const greetingWords = [
  'hi|hey|hello|dear|good (?:morning|afternoon|evening|day)|greetings',
  'hallo|guten (?:tag|morgen|abend)|liebe[rs]?|sehr geehrte[rs]?|moin|servus|grüezi|grüß gott|werte[rs]?',
  'bonjour|bonsoir|salut|chère?s?|madame|monsieur',
  'hola|buen(?:os|as) (?:días|dias|tardes|noches)|estimad[oa]s?|querid[oa]s?',
  'ciao|buongiorno|buonasera|gentile|egregi[oa]|salve|spettabile',
  'olá|ola|oi|bom dia|boa tarde|prezad[oa]s?|car[oa]s?|caríssim[oa]',
  'beste|geachte|goedemorgen|goedemiddag|hoi|hej|hei|hejsan|kære|bästa|hyvä',
  'cześć|dzień dobry|szanown[aiy]|drog[ai]|ahoj|dobrý den|vážen[áýí]',
  'добрый (?:день|вечер)|доброе утро|здравствуйте|привет|уважаем\\p{L}*|дорог\\p{L}*',
].join('|')
const cjkGreeting = '[您你]好|尊敬的|こんにちは|お世話になっております|お疲れ様|안녕하세요'

/** A line that only greets, or the greeting with which a line begins. */
const greetingLine = new RegExp(
  `^(?:(?:${greetingWords})(?![\\p{L}\\p{N}])[^.?!:;\\n]{0,60}|(?:${cjkGreeting})[^\\n]{0,20})[,!.:;，！。]?$`,
  'iu',
)
const greetingStart = new RegExp(
  `^(?:(?:${greetingWords})(?![\\p{L}\\p{N}])[\\p{L}\\p{M} .'’-]{0,40}[,!;]|(?:${cjkGreeting})[，！,!]?)\\s*`,
  'iu',
)

const closingWords = [
  '(?:kind|best|warm|many|with)?\\s*(?:regards|wishes|greetings)|kindest regards|cheers|sincerely|yours(?: \\p{L}+)?|respectfully|all the best|thanks(?: again| in advance| a lot)?|many thanks|thank you(?: very much| again| in advance)?|have a (?:nice|good|great) \\p{L}+',
  'mit (?:freundlichen|besten|herzlichen|lieben) grü(?:ß|ss)en|mit freundlichem gru(?:ß|ss)|(?:viele|beste|liebe|schöne|herzliche|freundliche) grü(?:ß|ss)e\\p{L}*|(?:schönen |lieben |besten )?gru(?:ß|ss)|grü(?:ß|ss)e|mfg|lg|vg|vielen dank|danke(?: im voraus)?|hochachtungsvoll|ihre?|schönen tag noch',
  'cordialement|bien cordialement|bien à vous|(?:sincères |meilleures )?salutations(?: distinguées)?|amicalement|merci(?: d.avance)?|bonne journée|à bientôt',
  '(?:un )?(?:cordial )?saludos?(?: cordiales)?|atentamente|muchas gracias|gracias|un abrazo',
  '(?:cordiali |distinti )?saluti|grazie(?: mille)?|un saluto|buona giornata',
  'atenciosamente|cumprimentos|abraços?|obrigad[oa]|att',
  'met vriendelijke groet(?:en)?|vriendelijke groet(?:en)?|groet(?:en|jes)?|bedankt|mvg',
  'med vänlig(?:a)? hälsning(?:ar)?|vänliga hälsningar|hälsningar|mvh|med venlig hilsen|vennlig hilsen|hilsen|ystävällisin terveisin|terveisin|tack|takk',
  'pozdrawiam|z poważaniem|dziękuję|s pozdravem|děkuji',
  'с уважением|спасибо',
].join('|')
const closingLine = new RegExp(
  `^(?:(?:${closingWords})(?![\\p{L}\\p{N}])(?: [\\p{L}\\p{M}'’-]+){0,4}|此致|敬礼|谢谢|よろしくお願い(?:いた)?します)[,!.。，–-]*$`,
  'iu',
)

const longestNameLine = 4
/** A closing stands among the last so many lines; what "signs" above them is part of the text. */
const closingWithin = 14

/**
 * Takes an answer apart: quotes and signature go (`ownWords`), greeting and closing with the names below it are split
 * off. What is left when everything looks like a greeting or a closing is the body after all.
 */
export function splitAnswer(text: string): AnswerText {
  const lines = ownWords(text).trim().split(/\r?\n/)
  let greeting = ''
  const first = lines[0]?.trim() ?? ''
  const rest = lines.slice(1)
  if (greetingLine.test(first) && hasWords(rest)) {
    greeting = first
    lines.shift()
  } else {
    const start = greetingStart.exec(first)?.[0]
    if (start && hasWords([first.slice(start.length), ...rest])) {
      greeting = start.trim()
      lines[0] = first.slice(start.length)
    }
  }
  let closing = ''
  for (let i = lines.length - 1; i >= Math.max(0, lines.length - closingWithin); i--) {
    const line = lines[i]!.trim()
    if (!closingLine.test(line)) continue
    let end = i + 1
    while (end < lines.length && isNameLine(lines[end]!)) end++
    if (!hasWords([...lines.slice(0, i), ...lines.slice(end)])) break
    closing = line
    lines.splice(i, end - i)
    break
  }
  if (closing === '') dropTrailingName(lines)
  return { greeting, body: tidy(lines), closing }
}

/** What a person had to say, without quotes, greeting and signature. */
export const bodyOf = (text: string): string => splitAnswer(text).body

function isNameLine(line: string): boolean {
  const trimmed = line.trim()
  return (
    trimmed === '' ||
    (wordCount(trimmed) <= longestNameLine && !/[.?!:]$/.test(trimmed) && !/^ps\b/i.test(trimmed))
  )
}

/** "Maja" alone below an empty line at the end. */
function dropTrailingName(lines: string[]): void {
  while (lines.length > 0 && lines.at(-1)!.trim() === '') lines.pop()
  const last = lines.at(-1)?.trim() ?? ''
  const alone = lines.at(-2)?.trim() === '' && hasWords(lines.slice(0, -1))
  if (alone && /^[-–]?\s*\p{Lu}[\p{L}'’-]*\.?(?: \p{Lu}[\p{L}'’.-]*){0,2}$/u.test(last)) lines.pop()
}

function tidy(lines: readonly string[]): string {
  return lines
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

const hasWords = (lines: readonly string[]) => lines.some((line) => /[\p{L}\p{N}]/u.test(line))
const wordCount = (line: string) => line.split(/\s+/).length
