import { describe, expect, test } from 'vitest'
import { adoptionLog, causeSets, reportedOn } from './adoption-testing.ts'
import { variedAdoptionLog } from './adoption-varied-testing.ts'
import { type Cause, diagnose, inventory } from './diagnose.ts'
import { readLogText } from './intake/read-logs.ts'

describe('diagnosis', () => {
  test.each([
    [
      'of other people and tools',
      (seed: number, set: readonly Cause[]) => adoptionLog(9000 + seed, set, reportedOn),
    ],
    ['made in another way', (seed: number, set: readonly Cause[]) => variedAdoptionLog(9000 + seed, set)],
  ])('finds the right set of causes, and none where there is none, in at least 95 %% of logs %s', (_, make) => {
    const rounds = 5
    let right = 0
    let quiet = 0
    for (let seed = 0; seed < rounds; seed++) {
      for (const set of causeSets) {
        const { csv, host } = make(seed, set)
        const { causes } = diagnose(readLogText('adoption.csv', csv), host)
        if (causes.join() !== set.join()) continue
        right++
        if (set.length === 0) quiet++
      }
    }
    expect(right / (rounds * causeSets.length)).toBeGreaterThanOrEqual(0.95)
    expect(quiet / rounds).toBeGreaterThanOrEqual(0.95)
  })

  const { csv, host } = adoptionLog(1, ['outside the workflow', 'not good enough'], reportedOn)
  const log = readLogText('adoption.csv', csv)

  test('says what would change it, with numbers, and never that people need training, nor a name', () => {
    const diagnosis = diagnose(log, host)
    expect(diagnosis.locks.place.numbers.hops).toBeGreaterThan(0)
    expect(diagnosis.locks.proof.numbers.usefulRate).toBeLessThan(0.7)
    expect(diagnosis.text).toContain('What would change it')
    expect(JSON.stringify(diagnosis)).not.toMatch(/train|login|person \d/i)
    for (const name of reportedOn.people) expect(JSON.stringify(diagnosis)).not.toContain(`"${name}"`)
  })

  test('refuses a tool that the log never shows, and says what it shows', () => {
    expect(() => diagnose(log, 'nowhere.example')).toThrow('"nowhere.example" is nowhere in these logs')
  })

  test('takes an address for its host, and a host for all below it', () => {
    const whole = diagnose(log, host)
    expect(diagnose(log, `https://${host.toUpperCase()}/new?x=1`)).toEqual(whole)
  })

  test('lists every AI tool that is known by its address, its name or its prompt', () => {
    const known = readLogText('x.csv', csv.replaceAll(host, 'chatgpt.com'))
    expect(inventory(known).map(({ tool }) => tool)).toEqual(['chatgpt.com'])
    const bare = csv.replaceAll(host, 'wiki.example').replaceAll(',prompt,', ',search,')
    expect(inventory(readLogText('x.csv', bare))).toEqual([])
    expect(inventory(readLogText('x.csv', csv)).map(({ tool }) => tool)).toEqual([host])
  })
})
