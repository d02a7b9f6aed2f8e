import { hasDovecot, startDovecot } from '../../../tests/mail/dovecot.ts'
import { imapOn } from './imap.suite.ts'

imapOn('dovecot', hasDovecot, startDovecot)
