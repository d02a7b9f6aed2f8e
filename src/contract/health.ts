/** What a surface says of itself. Times are milliseconds since the epoch, by `OpenTools.now`; null is "not yet". */
export interface Health {
  /** When the tool last answered a read in full. */
  readAt: number | null
  /** How long after a read it is still called connected, in milliseconds: the pace of its looks, with some slack. */
  interval: number
  /** What it last saw there, and what it last did there, in words. */
  saw: { what: string; at: number } | null
  did: { what: string; at: number } | null
  /** What it waits for, in words: "the next look, in 30 s", "the daily quota of the account". */
  waitsFor: string | null
  /** Since when reads fail, and what to do about it. */
  failing: { since: number; because: string } | null
}

export function isConnected({ readAt, interval, failing }: Health, now: number): boolean {
  return failing === null && readAt !== null && now - readAt <= interval
}

/** Kept by a surface while it is open; every answer and every failure of the tool is told to it. */
export interface HealthKeeper {
  readonly health: Health
  /** The tool answered a read; `saw` where there was something new in it. */
  read(saw?: string): void
  did(what: string): void
  waits(what: string | null): void
  fails(because: string): void
}

export function healthKeeper(now: () => number, interval: number): HealthKeeper {
  const health: Health = { readAt: null, interval, saw: null, did: null, waitsFor: null, failing: null }
  return {
    health,
    read(what) {
      health.readAt = now()
      health.failing = null
      if (what !== undefined) health.saw = { what, at: now() }
    },
    did(what) {
      health.did = { what, at: now() }
    },
    waits(what) {
      health.waitsFor = what
    },
    fails(because) {
      health.failing = { since: health.failing?.since ?? now(), because }
    },
  }
}
