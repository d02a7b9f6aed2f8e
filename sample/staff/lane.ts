import { setTimeout as sleep } from 'node:timers/promises'

/** Simulated time: `now()` in milliseconds since the epoch, `speed` in simulated seconds a real second. */
export interface StaffClock {
  now(): number
  readonly speed: number
}

/** Longest real wait before the clock is looked at again: it may be sped up meanwhile. */
const glance = 200

/** Things to do at simulated times, one after another: what one desk has its hands on. */
export interface Lane {
  /** Plans an action for a simulated time; one in the past is done as soon as the lane is free. */
  at(time: number, action: () => unknown): void
  /** Does what is planned until the signal aborts; an action under way is finished first. */
  run(): Promise<void>
}

export function openLane(clock: StaffClock, signal: AbortSignal): Lane {
  const planned: { time: number; action: () => unknown }[] = []
  return {
    at(time, action) {
      const place = planned.findLastIndex((one) => one.time <= time) + 1
      planned.splice(place, 0, { time, action })
    },
    async run() {
      while (!signal.aborted) {
        const wait = planned[0] ? (planned[0].time - clock.now()) / clock.speed : glance
        if (wait <= 0) await planned.shift()!.action()
        else await pause(Math.min(wait, glance), signal)
      }
    },
  }
}

/** Real milliseconds, cut short by the signal. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(Math.max(1, milliseconds), undefined, { signal }).catch(() => {})
}
