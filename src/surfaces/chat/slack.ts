import { z } from 'zod'
import { Fault, healthKeeper, type Surface } from '../../contract/index.ts'
import { openJournal } from '../inbox/journal.ts'
import { slackApi } from './slack-calls.ts'
import { announceInSlack } from './slack-cards.ts'
import { channelsOf } from './slack-channels.ts'
import { takeClick } from './slack-clicks.ts'
import { doers, type SlackDesk, type SlackDetail } from './slack-desk.ts'
import { takeEvent } from './slack-events.ts'
import { slackHistory } from './slack-history.ts'
import { slackHome } from './slack-home.ts'
import { openLog } from './slack-log.ts'
import { looker } from './slack-look.ts'
import { slackManifest } from './slack-manifest.ts'
import { placeInSlack, withdrawFromSlack } from './slack-place.ts'
import { listenToSlack, type PushSettings } from './slack-push.ts'
import { watchSlack } from './slack-watch.ts'

const local = /^(https:\/\/\S+|http:\/\/(localhost|127\.0\.0\.1)[:/]\S*)$/

const settings = z
  .strictObject({
    token: z
      .string()
      .min(1)
      .meta({ secret: true, description: 'The bot token of the app (it begins with xoxb-)' }),
    appToken: z.string().min(1).optional().meta({
      secret: true,
      description: 'For Socket Mode: the app-level token (it begins with xapp-)',
    }),
    signingSecret: z
      .string()
      .min(1)
      .optional()
      .meta({ secret: true, description: 'For HTTP in place of Socket Mode: the signing secret of the app' }),
    port: z.coerce
      .number()
      .int()
      .min(1)
      .max(65535)
      .optional()
      .describe('For HTTP: the port on which Slack reaches Inlay; goes with signingSecret'),
    channels: z
      .array(z.string().min(1))
      .optional()
      .meta({ place: true, description: 'Names of channels; all that the app was invited to otherwise' }),
    labels: z
      .array(z.string().regex(/^:?[\w+'-]+:?(=.+)?$/, 'an emoji, or emoji=label, such as bug or bug=Defect'))
      .optional()
      .describe(
        'Emoji that stand for labels, as emoji or emoji=label: then messages are labelled instead of answered',
      ),
    people: z
      .array(z.string().regex(/^[UW][A-Z0-9]+$/, 'a member ID such as U012AB3CD'))
      .optional()
      .describe('Member IDs of those who answer; whoever answered most otherwise'),
    historyDays: z.coerce.number().int().min(1).default(365).describe('How many days back it learns from'),
    pollSeconds: z.coerce
      .number()
      .min(0.1)
      .max(3600)
      .optional()
      .describe('Seconds between two looks at everything; 300 where Slack tells of changes, 60 otherwise'),
    callsPerMinute: z.coerce
      .number()
      .min(1)
      .default(50)
      .describe(
        'Pages a minute that Slack lets this app read; 1 for an app that is sold outside its Marketplace',
      ),
    apiUrl: z
      .string()
      .regex(local, 'an https address')
      .optional()
      .describe("Where the API is, if not at Slack's own address"),
  })
  .refine(({ signingSecret, port }) => (signingSecret === undefined) === (port === undefined), {
    message: '"signingSecret" and "port" go together',
  })
  .refine(({ signingSecret, appToken }) => !(signingSecret && appToken), {
    message: 'either "appToken" (Socket Mode) or "signingSecret" (HTTP), not both',
  })

/** Milliseconds between two looks where Slack tells of nothing. */
const unpushedMs = 60_000
/** A revoked token is noticed within a minute. */
const checkMs = 30_000

/**
 * Slack channels: answers as a note that only the person who would answer sees, labels as an emoji. Nothing is posted
 * unless a person clicks "Send".
 */
export const slack: Surface<z.infer<typeof settings>> = {
  name: 'slack',
  about:
    'Slack channels: answers as a private note with Send, Edit, Not this; labels as emoji; needs an app of yours',
  settings,
  setup: {
    steps: [
      'First make the Slack app of your workspace:',
      '1. Open https://api.slack.com/apps, then Create New App, From a manifest, and choose your workspace.',
      '2. Choose the tab JSON, put the manifest below in place of what is there, then Next and Create.',
      '3. Install App, Install to Workspace, Allow; copy the Bot User OAuth Token (xoxb-).',
      '4. Basic Information, App-Level Tokens, Generate: scope connections:write; copy the token (xapp-).',
      '5. In each channel where it is to help, type /invite @Inlay',
    ].join('\n'),
    paste: JSON.stringify(slackManifest(), null, 2),
  },
  hops: 0,
  async open(given, { folder, now, pseudonym, progress }) {
    const { token, appToken, signingSecret, port, apiUrl } = given
    const pushes = Boolean(appToken || signingSecret)
    const lookMs = (given.pollSeconds ?? (pushes ? 300 : unpushedMs / 1000)) * 1000
    const health = healthKeeper(now, Math.min(lookMs, checkMs) * 3 + 60_000)
    const api = await slackApi({ token, apiUrl, health, callsPerMinute: given.callsPerMinute })
    const self = await api.call<{ team_id: string; user_id: string }>('auth.test')
    const labels = given.labels ? labelsFrom(given.labels) : null
    const channels = await channelsOf(api, given.channels)
    health.read()
    const waiting = new Set<() => void>()
    let heard = 0
    const wake = () => {
      heard++
      for (const go of waiting) go()
    }
    const log = await openLog(folder)
    const desk: SlackDesk = {
      api,
      log,
      home: slackHome({ api, log, folder, app: `${apiUrl ?? ''} ${self.team_id} ${self.user_id}`, now }),
      journal: await openJournal<SlackDetail>(folder),
      reading: { team: self.team_id, bot: self.user_id, labels },
      channels,
      people: given.people ?? [],
      health,
      now,
      pseudonym,
      isResponseUrl: (url) =>
        url.startsWith('https://hooks.slack.com/') || (apiUrl !== undefined && sameOrigin(url, apiUrl)),
      wake,
    }
    const look = looker(desk)
    let queue: Promise<void> = Promise.resolve()
    let trouble: Fault | null = null
    let back = false
    /** Why nothing is pushed right now, where it should be. */
    let lost: string | null = null
    let stopListening: Promise<() => Promise<void>> | null = null

    /** What comes from a channel that is shared with another workspace names both. */
    function isOurs({ team_id, authorizations }: Record<string, unknown>) {
      const all = Array.isArray(authorizations) ? (authorizations as { team_id?: string }[]) : []
      return team_id === self.team_id || all.some((each) => each?.team_id === self.team_id)
    }

    /** One after another, as they came; what goes wrong with one is said, and the next look mends it. */
    function take(body: Record<string, unknown>) {
      const event = body.event as { type?: string } | undefined
      const gone = event?.type === 'app_uninstalled' || event?.type === 'tokens_revoked'
      if (gone && isOurs(body)) {
        trouble = new Fault(
          'unreachable',
          'The app was removed from the Slack workspace, or its token revoked. Install it again, copy the token anew and run: inlay connect slack',
        )
        health.fails(trouble.message)
        wake()
        return
      }
      queue = queue.then(async () => {
        try {
          if (body.type === 'event_callback' && isOurs(body)) {
            await takeEvent(desk, look, body.event as never)
          } else if (body.type === 'block_actions' || body.type === 'view_submission') {
            await takeClick(desk, look, body)
          }
        } catch (cause) {
          health.fails(cause instanceof Error ? cause.message : String(cause))
          back = true
          wake()
        }
      })
    }

    function listen(): Promise<unknown> {
      const push: PushSettings | null = appToken
        ? { way: 'socket', appToken, apiUrl }
        : signingSecret
          ? { way: 'http', port: port!, secret: signingSecret, now }
          : null
      if (!push) return Promise.resolve()
      stopListening ??= listenToSlack(push, {
        push: ({ body }) => take(body),
        connected() {
          lost = null
          back = true
          wake()
        },
        lost(because) {
          lost = because
        },
      })
      stopListening.catch(() => {
        stopListening = null
      })
      return stopListening
    }

    return {
      message: {
        history: () => slackHistory(desk, folder, given.historyDays, progress),
        async *watch(since, signal) {
          if (signal.aborted) return
          await listen()
          yield* watchSlack(
            {
              desk,
              looker: look,
              // Without a connection it looks more often.
              lookMs: () => (lost ? Math.min(lookMs, unpushedMs) : lookMs),
              checkMs,
              checkInstalled() {
                if (trouble) throw trouble
              },
              isBack() {
                const was = back
                back = false
                return was
              },
              news: () => heard,
              wait: (atMostMs, before, until) =>
                heard > before ? Promise.resolve() : woken(waiting, atMostMs, until),
            },
            since,
            signal,
          )
        },
        async place(item, suggestion, key) {
          // Whoever shows buttons hears the clicks, where no other process does already.
          await listen().catch(() => {})
          return placeInSlack(desk, item, suggestion, key)
        },
        withdraw: (placement) => withdrawFromSlack(desk, placement),
        async announce(card) {
          await listen().catch(() => {})
          await announceInSlack(desk, card)
        },
        people: async () => doers(desk).map(pseudonym),
      },
      health: () => ({ ...health.health, waitsFor: lost ?? health.health.waitsFor }),
      async close() {
        const stop = await stopListening?.catch(() => null)
        await stop?.()
        await queue
      },
    }
  },
}

function labelsFrom(given: string[]): Map<string, string> {
  return new Map(
    given.map((each) => {
      const [, emoji = '', label] = /^:?([^:=]+):?(?:=(.+))?$/.exec(each) ?? []
      return [emoji, label ?? emoji]
    }),
  )
}

function sameOrigin(one: string, other: string): boolean {
  return URL.canParse(one) && new URL(one).origin === new URL(other).origin
}

function woken(waiting: Set<() => void>, atMostMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', go)
      waiting.delete(go)
      resolve()
    }
    const timer = setTimeout(go, Math.max(0, atMostMs))
    waiting.add(go)
    signal.addEventListener('abort', go)
    if (signal.aborted) go()
  })
}
