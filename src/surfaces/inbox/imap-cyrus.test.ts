import { hasCyrus, startCyrus } from '../../../tests/mail/cyrus.ts'
import { imapOn } from './imap.suite.ts'

imapOn('cyrus', hasCyrus, startCyrus)
