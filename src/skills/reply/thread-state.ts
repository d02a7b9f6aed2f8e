import type { Message } from '../../contract/index.ts'
import { ownWords } from '../../learn/text/own-words.ts'
import { bodyOf } from './answer-text.ts'
import { wordsOf } from './similarity.ts'

const thanks =
  /(?<![\p{L}\p{N}])(?:thanks|thank you|thx|ty|cheers|appreciate|danke|dank|vielen dank|merci|gracias|grazie|obrigad[oa]|bedankt|dank je|dank u|tack|takk|tak|kiitos|dzięk\p{L}*|děkuj\p{L}*|спасибо|благодар\p{L}*)(?![\p{L}])|谢谢|感谢|ありがとう|감사/iu
const settled =
  /(?<![\p{L}\p{N}])(?:got it|works? (?:now|again|fine|perfectly)|working (?:now|again)|received|arrived|solved|resolved|all (?:good|set|clear)|perfect|great|ok(?:ay)?|sounds good|fixed|erledigt|angekommen|erhalten|alles klar|klappt|funktioniert|super|prima|passt|bien reçu|parfait|c'est bon|perfecto|recibido|perfetto|ricevuto|recebido|perfeito|gelukt|ontvangen|получил\p{L}*)(?![\p{L}])|收到|解决了/iu
const request =
  /[?？]|(?<![\p{L}\p{N}])(?:please|could you|can you|would you|will you|need|want|send me|let me know|when|where|how|why|which|but|however|still|unfortunately|bitte|können sie|könnten sie|brauche\p{L}*|benötige\p{L}*|wann|wo|wie|warum|aber|leider|noch nicht|s'il vous plaît|pouvez|pourriez|besoin|mais|por favor|puede|podría|necesito|pero|per favore|potete|potrebbe|serve|però|ma non|por favor|preciso|mas|graag|kunt|alstublieft|maar|пожалуйста|но)(?![\p{L}])/iu
const longestThanks = 40

const already =
  /(?<![\p{L}\p{N}])(?:already|have (?:also )?tried|i(?:'ve| have) (?:also )?(?:tried|done|checked)|i tried|we tried|tried (?:that|this|it|everything|all)|as (?:i )?(?:said|wrote|mentioned|stated)|like i (?:said|wrote)|bereits|schon|habe ich (?:auch )?(?:versucht|probiert|gemacht)|wie (?:geschrieben|gesagt|erwähnt)|ohne erfolg|déjà|comme (?:dit|indiqué)|ya (?:he|hemos|lo|la|le|envié|intenté|probé|hice|mandé|reinicié)|già|al (?:geprobeerd|gedaan|gestuurd|verstuurd)|já|redan|allerede|już|уже)(?![\p{L}])|已经|すでに|もう試し/iu
const bare =
  /(?<![\p{L}\p{N}])(?:(?:already )?(?:tried|did|done) (?:that|this|it|everything|all (?:of )?(?:that|this|it))(?: already)?|tried everything|das (?:habe|hab|haben) (?:ich|wir) (?:schon|bereits|alles)|alles (?:schon|bereits) (?:versucht|probiert)|habe ich (?:schon|bereits) alles|j'ai déjà tout (?:essayé|fait)|ya (?:lo )?(?:intenté|probé|he (?:intentado|probado)) todo|ho già provato (?:tutto|di tutto)|já tentei (?:tudo|isso))(?![\p{L}])/iu
const asking =
  /[?？]|(?<![\p{L}\p{N}])(?:please (?:send|provide|give|tell|post|attach|share|confirm)|could you (?:send|tell|give|provide|confirm)|can you (?:send|tell|give|provide|confirm)|let (?:me|us) know|bitte (?:senden|schicken|teilen|geben|nennen)|(?:senden|schicken|teilen|nennen|geben) sie|veuillez|pouvez-vous|por favor|indíquenos|envíenos|potete|inviateci|mandateci|stuur|geef)(?![\p{L}])/iu
/** "my order number is 4711", "Bestellnummer: 4711". */
const stating =
  /[:=]|(?<![\p{L}\p{N}])(?:is|are|was|it's|using|use|uses|have|ist|sind|war|lautet|nutze|verwende|est|sont|es|son|è|sono|é|são)(?![\p{L}])|\p{Nd}/iu

/** Whether a mail only thanks or confirms, and so wants no answer. */
export function onlyThanks({
  subject,
  text,
  inReplyTo,
}: Pick<Message, 'subject' | 'text' | 'inReplyTo'>): boolean {
  const own = bodyOf(ownWords(text)).trim()
  // Thanks alone are taken for a greeting or a closing, and then stay as the body.
  const words = wordsOf(own)
  if (words.length > longestThanks) return false
  if (own === '') return thanks.test(subject) && !request.test(subject)
  if (request.test(own)) return false
  if (thanks.test(own) || thanks.test(text)) return words.length <= longestThanks
  return inReplyTo !== null && words.length <= 12 && settled.test(own)
}

/**
 * Why this answer would annoy: the sender says that they tried what it advises, or gave what it asks for. Null where
 * nothing speaks against it.
 */
export function alreadySaid(mail: string, answer: string): 'tried' | 'given' | null {
  const said = sentencesOf(ownWords(mail))
  if (said.some((sentence) => bare.test(sentence))) return 'tried'
  const wanted = sentencesOf(answer).map((sentence) => ({
    asks: asking.test(sentence),
    stems: stemsOf(sentence),
  }))
  for (const sentence of said) {
    const stems = stemsOf(sentence)
    if (already.test(sentence)) {
      for (const { asks, stems: theirs } of wanted) {
        const common = [...stems].filter((stem) => theirs.has(stem)).length
        // In a long sentence one word in common is chance.
        if (common >= (Math.min(stems.size, theirs.size) > 6 ? 2 : 1)) return asks ? 'given' : 'tried'
      }
    }
    if (/[?？]/.test(sentence) || !stating.test(sentence)) continue
    for (const { asks, stems: theirs } of wanted) {
      if (!asks || theirs.size === 0) continue
      const common = [...theirs].filter((stem) => stems.has(stem)).length
      if (common >= Math.min(2, theirs.size) && common * 2 >= theirs.size) return 'given'
    }
  }
  return null
}

function sentencesOf(text: string): string[] {
  return text.split(/(?<=[.!?。！？])\s+|\n+|(?<=[。！？])/).filter((sentence) => /\p{L}/u.test(sentence))
}

const emptyWords = new Set(
  'about after again also another because been before being could does doing done down each even from have having here into just know like made make more most much must need once only other over please same send should some such tell than thank thanks that their them then there these they this those through under until very want wants well were what when where which while will with within without would your yours already tried still aber alle alles also auch bereits bitte danke dann dass dein denn dich dies diese dieser doch durch eine einem einen einer etwas gibt habe haben hallo hier ihnen ihre ihrem ihren immer jetzt kann keine können könnten mehr meine mich möchte muss nach nicht noch oder schon sehr sein seine seit sich sind über unser unsere unter viele vielen wann warum wenn werden wird wollen wurde zwar avec bien cela cette comme dans déjà elle encore être fait leur mais même nous pour quand sans sont tout très vous votre como cuando donde ella esta este favor gracias hace hasta muchas nada para pero porque puede sobre también tiene todo usted anche ancora come cosa della delle dopo fare grazie hanno molto nella nostro ogni perché prima quando quello questa questo sono tutto'.split(
    ' ',
  ),
)

/** Words that carry meaning, cut to their beginnings so that "restart" meets "restarted". */
function stemsOf(sentence: string): Set<string> {
  const stems = new Set<string>()
  for (const word of wordsOf(sentence)) {
    if (/\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}/u.test(word)) continue
    if (word.length >= 4 && !emptyWords.has(word) && !/\p{Nd}/u.test(word)) stems.add(word.slice(0, 5))
  }
  return stems
}
