import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { complete, fillFrom } from './complete.ts'

/** Long enough that a loaded machine does not change a result. */
const limit = 20_000
const filled = (given: [string | string[], string][], inputs: (string | string[])[]) => {
  const row = (cell: string | string[]) => (Array.isArray(cell) ? cell : [cell])
  return complete(
    given.map(([input, out]) => ({ in: row(input), out })),
    inputs.map(row),
    limit,
  )
}
const names = ['Grace Hopper', 'Edsger Dijkstra', 'Barbara Liskov', 'Donald Knuth']

describe('a column completed from one example', () => {
  const cases: [string, [string | string[], string], (string | string[])[], string[]][] = [
    ['a last name', ['Ada Lovelace', 'Lovelace'], names, ['Hopper', 'Dijkstra', 'Liskov', 'Knuth']],
    ['initials', ['Ada Lovelace', 'A.L.'], names, ['G.H.', 'E.D.', 'B.L.', 'D.K.']],
    [
      'a name turned round',
      ['Ada Lovelace', 'Lovelace, A.'],
      names,
      ['Hopper, G.', 'Dijkstra, E.', 'Liskov, B.', 'Knuth, D.'],
    ],
    ['a host', ['ada@example.com', 'example.com'], ['g.h@navy.mil', 'e.w.d@tue.nl'], ['navy.mil', 'tue.nl']],
    [
      'a phone number',
      ['202-555-0147', '(202) 555-0147'],
      ['303-555-0199', '027-555-0110'],
      ['(303) 555-0199', '(027) 555-0110'],
    ],
    ['a month', ['2026-12-30', 'Dec 2026'], ['2026-04-15', '2025-01-02'], ['Apr 2026', 'Jan 2025']],
    ['a number written out', ['1234.5', '1,234.50'], ['98765.432', '12'], ['98,765.43', '12.00']],
    [
      'two columns joined',
      [['Ada', 'Lovelace'], 'lovelace.ada'],
      [
        ['Grace', 'Hopper'],
        ['Alan', 'Turing'],
      ],
      ['hopper.grace', 'turing.alan'],
    ],
    ['text in brackets', ['pump (red)', 'red'], ['valve (dark blue)', 'nut (steel)'], ['dark blue', 'steel']],
    ['a half hour', ['18:25', '18:00-18:30'], ['09:44', '23:31'], ['09:30-10:00', '23:30-00:00']],
    ['an hour', ['18:25', '6PM-7PM'], ['09:44', '23:31'], ['9AM-10AM', '11PM-12AM']],
    ['hours as the column writes them', ['6:25 PM', '18:25'], ['9:44 AM', '4:05 AM'], ['9:44', '4:05']],
    ['a duration', ['3:14:23', '03h 14m 23s'], ['11:05:02', '0:59:00'], ['11h 05m 02s', '00h 59m 00s']],
    [
      'a firm without its legal form',
      ['Stark & Sons GmbH', 'Stark & Sons'],
      ['Globex Corporation', 'Acme Ltd.', 'Hooli'],
      ['Globex', 'Acme', 'Hooli'],
    ],
    [
      'figures that belong together',
      ['call 212-555-0143 now (12)', '212-555-0143'],
      ['try 7 times: 415-555-0198', 'or 617-555-0122, 4 pm'],
      ['415-555-0198', '617-555-0122'],
    ],
  ]
  for (const [what, example, inputs, wanted] of cases) {
    it(`gives ${what}`, () => expect(filled([example], inputs).best).toEqual(wanted))
  }

  it('calls a piece the first number only where nothing stands before it', () => {
    const wordsOf = (input: string, out: string, others: string[]) =>
      filled([[input, out]], others).program?.words
    expect(wordsOf('949kg net', '949', ['65kg net', '9577kg net'])).toBe('the first run of digits of {0}')
    expect(wordsOf('FO949kg net', 'FO949', ['ZA65kg net', 'JI9577kg net'])).not.toBe(
      'the first run of digits of {0}',
    )
  })

  it('keeps the zeros of identifiers that only look like numbers', () => {
    expect(filled([['938-242', '242']], ['308-916', '693-049', '002-500']).best).toEqual([
      '916',
      '049',
      '500',
    ])
  })
})

