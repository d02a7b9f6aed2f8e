import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type MboxPart, splitMbox } from './mbox-split.ts'

async function* inChunks(bytes: Buffer, sizes: number[]): AsyncGenerator<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!
    yield bytes.subarray(at, at + size)
    at += size
  }
}

async function split(bytes: Buffer, sizes = [1 << 20]): Promise<MboxPart[]> {
  const parts: MboxPart[] = []
  for await (const part of splitMbox(inChunks(bytes, sizes), 'some.mbox')) parts.push(part)
  return parts
}

const postmark = 'From bob@x.example Mon Nov  3 10:00:00 2025'

test('splits at postmarks of every kind, with or without the empty line before them', async () => {
  const marks = [
    'From - Tue Sep 02 11:00:00 2025',
    'From edd at debian.org  Fri May 22 13:38:22 2015',
    'From MAILER-DAEMON Fri Jul  8 12:08:34 2011 +0200',
    'From "a b"@x.example Mon Nov  3 10:00 2025',
  ]
  const parts = await split(Buffer.from(marks.map((mark) => `${mark}\nSubject: x\n\ntext\n`).join('')))
  expect(parts.map(({ bytes }) => bytes.toString())).toEqual(marks.map(() => 'Subject: x\n\ntext\n'))
  expect(parts[1]!.postmark).toBe(Date.UTC(2015, 4, 22, 13, 38, 22))
})

test('takes text that begins with "From " for text, and takes the quoting back', async () => {
  const text = `A: b\n\nFrom now on\n>${postmark}\n>>From x\n> From y\n`
  const [part, ...others] = await split(Buffer.from(`${postmark}\n${text}\n`))
  expect(others).toEqual([])
  expect(part!.bytes.toString()).toBe(`A: b\n\nFrom now on\n${postmark}\n>From x\n> From y\n`)
})

test('gives offsets that cut the file without a gap, however the bytes arrive', async () => {
  const line = fc.constantFrom(postmark, 'From here', 'Subject: x', '', '>From a', 'long '.repeat(50), 'é\r')
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 30 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
      fc.boolean(),
      async (lines, sizes, ended) => {
        const bytes = Buffer.from([postmark, ...lines].join('\n') + (ended ? '\n' : ''))
        const parts = await split(bytes, sizes)
        expect(parts).toEqual(await split(bytes))
        expect(parts[0]!.start).toBe(0)
        expect(parts.at(-1)!.end).toBe(bytes.length)
        for (const [at, { start, head, end }] of parts.entries()) {
          if (at > 0) expect(start).toBe(parts[at - 1]!.end)
          expect(bytes.subarray(start, start + 5).toString()).toBe('From ')
          expect(head).toBeGreaterThan(start)
          expect(end).toBeGreaterThanOrEqual(head)
        }
      },
    ),
  )
})

test('keeps at most a megabyte of a message, and of a line that never ends', async () => {
  const endless = Buffer.concat([Buffer.from(`${postmark}\n\n`), Buffer.alloc(5 << 20, 'x')])
  const tail = Buffer.from(`\n${postmark}\nSubject: next\n\n`)
  const parts = await split(Buffer.concat([endless, tail]), [1 << 16])
  expect(parts.map(({ bytes }) => bytes.length)).toEqual([1 << 20, 'Subject: next\n'.length])
})

test('says that a file is not an mbox', async () => {
  await expect(split(Buffer.from('Dear diary\n'))).rejects.toThrow(/'some.mbox' is not an mbox/)
  expect(await split(Buffer.alloc(0))).toEqual([])
})
