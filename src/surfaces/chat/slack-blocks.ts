import type { ActionsBlock, Button, HomeView, KnownBlock } from '@slack/types'
import type { Card } from '../../contract/index.ts'
import { escaped } from './slack-text.ts'

/** What Slack lets a button carry, in characters. */
export const mostInButton = 2000

export interface NoteButton {
  key: string
  item: string
  text: string
}

/** A suggested answer with the question that it answers. */
export interface Note extends NoteButton {
  question: string
}

/** The note that one person sees: the suggested answer, and what can be done with it. */
export function noteBlocks({ key, item, text, question }: Note): KnownBlock[] {
  const value = JSON.stringify({ key, item, text } satisfies NoteButton)
  const button = (action_id: string, label: string, style?: 'primary'): Button => ({
    type: 'button',
    action_id,
    text: { type: 'plain_text', text: label },
    value,
    ...(style && { style }),
  })
  const asked = question.replace(/\s+/g, ' ').trim()
  return [
    context(`An answer to: ${escaped(asked.length > 150 ? `${asked.slice(0, 150)}…` : asked)}`),
    { type: 'section', text: { type: 'mrkdwn', text: quoted(text) } },
    {
      type: 'actions',
      elements: [
        button('inlay_send', 'Send', 'primary'),
        button('inlay_edit', 'Edit'),
        button('inlay_not_this', 'Not this'),
      ],
    },
    context(
      'Suggested by Inlay from what your team answered before. Only you see it. Type `off` to me to turn it off.',
    ),
  ]
}

/** So many notes fit into the 100 blocks that Slack takes in a tab. */
const mostAtHome = 15

/** What a person sees on the Home tab of the app: `notes`, the newest first, and in which channel each belongs. */
export function homeView(notes: readonly (Note & { channel: string })[]): HomeView {
  const shown = notes.slice(0, mostAtHome)
  const more = notes.length - shown.length
  const intro =
    notes.length === 0
      ? 'Nothing waits for you here. Suggestions appear in the channels themselves, where only you see them.'
      : 'Inlay was stopped while it showed you these. Should you see one in its channel, too, a click on either is enough.'
  return {
    type: 'home',
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: intro } },
      ...shown.flatMap((note): KnownBlock[] => [
        { type: 'divider' },
        context(`In <#${note.channel}>`),
        ...noteBlocks(note),
      ]),
      ...(more > 0 ? [context(`And ${more} more, when these are done.`)] : []),
    ],
  }
}

/** What is posted when the person clicks: their answer, and a word on how it came. */
export function answerBlocks(text: string, user: string): KnownBlock[] {
  return [{ type: 'section', text: { type: 'mrkdwn', text: escaped(text) } }, context(`<@${user}> via Inlay`)]
}

export interface EditState extends NoteButton {
  responseUrl: string
}

/** The window in which the suggestion is changed before it is sent. */
export function editView({ text, ...state }: EditState) {
  return {
    type: 'modal' as const,
    callback_id: 'inlay_edit',
    private_metadata: JSON.stringify(state),
    title: { type: 'plain_text' as const, text: 'Your answer' },
    submit: { type: 'plain_text' as const, text: 'Send' },
    close: { type: 'plain_text' as const, text: 'Cancel' },
    blocks: [
      {
        type: 'input' as const,
        block_id: 'answer',
        label: { type: 'plain_text' as const, text: 'It is posted in the thread when you click Send' },
        element: {
          type: 'plain_text_input' as const,
          action_id: 'text',
          multiline: true,
          initial_value: text,
          max_length: 2900,
        },
      },
    ],
  }
}

export function cardBlocks({ title, text, ask }: Card, card: string): KnownBlock[] {
  const actions: ActionsBlock | null = ask
    ? {
        type: 'actions',
        elements: ask.answers.map(({ answer, label }, at) => ({
          type: 'button',
          action_id: `inlay_answer_${at}`,
          text: { type: 'plain_text', text: label.slice(0, 75) },
          value: JSON.stringify({ card, answer }),
        })),
      }
    : null
  return [
    { type: 'section', text: { type: 'mrkdwn', text: `*${escaped(title)}*` } },
    { type: 'section', text: { type: 'mrkdwn', text: escaped(text).slice(0, 3000) } },
    ...(actions ? [actions] : []),
    context('From Inlay. Type `off` here and it is off for you at once.'),
  ]
}

const quoted = (text: string) => escaped(text).replace(/^/gm, '> ').slice(0, 3000)

function context(text: string): KnownBlock {
  return { type: 'context', elements: [{ type: 'mrkdwn', text }] }
}
