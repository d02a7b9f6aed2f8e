/** Slack's mark-up (docs.slack.dev, "Formatting message text") as plain text. */
export function plainText(marked: string): string {
  return marked
    .replace(/<([^<>]*)>/g, (_, inside: string) => {
      const [target = '', label] = inside.split('|')
      if (target.startsWith('@')) return `@${label ?? target.slice(1)}`
      if (target.startsWith('#')) return `#${label ?? target.slice(1)}`
      if (target.startsWith('!')) return `@${label ?? target.slice(1)}`
      const address = target.replace(/^mailto:/, '')
      return label && label !== address ? `${label} (${address})` : address
    })
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}

/** Plain text as Slack takes it: nothing in it calls anybody or becomes a link of another name. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** Whether there is nothing to read in it: no word, only emoji and signs. */
export function isEmojiOnly(marked: string): boolean {
  return !/[\p{L}\p{N}]/u.test(plainText(marked).replace(/:[\w+'-]+(::skin-tone-\d)?:/g, ''))
}
