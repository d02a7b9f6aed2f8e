import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { SMTPServer } from 'smtp-server'
import { freePorts } from './server.ts'

const site = '/var/lib/roundcube/public_html'
const settings = '/etc/roundcube'

/** Debian's Roundcube (roundcube-core, roundcube-sqlite3, php-cli and its sqlite3, mbstring, xml, intl and zip). */
export const hasRoundcube = existsSync(site) && existsSync('/usr/bin/php')

export interface Roundcube {
  url: string
  /** Mails that were sent through it. */
  sent: string[]
  stop(): Promise<void>
}

/** Roundcube before an IMAP server of the tests, with a mail server that takes everything and passes nothing on. */
export async function startRoundcube(imapPort: number): Promise<Roundcube> {
  const folder = await mkdtemp(join(tmpdir(), 'roundcube-'))
  for (const each of ['temp', 'logs']) await mkdir(join(folder, each))
  for (const each of ['defaults.inc.php', 'mimetypes.php'])
    await copyFile(join(settings, each), join(folder, each))
  const sent: string[] = []
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, _session, done) {
      let text = ''
      stream.setEncoding('latin1').on('data', (chunk: string) => {
        text += chunk
      })
      stream.on('end', () => {
        sent.push(text)
        done()
      })
    },
  })
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', () => resolve()))
  const smtpPort = (smtp.server.address() as { port: number }).port
  const [port] = (await freePorts(1)) as [number]
  execFileSync('php', [
    '-r',
    `$db = new SQLite3('${folder}/db.sqlite'); $db->exec(file_get_contents('/usr/share/roundcube/SQL/sqlite.initial.sql'));`,
  ])
  await writeFile(
    join(folder, 'config.inc.php'),
    `<?php
$config = [];
$config['db_dsnw'] = 'sqlite:///${folder}/db.sqlite?mode=0646';
$config['imap_host'] = '127.0.0.1:${imapPort}';
$config['smtp_host'] = '127.0.0.1:${smtpPort}';
$config['smtp_user'] = '';
$config['smtp_pass'] = '';
$config['des_key'] = 'rcmail-!24ByteDESkey*Str';
$config['mail_domain'] = 'shop.example';
$config['plugins'] = [];
$config['skin'] = 'elastic';
$config['language'] = 'en_US';
$config['enable_spellcheck'] = false;
$config['temp_dir'] = '${folder}/temp';
$config['log_dir'] = '${folder}/logs';
$config['htmleditor'] = 0;
$config['draft_autosave'] = 0;
`,
  )
  const php: ChildProcess = spawn('php', ['-S', `127.0.0.1:${port}`, '-t', site], {
    env: { ...process.env, ROUNDCUBE_CONFIG_DIR: folder, PHP_CLI_SERVER_WORKERS: '4' },
    stdio: 'ignore',
    detached: true,
  })
  const url = `http://127.0.0.1:${port}/`
  for (const deadline = Date.now() + 15_000; ; await sleep(50)) {
    const answer = await fetch(url).catch(() => null)
    if (answer?.ok) break
    if (Date.now() > deadline) throw new Error(`Roundcube did not start: ${answer && (await answer.text())}`)
  }
  return {
    url,
    sent,
    async stop() {
      const gone = once(php, 'exit')
      // Its workers are processes of the same group.
      process.kill(-php.pid!, 'SIGTERM')
      await gone
      await new Promise<void>((resolve) => smtp.close(() => resolve()))
      await rm(folder, { recursive: true, force: true })
    },
  }
}
