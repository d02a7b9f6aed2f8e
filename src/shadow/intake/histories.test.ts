import { describe, expect, test } from 'vitest'
import { processGraph } from '../process-graph.ts'
import { shadow } from '../shadow.ts'
import type { MailSeen } from './histories.ts'
import { mailLog, readLogText } from './read-logs.ts'

const hour = 3_600_000
const start = Date.UTC(2024, 0, 8, 8)
const mail = (
  conversation: string,
  hours: number,
  from: string,
  to: string,
  automated = false,
): MailSeen => ({
  conversation,
  at: start + hours * hour,
  from,
  to: [to],
  automated,
})
const steps = (log: ReturnType<typeof mailLog>) =>
  Array.from({ length: log.length }, (_, i) => [
    log.cases.names[log.case[i]!],
    log.actions.names[log.action[i]!],
  ])

describe("a mailbox's history", () => {
  const mails = [
    mail('a', 0, 'anna@customer.example', 'desk@firm.example'),
    mail('a', 5, 'desk@firm.example', 'anna@customer.example'),
    mail('a', 6, 'anna@customer.example', 'desk@firm.example'),
    mail('b', 1, 'desk@firm.example', 'ben@customer.example'),
    mail('c', 2, 'news@list.example', 'desk@firm.example', true),
  ]

  test('tells what was received, answered, received again and sent, and leaves out what machines send', () => {
    const log = mailLog(mails, ['DESK@firm.example'])
    expect(steps(log)).toEqual([
      ['a', 'received'],
      ['b', 'sent'],
      ['a', 'answered'],
      ['a', 'received again'],
    ])
    expect(log.notices.join()).toContain('1 mails')
    expect(JSON.stringify(log.people.names)).not.toContain('@')
  })

  test('tells when a mail was read where its reader sent a receipt, and not that others have read ours', () => {
    const receipt = (conversation: string, hours: number, from: string, to: string) => ({
      ...mail(conversation, hours, from, to, true),
      receipt: true,
    })
    const log = mailLog(
      [
        ...mails,
        receipt('a', 3, 'desk@firm.example', 'anna@customer.example'),
        receipt('b', 4, 'ben@customer.example', 'desk@firm.example'),
      ],
      ['desk@firm.example'],
    )
    expect(steps(log).filter(([conversation]) => conversation === 'a')).toEqual([
      ['a', 'received'],
      ['a', 'read'],
      ['a', 'answered'],
      ['a', 'received again'],
    ])
    expect(steps(log).filter(([conversation]) => conversation === 'b')).toEqual([['b', 'sent']])
  })

  test('without a word whose it is, is that of who gets and writes most', () => {
    const more = [1, 2, 3].map((k) => mail(`d${k}`, k, `c${k}@customer.example`, 'desk@firm.example'))
    const all = [...mails, ...more]
    expect(steps(mailLog(all))).toEqual(steps(mailLog(all, ['desk@firm.example'])))
  })

  test('gives answering as work that "reply" takes away, and how long mail lies', () => {
    const many = Array.from({ length: 20 }, (_, k) => [
      mail(`q${k}`, 24 * k, `c${k}@customer.example`, 'desk@firm.example'),
      mail(`q${k}`, 24 * k + 3, 'desk@firm.example', `c${k}@customer.example`),
    ]).flat()
    const { opportunities, routines } = shadow(mailLog(many))
    expect(opportunities[0]).toMatchObject({ skill: 'reply', people: 'fewer than 5' })
    expect(routines.find(({ kind }) => kind === 'waiting')).toMatchObject({
      steps: ['received', 'answered'],
      minutesPerRun: 180,
    })
  })

  test('without one mail that has a time is refused', () => {
    expect(() => mailLog([{ ...mails[0]!, at: null }])).toThrow('not one event')
  })
})

describe('a change history', () => {
  test.each([
    ['of one’s own', 'record id,field,old,new,by,at'],
    ['of Salesforce', 'Lead ID,Field / Event,Old Value,New Value,Edited By,Edit Date'],
    ['of an audit table', 'key;column;before;after;author;when'],
  ])('%s is read by its columns', (_, header) => {
    const separator = header.includes(';') ? ';' : ','
    const rows = [
      ['7', 'rating', '', 'hot', 'ann', '2024-01-08T09:00:00Z'],
      ['7', 'stage', 'new', 'won', 'ann', '2024-01-08T11:00:00Z'],
      ['7', 'rating', 'hot', 'cold', 'bob', '2024-01-08T12:00:00Z'],
      ['7', 'rating', 'cold', 'cold', 'bob', '2024-01-08T13:00:00Z'],
    ].map((row) => row.join(separator))
    const log = readLogText('history.csv', `${header}\n${rows.join('\n')}\n`)
    const done = Array.from(log.action, (code) => log.actions.names[code])
    expect(done).toEqual(['rating set', 'stage: won', 'rating changed'])
    expect(log.cases.names).toHaveLength(1)
    expect(log.people.names).toEqual(['person 1', 'person 2'])
  })

  test('gives judging as work that "score" takes away, and what was changed again as rework', () => {
    const rows = Array.from({ length: 30 }, (_, k) => {
      const at = (minute: number) => new Date(start + k * hour + minute * 60_000).toISOString()
      return [
        `${k},rating,,hot,ann,${at(0)}`,
        `${k},owner,,ben,ann,${at(5)}`,
        `${k},rating,hot,cold,ann,${at(9)}`,
        `${k},phone,,1,ann,${at(12)}`,
        `${k},rating,cold,hot,ann,${at(20)}`,
      ]
    }).flat()
    const { opportunities, routines } = shadow(
      readLogText('history.csv', `lead id,field,old,new,by,at\n${rows.join('\n')}\n`),
    )
    expect(opportunities.some(({ skill }) => skill === 'score')).toBe(true)
    expect(routines.find(({ kind }) => kind === 'rework')!.steps[0]).toBe('rating changed')
  })

  test("of HubSpot's property history keeps who did it, and imports as nobody's", () => {
    const log = readLogText(
      'contacts.json',
      JSON.stringify({
        results: [
          {
            id: '51',
            propertiesWithHistory: {
              hs_lead_status: [
                {
                  value: 'OPEN',
                  timestamp: '2024-01-08T12:00:00.000Z',
                  sourceType: 'CRM_UI',
                  updatedByUserId: 9,
                },
                { value: 'NEW', timestamp: '2024-01-08T09:00:00.000Z', sourceType: 'IMPORT', sourceId: 'x' },
              ],
            },
          },
        ],
      }),
    )
    expect(Array.from(log.action, (code) => log.actions.names[code])).toEqual([
      'hs_lead_status: NEW',
      'hs_lead_status: OPEN',
    ])
    expect([...log.person]).toEqual([-1, 0])
    expect([...processGraph(log).arcs.values()][0]!.waitedSeconds).toBe(3 * 3600)
  })
})
