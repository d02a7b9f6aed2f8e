import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decode, encodable, encode } from './encoding.ts'

describe('encodings', () => {
  test('decoding and encoding gives back the same bytes, whatever they were', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const { text, encoding, bom } = decode(bytes)
        expect(Buffer.from(encode(text, encoding, bom))).toEqual(Buffer.from(bytes))
      }),
      { numRuns: 500 },
    )
  })

  test('text in UTF-8 with a few damaged bytes comes back byte for byte, and is still read as UTF-8', () => {
    const damaged = Buffer.concat([
      Buffer.from('Grüße aus Köln, Übermut tut selten gut: '),
      Buffer.from([0xc3, 0x28, 0xff]),
    ])
    const decoded = decode(damaged)
    expect(decoded).toMatchObject({ encoding: 'utf-8', damaged: 2 })
    expect(decoded.text).toContain('Köln')
    expect(Buffer.from(encode(decoded.text, 'utf-8', false))).toEqual(damaged)
  })

  test.each([
    'utf-8',
    'utf-16le',
    'utf-16be',
  ] as const)('%s with a byte order mark is recognised', (encoding) => {
    const text = 'naïve;Müller;€\r\n1;2;3\r\n'
    expect(decode(encode(text, encoding, true))).toEqual({ text, encoding, bom: true, damaged: 0 })
  })

  test('UTF-16 is recognised without its mark, and Latin text without any hint', () => {
    const text = 'name;città\n1;Forlì\n'
    expect(decode(encode(text, 'utf-16le', false))).toMatchObject({ text, encoding: 'utf-16le' })
    expect(decode(encode(text, 'utf-16be', false))).toMatchObject({ text, encoding: 'utf-16be' })
    expect(decode(Buffer.from([0x50, 0x72, 0x65, 0x69, 0x73, 0x20, 0x80, 0x20, 0xfc]))).toMatchObject({
      text: 'Preis € ü',
      encoding: 'windows-1252',
    })
  })

  test('says which text an encoding lacks', () => {
    expect(encodable('hot · 91 %, “café” €', 'windows-1252')).toBe(true)
    expect(encodable('日本', 'windows-1252')).toBe(false)
    expect(encodable('日本', 'utf-16be')).toBe(true)
    expect(encodable('\ud800', 'utf-8')).toBe(false)
  })
})
