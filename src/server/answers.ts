import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Answered } from '../contract/index.ts'
import { answerCard, type OpenQuestion, openQuestions, pseudonym } from '../engine/index.ts'
import type { Ledger } from '../ledger/index.ts'
import { escapeHtml, htmlPage } from '../measure/report/html.ts'
import { answersTo, askCard } from '../walkthrough/index.ts'

const cookie = 'inlay_person'

export interface AnswersOptions {
  ledger: Ledger
  /** What a deployment is, in words, for the question's text. */
  about(deployment: string): { about: string; where: string }
  now(): number
}

/**
 * One click on a card from outside of the tool. Opening the address changes nothing, since mail programs open addresses
 * by themselves; its page sends the answer on at once where scripts run, and by a button where they do not.
 */
export function addAnswers(server: FastifyInstance, { ledger, about, now }: AnswersOptions): void {
  // What the buttons send has no body; its type must be known all the same.
  server.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, _body, done) => done(null, {}),
  )

  server.get<{ Params: { card: string }; Querystring: { answer?: string } }>(
    '/answer/:card',
    { schema: { hide: true } },
    async (request, reply) => {
      const { card } = request.params
      const open = (await openQuestions(ledger, now())).find((each) => each.card === card)
      reply.type('text/html; charset=utf-8')
      if (!open)
        return reply
          .code(404)
          .send(page('This question is closed', '<p>It was answered before, or is too old.</p>'))
      return page(...questionHtml(open, about(open.deployment), request.query.answer))
    },
  )

  server.post<{ Params: { card: string; answer: string } }>(
    '/answer/:card/:answer',
    { schema: { hide: true } },
    async (request, reply) => {
      const { card } = request.params
      const open = (await openQuestions(ledger, now())).find((each) => each.card === card)
      const answer =
        open && answersTo(open.question).find((each) => String(each.answer) === request.params.answer)
      reply.type('text/html; charset=utf-8')
      if (!open || !answer)
        return reply
          .code(404)
          .send(page('This question is closed', '<p>It was answered before, or is too old.</p>'))
      // Nobody signs in here: a browser that answers what went to everybody is told apart by a name of its own.
      const known = new RegExp(`(?:^|;\\s*)${cookie}=([0-9a-f]{32})`).exec(request.headers.cookie ?? '')?.[1]
      const browser = known ?? randomBytes(16).toString('hex')
      const person = open.person ?? pseudonym(await ledger.secret('pseudonym'), `browser ${browser}`)
      await answerCard(ledger, { card, person, answer: answer.answer, at: now() })
      if (!known)
        reply.header(
          'set-cookie',
          `${cookie}=${browser}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict`,
        )
      return page('Thank you', `<p>“${escapeHtml(answer.label)}” is noted. You can close this page.</p>`)
    },
  )
}

/** The questions that went to everybody, for the status page; those to one person are nobody else's to answer. */
export async function openToEverybody({ ledger, about, now }: AnswersOptions): Promise<string> {
  const open = (await openQuestions(ledger, now())).filter(({ person }) => person === null)
  return open
    .map((each) => {
      const [title, html] = questionHtml(each, about(each.deployment))
      return `<section><h3>${escapeHtml(title)}</h3>${html}</section>`
    })
    .join('\n')
}

function questionHtml(
  { question, card }: OpenQuestion,
  about: { about: string; where: string },
  chosen?: string,
): [title: string, html: string] {
  const { title, text, ask } = askCard(question, { ...about, key: card, to: null })
  const button = (answer: Answered, label: string) =>
    `<form method="post" action="/answer/${escapeHtml(card)}/${answer}"><button>${escapeHtml(label)}</button></form>`
  const buttons = ask!.answers.map(({ answer, label }) => button(answer, label)).join(' ')
  const known = chosen !== undefined && ask!.answers.some(({ answer }) => String(answer) === chosen)
  const send = known
    ? `<script>document.querySelector('form[action$="/${escapeHtml(chosen)}"]').submit()</script>`
    : ''
  return [title, `<p>${escapeHtml(text)}</p><div class="answers">${buttons}</div>${send}`]
}

function page(title: string, html: string): string {
  const style = `form { display: inline-block; margin-right: .5rem }
button { font: inherit; padding: .4rem 1rem }
`
  return htmlPage({ title, width: 40, style, main: `<h1>${escapeHtml(title)}</h1>\n${html}` })
}
