import fc from 'fast-check'
import iconv from 'iconv-lite'
import PostalMime from 'postal-mime'
import { describe, expect, test } from 'vitest'
import { contentKey, readHead, readLimit, readMessage } from './message.ts'

const now = Date.UTC(2026, 5, 1)
const day = 24 * 3600 * 1000
const bytes = (...lines: string[]) => Buffer.from(lines.join('\r\n'), 'latin1')
const read = (...lines: string[]) => readMessage(bytes(...lines), { now })

describe('text', () => {
  test('is taken from the plain part of a multipart mail, with the names of its attachments', async () => {
    const message = await read(
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      'Gr=C3=BC=C3=9Fe',
      '--b',
      "Content-Disposition: attachment; filename*=utf-8''Rechnung%20M%C3%A4rz.pdf",
      'Content-Type: application/pdf',
      'Content-Transfer-Encoding: base64',
      '',
      'JVBERi0=',
      '--b--',
    )
    expect(message).toMatchObject({ text: 'Grüße', attachments: ['Rechnung März.pdf'] })
  })

  test('of HTML mail is what a person sees: no scripts, styles, links or tags', async () => {
    const html =
      '<html><head><title>T</title><style>p { color: red }</style></head><body><script>alert("x<y")</script>' +
      '<!-- hidden --><p>Dear&nbsp;Anna,</p><p>1 &lt; 2 &amp; 3&euro; caf&eacute; &#x1F600; &toString;<br>' +
      '<a href="https://track.example/?id=1">click here</a></p><ul><li>one<li>two</ul></body></html>'
    const { text } = await read('Content-Type: text/html; charset=utf-8', '', html)
    expect(text).toBe('Dear Anna,\n\n1 < 2 & 3€ café 😀 &toString;\nclick here\n\n* one\n* two')
  })

  test.each([
    ['Latin-1 that nobody declared', [], 'latin1', 'Grüße aus Köln'],
    ['Latin-1 declared as UTF-8', ['Content-Type: text/plain; charset="utf-8"'], 'latin1', 'Grüße'],
    ['Latin-1 declared as ASCII', ['Content-Type: text/plain;', ' charset=us-ascii'], 'latin1', 'Grüße'],
    ['UTF-8 that nobody declared', [], 'utf-8', 'Grüße, 日本'],
    ['a code page of DOS', ['Content-Type: text/plain; charset=cp850'], 'cp850', 'Grüße'],
    ['UTF-7', ['Content-Type: text/plain; charset=utf-7'], 'utf-7', 'Grüße'],
    ['an unknown charset over UTF-8', ['Content-Type: text/plain; charset=x-klingon'], 'utf-8', 'Grüße'],
    ['Shift-JIS', ['Content-Type: text/plain; charset=shift_jis'], 'shift_jis', '日本語'],
  ])('is right for %s', async (_, headers, charset, text) => {
    const raw = Buffer.concat([bytes(...headers, 'Subject: x', '', ''), iconv.encode(text, charset)])
    expect((await readMessage(raw)).text).toBe(text)
  })

  test('keeps a replacement character that was in the mail itself', async () => {
    const raw = Buffer.from('Content-Type: text/plain; charset=utf-8\n\nGr\ufffd ok ü')
    expect((await readMessage(raw)).text).toBe('Gr\ufffd ok ü')
  })

  test('of a mail whose parts never end is read all the same', async () => {
    const message = await read('Content-Type: multipart/mixed; boundary=b', '', '--b', '', 'Hello')
    expect(message.text).toBe('Hello')
  })

  test('of 50 MB of mail stops after its first megabyte', async () => {
    const head = bytes(
      'Message-ID: <big@x>',
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Type: text/plain',
      '',
      'See the film.',
      '--b',
      'Content-Type: video/mp4; name=film.mp4',
      'Content-Transfer-Encoding: base64',
      '',
      '',
    )
    const raw = Buffer.concat([head, Buffer.alloc(50 << 20, `${'QUJD'.repeat(19)}\r\n`)])
    expect(await readMessage(raw)).toMatchObject({
      key: '<big@x>',
      text: 'See the film.',
      attachments: ['film.mp4'],
    })
  })

  test('of signed mail has no machinery among its attachments, and winmail.dat is named', async () => {
    const part = (type: string, body: string) => ['--b', `Content-Type: ${type}`, '', body]
    const signed = await read(
      'Content-Type: multipart/signed; boundary=b; protocol="application/pgp-signature"',
      '',
      ...part('text/plain', 'Signed.'),
      ...part('application/pgp-signature; name=signature.asc', 'x'),
      '--b--',
    )
    expect(signed).toMatchObject({ text: 'Signed.', attachments: [] })
    const outlook = await read(
      'Content-Type: multipart/mixed; boundary=b',
      '',
      ...part('text/plain', 'Hi'),
      ...part('application/ms-tnef; name=winmail.dat', 'x'),
      '--b--',
    )
    expect(outlook.attachments).toEqual(['winmail.dat'])
    const encrypted = await read(
      'Content-Type: multipart/encrypted; boundary=b; protocol="application/pgp-encrypted"',
      '',
      ...part('application/pgp-encrypted', 'Version: 1'),
      ...part('application/octet-stream; name=encrypted.asc', 'x'),
      '--b--',
    )
    expect(encrypted).toMatchObject({ text: '', attachments: ['encrypted.asc'] })
  })
})