describe('a column completed from several examples', () => {
  it('tells rows of different shapes apart', () => {
    const { best } = filled(
      [
        ['Ada Lovelace', 'Lovelace'],
        ['Hopper, Grace', 'Hopper'],
      ],
      ['Alan Turing', 'Dijkstra, Edsger', 'Barbara Liskov', 'Knuth, Donald'],
    )
    expect(best).toEqual(['Turing', 'Dijkstra', 'Liskov', 'Knuth'])
  })

  it('infers the grid of a rounding and its mode together', () => {
    const { best } = filled(
      [
        ['19.57', '19.50'],
        ['19.99', '19.50'],
      ],
      ['3.74', '8.25'],
    )
    expect(best).toEqual(['3.50', '8.00'])
  })

  it('answers questions about two columns', () => {
    const { best } = filled(
      [
        [['ab', 'ab'], 'yes'],
        [['ab', 'cd'], 'no'],
      ],
      [
        ['x', 'x'],
        ['x', 'y'],
      ],
    )
    expect(best).toEqual(['yes', 'no'])
  })

  it('gets through many examples by those that disagree', () => {
    const rows = Array.from(
      { length: 60 },
      (_, i) => [`${'abcdef'[i % 6]}${i} x${i * 7}`, `x${i * 7}`] as [string, string],
    )
    const { best, confidence } = filled(rows, ['q9 x12', 'r8 x77'])
    expect(best).toEqual(['x12', 'x77'])
    expect(Math.min(...confidence)).toBeGreaterThan(0.9)
  })
})

