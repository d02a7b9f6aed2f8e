import { expect, test } from 'vitest'
import type { Lock, Stage } from '../contract/index.ts'
import { moveByPerson } from './person-move.ts'

const lock = (open: boolean): Lock => ({ open, numbers: {}, because: 'Only 71 % is proven.', opensWhen: '' })
const locks = (proof: boolean) => ({ place: lock(true), pain: lock(true), proof: lock(proof) })
const move = (stage: Stage, wanted: Stage, more: { proof?: boolean; why?: string; anyway?: boolean } = {}) =>
  moveByPerson({
    stage,
    wanted,
    locks: locks(more.proof ?? false),
    why: more.why ?? '',
    anyway: more.anyway ?? false,
  })

test('a person may always stop or slow it, whatever the locks', () => {
  for (const [stage, wanted] of [
    ['live', 'pilot'],
    ['live', 'off'],
    ['pilot', 'silent'],
    ['silent', 'withdrawn'],
    ['withdrawn', 'off'],
  ] as const)
    expect(move(stage, wanted)).toMatchObject({ moved: true, stage: wanted, overruled: false })
})

test('forward it goes one step at a time, and back from withdrawn only anew', () => {
  expect(move('off', 'silent')).toMatchObject({ moved: true, stage: 'silent' })
  expect(move('silent', 'live', { proof: true })).toMatchObject({ moved: false, stage: 'silent' })
  expect(move('withdrawn', 'live', { proof: true })).toMatchObject({ moved: false })
  expect(move('pilot', 'live', { proof: true })).toMatchObject({ moved: true, overruled: false })
  expect(move('live', 'live', { proof: true })).toMatchObject({ moved: false })
})

test('a closed proof lock is overruled only in so many words, with a reason, and that is told', () => {
  expect(move('pilot', 'live', { why: 'we want it' })).toMatchObject({ moved: false })
  expect(move('pilot', 'live', { anyway: true })).toMatchObject({ moved: false })
  const overruled = move('pilot', 'live', { anyway: true, why: 'The board wants it.' })
  expect(overruled).toMatchObject({ moved: true, stage: 'live', overruled: true })
  expect(overruled.because).toContain('The board wants it.')
  expect(overruled.because).toContain('Only 71 % is proven.')
})