describe('people', () => {
  test('are read with encoded names, groups and folded lines, addresses in lower case', async () => {
    const message = await read(
      'From: =?utf-8?Q?Anna_M=C3=BCller?= <Anna@Shop.example>',
      'To: Team: b@x.example, "C, D" <c@x.example>;',
      'Cc: e@x.example,',
      '\tf@x.example',
      '',
      '',
    )
    expect(message.from).toEqual({ name: 'Anna Müller', address: 'anna@shop.example' })
    expect(message.to.map(({ address }) => address)).toEqual(['b@x.example', 'c@x.example'])
    expect(message.cc.map(({ address }) => address)).toEqual(['e@x.example', 'f@x.example'])
  })

  test.each([
    ['edd at debian.org (Dirk Eddelbuettel)', 'edd@debian.org', 'Dirk Eddelbuettel'],
    ['hhoeflin @ending from gm@il@com (Holger)', 'hhoeflin@gm@il@com', 'Holger'],
    ['|uc@r @end|ng |rom |edor@project@org (=?UTF-8?Q?I=C3=B1aki?=)', '|uc@r@|edor@project@org', 'Iñaki'],
  ])('of public archives are found in %s', async (from, address, name) => {
    expect((await read(`From: ${from}`, '', '')).from).toEqual({ name, address })
  })

  test('with Latin-1 in the head are read', async () => {
    const message = await read('From: M\xfcller <m@x.example>', 'Subject: Gr\xfc\xdfe', '', 'x')
    expect(message).toMatchObject({ from: { name: 'Müller' }, subject: 'Grüße' })
  })
})

describe('time', () => {
  const received = 'Received: from a by b; Mon, 4 May 2026 10:00:00 +0200 (CEST)'
  const arrived = Date.UTC(2026, 4, 4, 8)
  test.each([
    ['a date', 'Mon, 4 May 2026 09:00:00 +0200', Date.UTC(2026, 4, 4, 7)],
    ['a date with a comment', 'Mon, 4 May 2026 09:00:00 +0200 (CEST)', Date.UTC(2026, 4, 4, 7)],
    ['a date in 1970', 'Thu, 1 Jan 1970 00:00:01 +0000', arrived],
    ['a date in the future', 'Mon, 4 May 2099 09:00:00 +0200', arrived],
    ['nonsense', 'yesterday', arrived],
  ])('is right for %s', async (_, date, at) => {
    expect((await read(`Date: ${date}`, received, '', '')).at).toBe(at)
  })

  test("falls back to the file's, and to none", async () => {
    expect((await readMessage(bytes('', 'x'), { fileTime: 5 * day, now })).at).toBe(5 * day)
    expect((await readMessage(bytes('', 'x'), { now })).at).toBeNull()
  })
})

describe('identity', () => {
  test('is the Message-ID, and the content where there is none, whatever a mailbox noted on it', async () => {
    expect((await read('Message-Id:', ' <a@x>', '', '')).key).toBe('<a@x>')
    const plain = contentKey(bytes('Subject: x', '', 'text'))
    expect(plain).toMatch(/^sha256:\w{32}$/)
    expect(contentKey(bytes('Subject: x', 'Status: RO', 'X-Keywords: a', ' b', '', 'text'))).toBe(plain)
    expect(contentKey(bytes('Subject: x', '', 'other text'))).not.toBe(plain)
    expect((await readMessage(Buffer.alloc(0))).key).toMatch(/^sha256:/)
  })

  test('of the conversation is the root of the references', async () => {
    const message = await read(
      'Message-ID: <c@x>',
      'In-Reply-To: <b@x>',
      'References: <a@x>',
      ' <b@x>',
      '',
      '',
    )
    expect(message).toMatchObject({ group: '<a@x>', inReplyTo: '<b@x>', references: ['<a@x>', '<b@x>'] })
    expect((await read('Message-ID: <c@x>', 'In-Reply-To: <b@x>', '', '')).group).toBe('<b@x>')
    expect((await read('Message-ID: <c@x>', '', '')).group).toBe('<c@x>')
    const said = await read('Message-ID: <c@x>', 'In-Reply-To: Your message of "Mon" <b@x>', '', '')
    expect(said.inReplyTo).toBe('<b@x>')
  })
})