describe('what people have in spreadsheets', () => {
  /** From the first two rows, the program gives all the others. */
  const gives = (rows: [string | string[], string][]) => {
    const all = rows.map(([input, out]) => ({ in: Array.isArray(input) ? input : [input], out }))
    const { best } = complete(
      all.slice(0, 2),
      all.map((each) => each.in),
      2000,
    )
    expect(best).toEqual(all.map((each) => each.out))
  }

  it('telephone numbers take the form of the example, whatever form they had', () =>
    gives([
      ['(212) 555-0143', '212-555-0143'],
      ['415.555.0198', '415-555-0198'],
      ['+1 702 555 0110', '702-555-0110'],
      ['3125550187', '312-555-0187'],
    ]))

  it('an area code is added where the number has none, however it is written', () => {
    const given: [string, string][] = [
      ['390-9292', '425-390-9292'],
      ['499-999-2020', '499-999-2020'],
      ['(299)-398-0003', '299-398-0003'],
      ['(288) 3998888', '288-399-8888'],
    ]
    expect(filled(given, ['999-2020', '425-9990200']).best).toEqual(['425-999-2020', '425-999-0200'])
  })

  it('an initial is read where another column has it', () => {
    const people = [
      ['adam', 'williams'],
      ['james', 'johnson'],
    ]
    expect(filled([[['john', 'smith'], 'jsmith']], people).best).toEqual(['awilliams', 'jjohnson'])
  })

  const both: [string, [string | string[], string][]][] = [
    [
      'a number among words and one beside it are multiplied',
      [
        [['Ibuprofen 200 mg tablet', '3'], '600 mg'],
        [['Amoxicillin 500 mg capsule', '2'], '1000 mg'],
        [['Aspirin 81 mg', '1'], '81 mg'],
      ],
    ],
    [
      'money is rounded to cents, with the thousands as the column writes them',
      [
        [['$19.99', '8.5%'], '$21.69'],
        [['$1,250.00', '8.5%'], '$1,356.25'],
        [['$950.10', '10%'], '$1,045.11'],
      ],
    ],
    [
      'money that is owed stands in brackets, with thousands as elsewhere in the column',
      [
        ['1250', '1,250.00'],
        ['-300', '(300.00)'],
        ['45.5', '45.50'],
        ['-9999.99', '(9,999.99)'],
      ],
    ],
    [
      'both sides of a condition do alike what they can: Dr has a minus, Cr none',
      [
        ['1,250.00 Dr', '-1250.00'],
        ['300.00 Cr', '300.00'],
        ['45.50 Dr', '-45.50'],
        ['9,999.99 Cr', '9999.99'],
      ],
    ],
    [
      'the cents of a price',
      [
        ['$3.05', '5'],
        ['$12.99', '99'],
        ['$0.10', '10'],
        ['$7.00', '0'],
      ],
    ],
    [
      'hours from one time to the other in a cell, past midnight too',
      [
        ['08:30-17:00', '8.5'],
        ['09:00-18:15', '9.25'],
        ['22:00-06:00', '8'],
      ],
    ],
    [
      'two stretches of time together',
      [
        [['1:30', '0:45'], '2:15'],
        [['2:20', '1:50'], '4:10'],
        [['10:00', '3:30'], '13:30'],
      ],
    ],
    [
      'a time some minutes later',
      [
        [['09:00', '90'], '10:30'],
        [['14:15', '45'], '15:00'],
        [['23:30', '60'], '00:30'],
      ],
    ],
    [
      'days between the two dates of a cell',
      [
        ['2025-03-03 to 2025-03-08', '5'],
        ['2025-11-28 to 2025-12-02', '4'],
        ['2025-06-01 to 2025-06-15', '14'],
      ],
    ],
    [
      'a date some months or weeks later, each by its own unit',
      [
        [['2024-03-01', '12 months'], '2025-03-01'],
        [['2023-07-15', '2 weeks'], '2023-07-29'],
        [['2025-01-31', '1 month'], '2025-02-28'],
      ],
    ],
    [
      'a date some days later, in another layout',
      [
        [['2025-03-03', '30'], 'due 02.04.2025'],
        [['2025-11-14', '14'], 'due 28.11.2025'],
        [['2025-12-20', '30'], 'due 19.01.2026'],
      ],
    ],
    [
      'the last day of a month that has no day',
      [
        ['2024-02', 'February 29, 2024'],
        ['2023-04', 'April 30, 2023'],
        ['2024-12', 'December 31, 2024'],
      ],
    ],
    [
      'titles leave their small words small',
      [
        ['the lord of the rings', 'The Lord of the Rings'],
        ['war and peace', 'War and Peace'],
        ['the old man and the sea', 'The Old Man and the Sea'],
      ],
    ],
    [
      'slugs become words',
      [
        ['/products/blue-shirt-12345', 'Blue Shirt'],
        ['/products/red-hat-987', 'Red Hat'],
        ['/products/green-long-coat-55555', 'Green Long Coat'],
      ],
    ],
    [
      'people that are mentioned',
      [
        ['thanks @anna and @bob!', 'anna, bob'],
        ['cc @carl', 'carl'],
        ['@dora @emil @fay look', 'dora, emil, fay'],
      ],
    ],
    [
      'an apostrophe belongs to its word',
      [
        ['John Smith Jr.', 'Smith'],
        ['Ann Lee', 'Lee'],
        ["Mary O'Brien", "O'Brien"],
      ],
    ],
    [
      'a duration as ISO 8601 writes it',
      [
        ['PT4M13S', '4:13'],
        ['PT10M0S', '10:00'],
        ['PT1M5S', '1:05'],
      ],
    ],
    [
      'the numbers of a cell are multiplied',
      [
        ['120x80x60', '576000'],
        ['45x30x10', '13500'],
        ['200x100x5', '100000'],
        ['9x9x9', '729'],
      ],
    ],
    [
      'the numbers of a cell are added up, however many there are',
      [
        ['1+2+3', '6'],
        ['10+20', '30'],
        ['7+8', '15'],
        ['1+1+1+1', '4'],
      ],
    ],
    [
      'feet and inches become inches',
      [
        ['5\'11"', '71'],
        ['6\'2"', '74'],
        ['4\'10"', '58'],
        ['6\'0"', '72'],
      ],
    ],
    [
      'the length of a range is told',
      [
        ['chr1:1000-2000', '1000'],
        ['chrX:500-750', '250'],
        ['chr22:10-99', '89'],
        ['chr7:123-456', '333'],
      ],
    ],
    [
      'months are added, to the last day where the month is too short',
      [
        ['2025-03-14', '2025-06-14'],
        ['2024-12-01', '2025-03-01'],
        ['2025-11-30', '2026-02-28'],
        ['2023-11-30', '2024-02-29'],
      ],
    ],
    [
      'the next Monday is found',
      [
        ['2025-03-14', '2025-03-17'],
        ['2024-12-01', '2024-12-02'],
        ['2026-07-27', '2026-08-03'],
        ['2025-12-31', '2026-01-05'],
      ],
    ],
    [
      'the part that a key names is read, wherever it stands',
      [
        ['https://a.com/?utm_source=mail&utm_campaign=spring', 'spring'],
        ['https://b.com/x?utm_campaign=sale&utm_source=fb', 'sale'],
        ['https://c.com/?id=4&utm_source=google&utm_campaign=q3', 'q3'],
        ['https://d.de/p?utm_source=news&x=1&utm_campaign=may', 'may'],
      ],
    ],
    [
      'a tag is taken with its mark',
      [
        ['Great day #sunny at the beach', '#sunny'],
        ['Love this #coffee!', '#coffee'],
        ['#monday blues again', '#monday'],
        ['Reading a #goodbook now', '#goodbook'],
      ],
    ],
    [
      'last names come first, whatever they are made of',
      [
        ['Anna-Lena Müller', 'Müller, Anna-Lena'],
        ['Jean-Claude Van Damme', 'Damme, Jean-Claude Van'],
        ["John O'Neill", "O'Neill, John"],
        ['Li Wei', 'Wei, Li'],
      ],
    ],
    [
      'letters with strokes become plain ones too',
      [
        ['Jürgen Müller', 'jurgen.muller@acme.com'],
        ['Zoë Groß', 'zoe.gross@acme.com'],
        ['Øyvind Łukasz', 'oyvind.lukasz@acme.com'],
        ['Ana Peña', 'ana.pena@acme.com'],
      ],
    ],
    [
      'a version is made of whole numbers',
      [
        ['2.14.3', '2.15.0'],
        ['10.0.1', '10.1.0'],
        ['1.9.12', '1.10.0'],
        ['3.3.3', '3.4.0'],
      ],
    ],
    [
      'a host is told without www.',
      [
        ['https://www.example.com/shop?id=12', 'example.com'],
        ['http://blog.acme.org/2024/05', 'blog.acme.org'],
        ['https://shop.test.de/cart', 'shop.test.de'],
        ['http://user@www.news.co.uk:8080/', 'news.co.uk'],
      ],
    ],
    [
      'numbers become Roman ones',
      [
        ['4', 'IV'],
        ['19', 'XIX'],
        ['2026', 'MMXXVI'],
        ['40', 'XL'],
      ],
    ],
    [
      'hexadecimal numbers are read',
      [
        ['FF', '255'],
        ['1A', '26'],
        ['7f', '127'],
        ['C0DE', '49374'],
      ],
    ],
    [
      'stars are as many as the number',
      [
        ['3', '★★★☆☆'],
        ['1', '★☆☆☆☆'],
        ['5', '★★★★★'],
        ['2', '★★☆☆☆'],
      ],
    ],
    [
      'a fiscal year that begins in April has two digits',
      [
        ['2024-12-01', 'FY25'],
        ['2026-07-30', 'FY27'],
        ['2025-03-14', 'FY25'],
        ['2025-11-05', 'FY26'],
      ],
    ],
    [
      'words of a list are quoted',
      [
        ['red, green', "'red', 'green'"],
        ['a, b, c', "'a', 'b', 'c'"],
        ['blue', "'blue'"],
        ['x, y', "'x', 'y'"],
      ],
    ],
  ]
  for (const [what, rows] of both) it(what, () => gives(rows))

  it('long numbers are grouped from the start or the end', () =>
    gives([
      ['DE89370400440532013000', 'DE89 3704 0044 0532 0130 00'],
      ['NL91ABNA0417164300', 'NL91 ABNA 0417 1643 00'],
      ['GB29NWBK60161331926819', 'GB29 NWBK 6016 1331 9268 19'],
    ]))

  it('an end is added only where it is missing', () =>
    gives([
      ['acme.com', 'https://acme.com'],
      ['https://globex.org', 'https://globex.org'],
      ['initech.de', 'https://initech.de'],
      ['https://hooli.io', 'https://hooli.io'],
    ]))

  it('numbers are read and written as the column writes them', () => {
    gives([
      ['1.234,50 €', '1234.50'],
      ['99,90 €', '99.90'],
      ['12.000,00 €', '12000.00'],
    ])
    gives([
      ['1234567', '1.234.567'],
      ['98765', '98.765'],
      ['450', '450'],
    ])
  })

  it('dates are read in other languages, as epochs, as serial numbers and from parts', () => {
    gives([
      ['12 janvier 2024', '2024-01-12'],
      ['3 mars 2023', '2023-03-03'],
      ['25 décembre 2024', '2024-12-25'],
    ])
    gives([
      ['1705311912', '2024-01-15'],
      ['1698926700', '2023-11-02'],
      ['1646785821', '2022-03-09'],
    ])
    gives([
      ['45306', '2024-01-15'],
      ['45232', '2023-11-02'],
      ['44629', '2022-03-09'],
    ])
    gives([
      [['2024', '1', '15'], '2024-01-15'],
      [['2023', '11', '2'], '2023-11-02'],
      [['2022', '3', '9'], '2022-03-09'],
    ])
  })

  it('dates may have a zero before the day alone, or the month', () => {
    const given: [string, string][] = [
      ['2026-10-06', '10-06-2026'],
      ['2026-03-30', '3-30-2026'],
    ]
    expect(filled(given, ['2026-01-02', '2026-12-31']).best).toEqual(['1-02-2026', '12-31-2026'])
    expect(filled([['2026-03-05', '5/03/2026']], ['2026-11-12', '2026-01-09']).best).toEqual([
      '12/11/2026',
      '9/01/2026',
    ])
  })
  it('dates and times move together, past midnight and the end of a month too', () => {
    expect(
      filled([['2026-03-01 18:37', '2026-03-01 17:37']], ['2026-03-01 00:10', '2024-03-01 00:59']).best,
    ).toEqual(['2026-02-28 23:10', '2024-02-29 23:59'])
    expect(
      filled([['2026-03-01 18:37', '2026-03-01 17:37']], ['2026-02-30 10:10', '2026-02-03 24:70']).best,
    ).not.toContain('2026-03-02 09:10')
    const both: [string, string][] = [
      ['31.12.2025 21:05:09', '1.1.2026 2:35:09'],
      ['3.4.2026 9:15:00', '3.4.2026 14:45:00'],
    ]
    expect(filled(both, ['28.2.2026 20:00:30']).best).toEqual(['1.3.2026 1:30:30'])
    expect(filled([['2026-05-04T23:00:00Z', '2026-05-05T01:00:00']], ['2026-05-31T22:30:00Z']).best).toEqual([
      '2026-06-01T00:30:00',
    ])
  })
  it('weeks and half-years are worked out', () => {
    gives([
      ['2024-01-15', 'W03'],
      ['2023-11-02', 'W44'],
      ['2024-12-24', 'W52'],
      ['2021-01-03', 'W53'],
    ])
    gives([
      ['2024-01-15', 'H1'],
      ['2023-11-02', 'H2'],
      ['2024-07-30', 'H2'],
      ['2022-03-09', 'H1'],
    ])
  })

  it('durations are changed, and worked out from two columns', () => {
    gives([
      ['75', '1h 15m'],
      ['120', '2h 0m'],
      ['45', '0h 45m'],
      ['600', '10h 0m'],
    ])
    gives([
      [['09:00', '17:30'], '8:30'],
      [['08:15', '16:15'], '8:00'],
      [['22:00', '06:10'], '8:10'],
    ])
    gives([
      [['2024-01-15', '2024-01-20'], '5'],
      [['2024-02-27', '2024-03-02'], '4'],
      [['2023-12-30', '2024-01-10'], '11'],
    ])
  })

  it('columns are reckoned with: growth, discount, the larger one, a due date', () => {
    gives([
      [['100', '120'], '20%'],
      [['50', '45'], '-10%'],
      [['200', '300'], '50%'],
    ])
    gives([
      [['100', '10'], '90'],
      [['80', '25'], '60'],
      [['250', '5'], '237.5'],
    ])
    gives([
      [['12', '5'], '12'],
      [['7', '20'], '20'],
      [['100', '3'], '100'],
    ])
    gives([
      [['2024-01-15', '30'], '2024-02-14'],
      [['2023-11-02', '14'], '2023-11-16'],
      [['2024-12-24', '10'], '2025-01-03'],
    ])
  })

  it('what is converted may be cut to so many digits', () => {
    const kilograms: [string, string][] = [
      ['3 kg', '6.61387 lb'],
      ['7 kg', '15.4324 lb'],
    ]
    expect(filled(kilograms, ['23 kg', '2 kg', '0.5 kg']).best).toEqual([
      '50.7063 lb',
      '4.40925 lb',
      '1.10231 lb',
    ])
    expect(
      filled(
        [
          ['27 in', '2.25 ft'],
          ['37 in', '3.08333333 ft'],
        ],
        ['12 in', '169 in'],
      ).best,
    ).toEqual(['1 ft', '14.0833333 ft'])
    expect(filled([['12 °C', '285.15 K']], ['-40 °C', '0.5 °C']).best).toEqual(['233.15 K', '273.65 K'])
  })
  it('numbers are written with an exponent, and texts filled up to one width', () => {
    expect(filled([['1293.3', '1.3E3']], ['0.0013', '123', '-9.99']).best).toEqual([
      '1.3E-3',
      '1.2E2',
      '-1.0E1',
    ])
    expect(filled([['0.00025', '2.50e-04']], ['123456', '1']).best).toEqual(['1.23e05', '1.00e00'])
    expect(filled([['1500', '1.5E+03']], ['0.02', '7']).best).toEqual(['2.0E-02', '7.0E+00'])
    expect(filled([['abc', '  abc']], ['yy', 'zzzzz', 'abcdefg']).best).toEqual(['   yy', 'zzzzz', 'abcdefg'])
    expect(filled([['A7', '00A7']], ['B123', 'C']).best).toEqual(['B123', '000C'])
    expect(filled([['A7', 'A7....']], ['B12', 'C']).best).toEqual(['B12...', 'C.....'])
  })
  it('great numbers are shortened by the unit that fits each, and written out again', () => {
    expect(filled([['1234', '1.2K']], ['3456789', '950', '2000', '-1500000']).best).toEqual([
      '3.5M',
      '950',
      '2.0K',
      '-1.5M',
    ])
    const down: [string, string][] = [
      ['10000', '10k'],
      ['9876549', '9m'],
    ]
    expect(filled(down, ['212999', '1999999999']).best).toEqual(['212k', '1b'])
    expect(filled([['1234', '1.2K']], ['999950', '999940']).best).toEqual(['1.0M', '999.9K'])
    expect(filled([['1536', '1.5 KB']], ['5368709120', '12']).best).toEqual(['5.0 GB', '12'])
    expect(filled([['1.5M', '1500000']], ['20K', '2.25 bn', '300']).best).toEqual([
      '20000',
      '2250000000',
      '300',
    ])
  })
  it('what stands in brackets or tags is left out, wherever it stands', () => {
    expect(filled([['<b>Hello</b> you', 'Hello you']], ['<p>It <i>is</i> me</p>', 'plain']).best).toEqual([
      'It is me',
      'plain',
    ])
    expect(
      filled([['Oslo (NO), Bergen (NO)', 'Oslo, Bergen']], ['Rome (IT), Bari', 'a (b) c (d)']).best,
    ).toEqual(['Rome, Bari', 'a c'])
  })
  it('text is put into web addresses and read from them', () => {
    expect(filled([['a b&c', 'a%20b%26c']], ['50% (max)', 'é']).best).toEqual(['50%25%20%28max%29', '%C3%A9'])
    expect(filled([['a%20b%26c', 'a b&c']], ['50%25', '%C3%A9']).best).toEqual(['50%', 'é'])
  })
  it('words are put together again: camel case, other scripts, digits of other scripts', () => {
    gives([
      ['date of birth', 'dateOfBirth'],
      ['order total', 'orderTotal'],
      ['home phone number', 'homePhoneNumber'],
    ])
    gives([
      ['१२३', '123'],
      ['४५', '45'],
      ['९०१', '901'],
    ])
    gives([
      ['שלום עולם', 'שלום'],
      ['תודה רבה', 'תודה'],
      ['בוקר טוב', 'בוקר'],
    ])
    gives([
      ['Great 👍', '👍'],
      ['Nice 👨‍👩‍👧', '👨‍👩‍👧'],
      ['Wow 🎉', '🎉'],
    ])
  })
})

