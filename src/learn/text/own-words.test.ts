import { expect, it } from 'vitest'
import { ownWords } from './own-words.ts'

it('drops quoted lines and the line that introduces them', () => {
  const mail =
    'Thanks, that works.\n\nOn Mon, 3 Mar 2025 at 10:00, Ann <ann@example.org> wrote:\n> Did it work?\n> Ann'
  expect(ownWords(mail).trim()).toBe('Thanks, that works.')
})

it('drops an introduction that is wrapped over two lines', () => {
  const mail = 'Yes.\nOn Mon, 3 Mar 2025 at 10:00, Ann Somebody\n<ann@example.org> wrote:\n> Did it work?'
  expect(ownWords(mail).trim()).toBe('Yes.')
})

it('drops the answered mail below in the manner of Outlook, in English and German', () => {
  expect(ownWords('Please see below.\n-----Original Message-----\nFrom: Bob\nold text').trim()).toBe(
    'Please see below.',
  )
  expect(
    ownWords('Bitte prüfen.\n\nVon: Bob\nGesendet: Montag\nAn: Ann\nBetreff: x\n\nalter Text').trim(),
  ).toBe('Bitte prüfen.')
})

it('drops a signature, but not what stands below a dividing line in a long text', () => {
  expect(ownWords('The invoice is wrong.\n-- \nAnn\nSome Company').trim()).toBe('The invoice is wrong.')
  const long = ['Intro', '--', ...Array.from({ length: 40 }, (_, i) => `line ${i}`)].join('\n')
  expect(ownWords(long)).toBe(long)
})

it('keeps answers between quoted lines', () => {
  expect(ownWords('> Which size?\nMedium.\n> Which colour?\nGreen.')).toBe('Medium.\nGreen.')
})

it('keeps a mail whole that has nothing but quotes, and one that is forwarded', () => {
  expect(ownWords('> only this')).toBe('> only this')
  const forwarded = 'From: Bob\nDate: Monday\nSubject: invoice\n\nplease pay'
  expect(ownWords(forwarded)).toBe(forwarded)
  expect(ownWords('')).toBe('')
})
