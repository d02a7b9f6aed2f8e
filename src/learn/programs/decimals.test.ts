import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { localized, markOf, type NumberStyle, parseDecimal, rounded, shifted, written } from './decimals.ts'

const plain: NumberStyle = {
  least: 0,
  most: 30,
  width: 1,
  group: '',
  mark: '.' as const,
  plus: false,
  bare: false,
}
const round = (text: string, grid: string, mode: 'nearest' | 'down' | 'up') =>
  written(rounded(parseDecimal(text)!, parseDecimal(grid)!, mode), plain)

describe('decimal numbers', () => {
  it('come back as they were written, without float error', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), fc.nat(8), (units, scale) => {
        const text = written({ units, scale }, { ...plain, least: scale, most: scale })
        const back = parseDecimal(text)
        expect(back && back.units * 10n ** BigInt(scale - back.scale)).toBe(units)
      }),
    )
  })

  it('read thousands, exponents and bare points, and nothing else', () => {
    expect(parseDecimal('1,234.50')).toEqual({ units: 123450n, scale: 2 })
    expect(written(parseDecimal('5.58E-001')!, plain)).toBe('0.558')
    expect(parseDecimal('.5')).toEqual({ units: 5n, scale: 1 })
    for (const wrong of ['', '12,34', 'abc', '1.2.3', '--1', '1e999999999'])
      expect(parseDecimal(wrong)).toBeNull()
  })

  it('round halves away from zero, down and up to a grid', () => {
    expect(round('2.5', '1', 'nearest')).toBe('3')
    expect(round('-2.5', '1', 'nearest')).toBe('-3')
    expect(round('19.57', '0.05', 'nearest')).toBe('19.55')
    expect(round('-7', '5', 'down')).toBe('-10')
    expect(round('41', '20', 'up')).toBe('60')
    expect(round('1.005', '0.01', 'nearest')).toBe('1.01')
  })

  it('never move further than half a grid when rounding to the nearest', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 1, max: 1000 }), (value, grid) => {
        const to = rounded({ units: BigInt(value), scale: 0 }, { units: BigInt(grid), scale: 0 }, 'nearest')
        expect(Math.abs(Number(to.units) - value) * 2).toBeLessThanOrEqual(grid)
      }),
    )
  })

  it('are read as the column writes them', () => {
    expect(markOf(['1.234,50 €', '99,90 €', '12.000 €'])).toBe(',')
    expect(markOf(['1,234.50', '12,000'])).toBe('.')
    expect(markOf(['1.234.567'])).toBe(',')
    expect(markOf(['1.5', '1,234'])).toBe('.')
    expect(localized('1.234,50', ',')).toBe('1234.50')
    expect(localized("1'234.50", '.')).toBe('1234.50')
    expect(written(parseDecimal('1234.5')!, { ...plain, least: 2, most: 2, group: '.', mark: ',' })).toBe(
      '1.234,50',
    )
  })

  it('move by powers of ten exactly', () => {
    expect(written(shifted(parseDecimal('10.7')!, -2), plain)).toBe('0.107')
    expect(written(shifted(parseDecimal('0.25')!, 3), plain)).toBe('250')
  })
})