it('of a list in a cell, each part is made as the parts of the example were', () => {
  const names = filled([['Anna Berg; Carl Dorn', 'Berg, Dorn']], ['Eva Falk', 'Li Wei; Bo Yang; Max Ott'])
  expect(names.best).toEqual(['Falk', 'Wei, Yang, Ott'])
  expect(names.program?.words).toContain('each part')
  const mails = filled([['Anna <a@x.com>; Bob <b@y.org>', 'a@x.com, b@y.org']], ['Eva <e@z.net>', ''])
  expect(mails.best[0]).toBe('e@z.net')
})

it('a list whose parts contradict each other is no list of parts made alike', () => {
  const { program } = filled([['a; a', 'x; y']], ['b; c'])
  expect(program?.words ?? '').not.toContain('each part')
})

it('a number without the zeros before it is a number, not so many characters', () => {
  const cases = ['2023-CR-000077', '2025-FA-010101']
  expect(filled([['2024-CV-001234', 'CV 1234/2024']], cases).best).toEqual(['CR 77/2023', 'FA 10101/2025'])
})

it('on the first of a month the date itself is meant, not the first of its month', () => {
  expect(filled([['2024-06-01', '6/1/2024']], ['2024-06-17', '2023-12-05']).best).toEqual([
    '6/17/2024',
    '12/5/2023',
  ])
})

