/**
 * Which room may import which: DESIGN.md section 5 as code. `tests/rooms.test.ts` fails on any other import.
 * A room may always import itself, packages and Node's own modules.
 */
const everyRoom = [
  'contract',
  'stats',
  'learn',
  'llm',
  'skills',
  'surfaces',
  'shadow',
  'prove',
  'measure',
  'walkthrough',
  'ledger',
  'engine',
]

export const rooms: Record<string, readonly string[]> = {
  contract: [],
  stats: [],
  learn: ['contract', 'stats'],
  llm: ['contract'],
  skills: ['contract', 'learn'],
  surfaces: ['contract'],
  shadow: ['contract', 'stats', 'learn'],
  prove: ['contract', 'stats'],
  measure: ['contract', 'stats'],
  walkthrough: ['contract'],
  ledger: ['contract'],
  engine: ['contract', 'ledger', 'prove', 'measure', 'walkthrough'],
  server: everyRoom,
  cli: [...everyRoom, 'server', 'sample'],
  sample: ['contract'],
}