test.each([
  ['a list', 'List-Id: <r.example>'],
  ['bulk mail', 'Precedence: bulk'],
  ['an automatic answer', 'Auto-Submitted: auto-replied'],
  ['a bounce', 'Return-Path: <>'],
  ['a delivery report', 'Content-Type: multipart/report; report-type=delivery-status; boundary=b'],
  ['a robot', 'From: No-Reply <no-reply@shop.example>'],
])('%s is automated', async (_, header) => {
  expect((await read(header, '', '')).automated).toBe(true)
})

test('a name that hides an address in its encoding adds no recipient', async () => {
  const hidden = `=?utf-8?B?${Buffer.from('Ada <ada@example.com>, <thief@evil.example>').toString('base64')}?=`
  const head = readHead(
    bytes(`Reply-To: ${hidden} <ada@example.com>`, `Cc: ${hidden} <ada@example.com>`, '', ''),
  )
  for (const name of ['reply-to', 'cc'])
    expect(head.addresses(name).map(({ address }) => address)).toEqual(['ada@example.com'])
})

test('a person is not automated, and says that it is urgent', async () => {
  const message = await read('From: nora@x.example', 'Auto-Submitted: no', 'X-Priority: 1 (Highest)', '', '')
  expect(message).toMatchObject({ automated: false, urgent: true })
  expect(await read('From: nora@x.example', '', '')).not.toHaveProperty('urgent')
})

test('no bytes whatever make it throw', async () => {
  const line = fc.oneof(
    fc.constantFrom(
      'Content-Type: multipart/mixed; boundary="b"',
      'Content-Type: text/html; charset=utf-7',
      'Content-Type: message/rfc822',
      'Content-Transfer-Encoding: base64',
      'Subject: =?utf-8?B?////?= =?x?Q?=ZZ?=',
      'From: "<@',
      'Date: ((((',
      'References: <<>><a',
      '--b',
      '--b--',
      '',
      ' folded',
      '<a <!-- &#99999999; <script',
      ':',
    ),
    fc.string(),
  )
  const mail = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.array(line, { maxLength: 30 }).map((lines) => Buffer.from(lines.join('\n'), 'latin1')),
  )
  await fc.assert(
    fc.asyncProperty(mail, async (raw) => {
      const message = await readMessage(raw)
      expect(message.key).not.toBe('')
      expect(message.group).not.toBe('')
      expect(readHead(raw).references).toBeInstanceOf(Array)
    }),
    { numRuns: 500 },
  )
})

test('hostile nesting and unclosed tags are read in linear time', async () => {
  const nested = Array.from({ length: 300 }, (_, at) => [
    `Content-Type: multipart/mixed; boundary=b${at}`,
    '',
    `--b${at}`,
  ]).flat()
  expect((await read(...nested, '', 'deep')).key).not.toBe('')
  for (const part of ['<a ', '<!--', '<script', '&amp', '<']) {
    const html = part.repeat(readLimit / part.length / 2)
    expect((await read('Content-Type: text/html', '', html)).kind).toBe('message')
  }
})

test('reads plain text and the usual two alternatives as the parser does, only sooner', async () => {
  const words = 'Grüße, 100 % of it = all =20 \n.dot\n> quoted  \nend'
  const quoted = words.replace(/[=ü ß]/gu, (char) =>
    [...Buffer.from(char)].map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  )
  const encodings = {
    '8bit': words,
    'quoted-printable': quoted.replace('all', 'a=\nll'),
    base64: Buffer.from(words).toString('base64'),
  }
  for (const [encoding, body] of Object.entries(encodings)) {
    for (const newline of ['\n', '\r\n']) {
      const part = `Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: ${encoding}\n\n${body}\n`
      const both = `Content-Type: multipart/alternative; boundary="b 1"\n\npreamble\n--b 1\n${part}\n--b 1\nContent-Type: text/html; charset=utf-8\n\n<p>other</p>\n--b 1--\nepilogue\n`
      for (const rest of [part, both]) {
        const raw = Buffer.from(`Message-ID: <a@x>\nMIME-Version: 1.0\n${rest}`.replaceAll('\n', newline))
        const parsed = (await PostalMime.parse(raw)).text ?? ''
        expect((await readMessage(raw)).text).toBe(parsed.replaceAll('\r\n', '\n').trim())
      }
    }
  }
})