it('the first words are joined, and all of them where there are fewer', () => {
  const examples: [string, string][] = [
    ['Kim Lee ', 'kim-lee'],
    ['Anna Maria de Souza', 'anna-maria-de'],
  ]
  expect(filled(examples, ['Jo', 'One Two Three Four Five']).best).toEqual(['jo', 'one-two-three'])
})

describe('silence', () => {
  it('keeps empty rows empty, unless people have shown otherwise', () => {
    const { confidence } = filled([['Ada Lovelace', 'Lovelace']], [...names, '', '  '])
    expect(confidence.slice(-2)).toEqual([0, 0])
    const shown = filled(
      [
        ['Ada Lovelace', 'Lovelace'],
        ['', 'unknown'],
      ],
      ['Grace Hopper', ''],
    )
    expect(shown.best).toEqual(['Hopper', 'unknown'])
  })

  it('has the last word of contradictory examples, and says which were contradicted', () => {
    const { contradicted, best } = filled(
      [
        ['Ada Lovelace', 'Ada'],
        ['Ada Lovelace', 'Lovelace'],
      ],
      ['Ada Lovelace', 'Alan Turing'],
    )
    expect(contradicted).toEqual([0])
    expect(best).toEqual(['Lovelace', 'Turing'])
  })

  it('says nothing without examples', () => {
    expect(filled([], ['a', 'b'])).toMatchObject({ best: [null, null], confidence: [0, 0], program: null })
  })

  it('doubts a row with another category than the examples in a column that the program does not read', () => {
    const people = [
      'Grace Hopper',
      'Ada Lovelace',
      'Barbara Liskov',
      'Edith Clarke',
      'Mary Shaw',
      'Jean Bartik',
    ]
    const rows = people.map((name, i) => [name, i % 2 ? 'female' : 'male'])
    const asked = (kinds: [string, string]) =>
      filled(
        [
          [['Alan Turing', kinds[0]], 'Mr. Turing'],
          [['Donald Knuth', kinds[1]], 'Mr. Knuth'],
        ],
        rows,
      ).confidence
    const [one, both] = [asked(['male', 'male']), asked(['male', 'female'])]
    for (const i of [1, 3, 5]) expect(one[i]).toBeLessThan(Math.min(fillFrom, both[i] as number))
  })

  it('fills nothing by a question that only tells two surprises apart', () => {
    const given: [string, string][] = [
      ['2007', 'common'],
      ['2008', 'leap'],
      ['2009', 'common'],
    ]
    const { confidence, program } = filled(given, [
      '2010',
      '2011',
      '2012',
      '2013',
      '2014',
      '2015',
      '2016',
      '2017',
    ])
    expect(program?.branches).toBeGreaterThan(0)
    for (const each of confidence) expect(each).toBeLessThan(fillFrom)
  })

  it('is not sure of what only the example supports', () => {
    const { confidence } = filled([['Alpha 7 / red', 'Germany']], ['Beta 8 / blue', 'Gamma 9 / green'])
    for (const each of confidence) expect(each).toBeLessThan(fillFrom)
  })
})

