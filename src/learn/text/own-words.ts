/** "On Monday, Ann wrote:" in the languages of common mail programs, at the end of a line. */
const attribution =
  /(?:wrote|writes|schrieb|écrit|escribió|escreveu|ha scritto|schreef|skrev|kirjoitti|napisał(?:\(a\))?|пишет|написал(?:\(а\))?|写道|写了|書きました)[^:：]{0,80}[:：]\s*$/iu

/** "-----Original Message-----": what follows is the mail that is answered. A forwarded mail is what it is about. */
const original =
  /^\s*[-_]{2,}\s*(?:original message|original appointment|ursprüngliche nachricht|message d'origine|mensaje original|mensagem original|messaggio originale|oorspronkelijk bericht|reply message)\s*[-_]{2,}/iu

/** The head of a quoted mail as Outlook writes it: who, and within the next lines when. */
const quotedFrom = /^\s*\*?(?:from|von|de|da|van|från|fra|od|от)\*?\s?:\s*\*?\s*\S/iu
const quotedSent =
  /^\s*\*?(?:sent|date|gesendet|datum|envoyé|enviado(?: el)?|inviato|data|verzonden|skickat|sendt|wysłano|отправлено)\*?\s?:/iu

/** Signatures are short; a "--" with more below it divides something else. */
const longestSignature = 20

/**
 * What the sender of a mail wrote: without quoted lines and what introduces them, the mail below that is answered,
 * and the signature after "-- " (RFC 3676, section 4.3). A mail that has nothing else stays whole.
 */
export function ownWords(text: string): string {
  const lines = text.split(/\r?\n/)
  const own: string[] = []
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!
    if (original.test(line)) break
    const next = lines.slice(i + 1, i + 4)
    if (quotedFrom.test(line) && next.some((below) => quotedSent.test(below)) && hasWords(own)) break
    if (/^\s*>/.test(line)) continue
    if (attribution.test(line) && next.some((below) => /^\s*>/.test(below))) {
      // Long attributions are wrapped: their first line starts with a date or "On".
      if (own.at(-1)?.match(/^(?:on|am|le|el|em|il|op|den)\s.*\d/iu)) own.pop()
      continue
    }
    own.push(line)
  }
  const dashes = own.findLastIndex((line) => /^--\s*$/.test(line))
  if (dashes > 0 && own.length - dashes <= longestSignature && hasWords(own.slice(0, dashes)))
    own.length = dashes
  return hasWords(own) ? own.join('\n') : text
}

function hasWords(lines: readonly string[]): boolean {
  return lines.some((line) => /[\p{L}\p{N}]/u.test(line))
}
