import { createHmac, timingSafeEqual } from 'node:crypto'

/** Older, or further in the future, is not taken: a call that somebody recorded cannot be played again. */
const toleranceSeconds = 5 * 60

/**
 * Whether a call comes from Slack: v0 of HMAC-SHA256 over `v0:timestamp:body` (docs.slack.dev, "Verifying requests
 * from Slack").
 *
 * @param now milliseconds since the epoch
 */
export function isFromSlack(
  { body, timestamp, signature }: Record<'body' | 'timestamp' | 'signature', string>,
  secret: string,
  now: number,
): boolean {
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(now / 1000 - Number(timestamp)) > toleranceSeconds)
    return false
  const expected = Buffer.from(signatureOf(body, timestamp, secret))
  const given = Buffer.from(signature)
  return given.length === expected.length && timingSafeEqual(given, expected)
}

export function signatureOf(body: string, timestamp: string, secret: string): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`
}