describe('the program in words and as a formula', () => {
  const told = (given: [string, string][], inputs: string[]) => {
    const { program } = filled(given, inputs)
    return [program?.words, program?.formula]
  }

  it('names what it reads', () => {
    expect(told([['Ada Lovelace', 'Lovelace']], names)[0]).toMatch(
      /^the last (word|run of letters) of \{0\}$/,
    )
    expect(told([['a@x.org', 'a']], ['bc@y.org', 'def@z.net'])).toEqual([
      expect.stringContaining('{0}'),
      'LEFT({0},FIND("@",{0})-1)',
    ])
    expect(told([['2026-12-30', 'Dec 2026']], ['2026-04-15', '2025-01-02'])[0]).toBe(
      'the date in {0} as mmm yyyy',
    )
  })

  it('works dates out', () => {
    const { best } = filled([['2024-02-05', '2024-02-29']], ['2023-02-11', '2024-04-01'])
    expect(best).toEqual(['2023-02-28', '2024-04-30'])
  })
})

describe('whatever stands in the cells', () => {
  it('gives every example its own output, whatever the text', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 20, unit: 'grapheme' }),
      fc.constantFrom(
        '__proto__',
        'toString',
        '👩‍👩‍👧 Ada',
        'مرحبا بالعالم',
        'e\u0301te\u0301',
        '$1 .* [x]',
        'a\tb\nc',
        "O'Neil",
      ),
    )
    fc.assert(
      fc.property(
        fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 3 }),
        fc.array(text, { maxLength: 4 }),
        (given, inputs) => {
          const examples = [...new Map(given)].map(([input, out]) => ({ in: [input], out }))
          const { best, confidence, evidence } = complete(
            examples,
            [...examples.map((each) => each.in), ...inputs.map((each) => [each])],
            limit,
          )
          expect(best.slice(0, examples.length)).toEqual(examples.map((each) => each.out))
          for (const program of evidence?.programs ?? []) {
            for (const each of examples) expect(program.run(each.in)).toBe(each.out)
          }
          for (const each of confidence) expect(each >= 0 && each <= 1).toBe(true)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('gives the same on a row by itself as on the whole column', () => {
    const inputs = names.map((name, i) => [name, `2024-0${i + 1}-1${i}`])
    const { evidence } = complete([{ in: ['Ada Lovelace', '2026-12-30'], out: 'AL Dec' }], inputs, limit)
    for (const program of evidence!.programs) {
      expect([['Ada Lovelace', '2026-12-30'], ...inputs].map((row) => program.run(row))).toEqual(
        program.outputs,
      )
    }
  })

  it('comes to an end on long cells', () => {
    const long = (seed: number) => Array.from({ length: 2000 }, (_, i) => (i * seed) % 97).join(' ,')
    const { best } = complete([{ in: [long(3)], out: long(3).slice(0, 500) }], [[long(3)], [long(5)]])
    expect(best[0]).toBe(long(3).slice(0, 500))
  })
})

it('a program that is sure of a few rows of a column alone fills none of them', () => {
  const codes = ['AB-1204', 'CD-7731', 'EF-9020', 'GH-4419', 'IJ-5540', 'KL-6127', 'MN-8803', 'OP-3316']
  const others = [
    'called twice, nobody',
    'see Anna',
    'ok',
    'moved to Leeds (May)',
    'no answer; later',
    'x',
    'vip!',
    '?',
  ]
  const examples = codes.slice(0, 2).map((code) => ({ in: [code], out: code.slice(3) }))
  const shown = (cells: string[]) =>
    complete(
      examples,
      cells.map((cell) => [cell]),
    ).confidence.filter((each) => each >= fillFrom && each < 1).length
  expect(shown(codes)).toBe(6)
  const remarks = Array.from({ length: 5 }, (_, i) =>
    others.map((other) => `${other} ${'.'.repeat(i)}`),
  ).flat()
  expect(shown([...codes.slice(0, 5), ...remarks])).toBe(0)
})
