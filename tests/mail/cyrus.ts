import { existsSync, readdirSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import {
  freePorts,
  handOver,
  type MailServer,
  mailGroup,
  mailUser,
  runServer,
  serverFolder,
} from './server.ts'

/**
 * Unpacked by bin/prepare-tests, for Debian will not have two IMAP servers installed at once. Where root prepares, it
 * lies outside of the checkout, which the server's user may not be able to enter.
 */
const folders = ['/var/cache/inlay-tests/cyrus', resolve(import.meta.dirname, '../../node_modules/.cyrus')]
const unpacked = folders.find((folder) => existsSync(folder)) ?? folders[0]!
const programs = join(unpacked, 'usr/lib/cyrus/bin')

export const hasCyrus = existsSync(join(programs, 'master'))

/** Starts a Cyrus that needs no root; it makes an account for everybody who logs in. */
export async function startCyrus(): Promise<MailServer> {
  const folder = await serverFolder('cyrus')
  const [port, lmtpPort] = (await freePorts(2)) as [number, number]
  for (const each of ['socket', 'proc', 'log', 'lock', 'db'])
    await mkdir(join(folder, 'conf', each), { recursive: true })
  await mkdir(join(folder, 'spool'))
  const imapd = join(folder, 'imapd.conf')
  const services = join(folder, 'cyrus.conf')
  await writeFile(
    imapd,
    `
configdirectory: ${folder}/conf
defaultpartition: default
partition-default: ${folder}/spool
cyrus_user: ${mailUser}
${mailGroup ? `cyrus_group: ${mailGroup}` : ''}
admins: cyrus
allowplaintext: yes
sasl_pwcheck_method: alwaystrue
sasl_mech_list: PLAIN
altnamespace: yes
unixhierarchysep: yes
autocreate_quota: 0
autocreate_post: yes
autocreate_inbox_folders: Drafts|Sent|Trash
xlist-drafts: Drafts
xlist-sent: Sent
xlist-trash: Trash
lmtpsocket: ${folder}/conf/socket/lmtp
idlesocket: ${folder}/conf/socket/idle
notifysocket: ${folder}/conf/socket/notify
duplicatesuppression: no
specialuse_protect: \\Archive
maxlogins_per_user: 0
skip_fsync: yes
`,
  )
  const run = (program: string) => `${programs}/${program} -C ${imapd}`
  await writeFile(
    services,
    `
START {
  recover cmd="${run('ctl_cyrusdb')} -r"
  idled cmd="${run('idled')}"
}
SERVICES {
  imap cmd="${run('imapd')} -U 50" listen="127.0.0.1:${port}" prefork=2 maxchild=2000
  lmtp cmd="${run('lmtpd')} -a" listen="127.0.0.1:${lmtpPort}" prefork=1
}
EVENTS {
}
`,
  )
  await handOver(folder)
  const libraries = ['usr/lib', 'lib'].flatMap((path) =>
    readdirSync(join(unpacked, path)).flatMap((name) =>
      name.includes('-linux-') ? [join(unpacked, path, name)] : [],
    ),
  )
  return runServer({
    name: 'cyrus',
    folder,
    port,
    lmtpPort,
    command: join(programs, 'master'),
    args: ['-C', imapd, '-M', services, '-p', join(folder, 'conf/pid')],
    env: { LD_LIBRARY_PATH: libraries.join(':'), CYRUS_USER: mailUser },
    recipient: (user) => user,
  })
}
