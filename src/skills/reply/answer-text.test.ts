import { expect, test } from 'vitest'
import { splitAnswer } from './answer-text.ts'

test.each([
  ['Hi Ada,\n\nit is done.\n\nCheers\nMaja', 'Hi Ada,', 'it is done.', 'Cheers'],
  ['Hi Ada, it is done.', 'Hi Ada,', 'it is done.', ''],
  [
    'Sehr geehrte Frau Byron,\n\nes ist erledigt.\n\nMit freundlichen Grüßen\n\nMaja Lindner\nVersand',
    'Sehr geehrte Frau Byron,',
    'es ist erledigt.',
    'Mit freundlichen Grüßen',
  ],
  ['Bonjour Ada,\n\nc’est fait.\n\nCordialement,\nMaja', 'Bonjour Ada,', 'c’est fait.', 'Cordialement,'],
  ['Estimada Ada:\n\nYa está hecho.\n\nUn saludo,\nMaja', 'Estimada Ada:', 'Ya está hecho.', 'Un saludo,'],
  ['Здравствуйте, Ада!\n\nГотово.\n\nС уважением,\nМайя', 'Здравствуйте, Ада!', 'Готово.', 'С уважением,'],
  ['您好，\n\n已经处理好了。\n\n谢谢', '您好，', '已经处理好了。', '谢谢'],
  ['It is done.\n\nMaja', '', 'It is done.', ''],
  ['Thank you!', '', 'Thank you!', ''],
  ['The best\nregards come last. Really.', '', 'The best\nregards come last. Really.', ''],
  [
    'Hello Ada,\n\nit is done.\n\nKind regards\nMaja\n\nPS: Please tell me whether it works for you.',
    'Hello Ada,',
    'it is done.\n\nPS: Please tell me whether it works for you.',
    'Kind regards',
  ],
  ['It is done.\n\n> what is?\n', '', 'It is done.', ''],
])('an answer is taken apart: %j', (text, greeting, body, closing) => {
  expect(splitAnswer(text)).toEqual({ greeting, body, closing })
})
