import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addDocument,
  copyIndex,
  indexFromParts,
  indexParts,
  newIndex,
  search,
  selfScore,
} from './search-index.ts'
import { eachTerm } from './terms.ts'

function indexOf(...texts: string[]) {
  const index = newIndex()
  for (const text of texts) addDocument(index, { subject: '', text })
  return index
}
const query = (text: string, subject = '') => ({ subject, text })
const found = (index: ReturnType<typeof newIndex>, text: string, limit = 10) =>
  search(index, query(text), { limit }).map(({ document }) => document)

describe('the search index', () => {
  it('finds the documents that share rare words first, and none that share nothing', () => {
    const index = indexOf(
      'the invoice is missing',
      'the tracking number please',
      'the weather is fine',
      'hello',
    )
    expect(found(index, 'where is the tracking number')[0]).toBe(1)
    expect(found(index, 'INVOICE')).toEqual([0])
    expect(found(index, 'unheard')).toEqual([])
    expect(found(newIndex(), 'anything')).toEqual([])
  })

  it('weighs a word of the subject more than the same word of the text', () => {
    const index = newIndex()
    addDocument(index, { subject: 'other things', text: 'about a refund today' })
    addDocument(index, { subject: 'refund today', text: 'about other things' })
    expect(found(index, 'refund')).toEqual([1, 0])
  })

  it('gives the newer of equally good documents first', () => {
    expect(found(indexOf('same words', 'same words', 'same words'), 'same words')).toEqual([2, 1, 0])
  })

  it('takes long numbers for their length, and keeps short ones apart', () => {
    const index = indexOf('order 4711234', 'order 12', 'order 99')
    expect(found(index, '8154321')).toEqual([0])
    expect(found(index, '12')).toEqual([1])
  })

  it('finds words in scripts that are written without spaces', () => {
    expect(found(indexOf('请发送发票副本', '追踪号码是多少'), '发票')).toEqual([0])
  })

  it('leaves out what is to be skipped', () => {
    const index = indexOf('a word', 'a word', 'a word')
    const skip = (document: number) => document === 2
    expect(search(index, query('word'), { limit: 1, skip })).toMatchObject([{ document: 1 }])
  })

  it('gives a text itself at most its own score', () => {
    const index = indexOf('send me the invoice for march', 'another thing entirely', 'and a third one')
    const text = query('send me the invoice for march')
    const [best] = search(index, text, { limit: 1 })
    expect(best!.document).toBe(0)
    expect(best!.score).toBeCloseTo(selfScore(index, text), 4)
  })

  it('ranks as BM25F written out plainly does', () => {
    const word = fc.constantFrom('ab', 'cd', 'ef', 'gh', 'ij', 'kl')
    const text = fc.array(word, { maxLength: 20 }).map((words) => words.join(' '))
    const document = fc.record({ subject: text, text })
    fc.assert(
      fc.property(fc.array(document, { minLength: 1, maxLength: 60 }), document, (documents, asked) => {
        const index = newIndex()
        for (const each of documents) addDocument(index, each)
        const limit = documents.length
        const scores = plainScores(documents, asked)
        const results = search(index, asked, { limit })
        expect(results.length).toBe(scores.filter((score) => score > 0).length)
        for (const { document, score } of results) expect(score).toBeCloseTo(scores[document]!, 3)
      }),
      { numRuns: 100 },
    )
  })

  it('comes back from its parts as it was and can be added to; a copy does not share what is added', () => {
    const words = (i: number) => `w${i % 7} w${i % 31} w${i % 400} common`
    const index = newIndex()
    for (let i = 0; i < 3000; i++) addDocument(index, { subject: `s${i % 13}`, text: words(i) })
    const loaded = indexFromParts(indexParts(index))
    const copy = copyIndex(index)
    for (let i = 3000; i < 6000; i++) {
      addDocument(index, { subject: `s${i % 13}`, text: words(i) })
      addDocument(loaded, { subject: `s${i % 13}`, text: words(i) })
    }
    expect(indexParts(loaded)).toEqual(indexParts(index))
    expect(copy.documents).toBe(3000)
    const asked = { subject: 's4', text: words(17) }
    expect(search(loaded, asked, { limit: 5 })).toEqual(search(index, asked, { limit: 5 }))
    expect(search(copy, asked, { limit: 5 }).every(({ document }) => document < 3000)).toBe(true)
  })

  it('asks the rarest words when the budget does not reach for all', () => {
    const index = newIndex()
    for (let i = 0; i < 1000; i++)
      addDocument(index, { subject: '', text: `often very much ${i === 7 ? 'rare' : ''}` })
    expect(search(index, query('often very much rare'), { limit: 1, budget: 10 })[0]!.document).toBe(7)
  })
})

function termsOf(text: string): string[] {
  const terms: string[] = []
  eachTerm(text, (low, high) => terms.push(`${low} ${high}`))
  return terms
}

type Plain = { subject: string; text: string }

/** The formula of the source, with nothing clever. */
function plainScores(documents: Plain[], asked: Plain): number[] {
  const read = documents.map((each) => ({ subject: termsOf(each.subject), text: termsOf(each.text) }))
  const mean = (field: 'subject' | 'text') =>
    read.reduce((sum, each) => sum + each[field].length, 0) / read.length || 1
  const times = (terms: string[], term: string) => Math.min(15, terms.filter((each) => each === term).length)
  const own = { subject: termsOf(asked.subject), text: termsOf(asked.text) }
  return read.map((document) => {
    let sum = 0
    for (const term of new Set([...own.subject, ...own.text])) {
      const holding = read.filter((each) => [...each.subject, ...each.text].includes(term)).length
      if (holding === 0) continue
      const rarity = Math.log(1 + (read.length - holding + 0.5) / (holding + 0.5))
      const frequency =
        (2 * times(document.subject, term)) / (1 + 0.5 * (document.subject.length / mean('subject') - 1)) +
        times(document.text, term) / (1 + 0.75 * (document.text.length / mean('text') - 1))
      const said =
        2 * own.subject.filter((each) => each === term).length +
        own.text.filter((each) => each === term).length
      sum += rarity * ((said * 3) / (said + 2)) * (frequency / (1.2 + frequency))
    }
    return sum
  })
}
