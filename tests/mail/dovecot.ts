import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  freePorts,
  handOver,
  type MailServer,
  mailGroup,
  mailUser,
  password,
  runServer,
  serverFolder,
} from './server.ts'

const program = '/usr/sbin/dovecot'

/** Dovecot is there, and with it the part that tests deliver mail through. */
export const hasDovecot = existsSync(program) && existsSync('/usr/lib/dovecot/lmtp')

/**
 * Starts a Dovecot that needs no root. Every account may have so many kilobytes; `tokenInfo` is where it asks whose
 * access token it was given (the token is put at the end).
 */
export async function startDovecot({
  quotaKilobytes,
  tokenInfo,
  many = false,
}: {
  quotaKilobytes?: number
  tokenInfo?: string
  /** A thousand clients in a few processes. */
  many?: boolean
} = {}): Promise<MailServer> {
  const folder = await serverFolder('dovecot')
  const [port, lmtpPort] = (await freePorts(2)) as [number, number]
  for (const each of ['base', 'state', 'mail']) await mkdir(join(folder, each))
  const uid = process.getuid?.() === 0 ? 65534 : process.getuid?.()
  const gid = process.getuid?.() === 0 ? 65534 : process.getgid?.()
  const plugins = quotaKilobytes ? 'mail_plugins = quota' : ''
  const config = `
base_dir = ${folder}/base
state_dir = ${folder}/state
log_path = ${folder}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login ${tokenInfo ? 'xoauth2' : ''}
default_internal_user = ${mailUser}
default_internal_group = ${mailGroup ?? gid}
default_login_user = ${mailUser}
first_valid_uid = 1
mail_location = maildir:${folder}/mail/%n
mail_max_userip_connections = 200
mail_max_keyword_length = 50
mail_fsync = never
${plugins}
service imap-login {
  chroot =
  process_min_avail = 1
  service_count = 0
  client_limit = 4000
  inet_listener imap {
    port = ${port}
  }
}
service imap {
  process_limit = ${many ? 8 : 2000}
  client_limit = ${many ? 300 : 1}
  service_count = ${many ? 0 : 1}
}
service lmtp {
  chroot =
  inet_listener lmtp {
    address = 127.0.0.1
    port = ${lmtpPort}
  }
}
service anvil {
  chroot =
  client_limit = 5000
}
service stats {
  chroot =
  client_limit = 5000
}
service auth {
  client_limit = 5000
}
protocol imap {
  imap_idle_notify_interval = 2 mins
  ${quotaKilobytes ? 'mail_plugins = quota imap_quota' : ''}
}
plugin {
  ${quotaKilobytes ? `quota = maildir:User quota\n  quota_rule = *:storage=${quotaKilobytes}k` : ''}
}
${
  tokenInfo
    ? `passdb {
  driver = oauth2
  mechanisms = xoauth2
  args = ${folder}/oauth2.conf
}`
    : ''
}
passdb {
  driver = static
  args = password=${password}
}
userdb {
  driver = static
  args = uid=${uid} gid=${gid} home=${folder}/mail/%n allow_all_users=yes
}
namespace inbox {
  inbox = yes
  separator = /
  mailbox Drafts {
    special_use = \\Drafts
    auto = create
  }
  mailbox Sent {
    special_use = \\Sent
    auto = create
  }
  mailbox Trash {
    special_use = \\Trash
    auto = create
  }
}
`
  const file = join(folder, 'dovecot.conf')
  await writeFile(file, config)
  await writeFile(
    join(folder, 'oauth2.conf'),
    `tokeninfo_url = ${tokenInfo}\nintrospection_mode = get\nusername_attribute = email\nactive_attribute = active\nactive_value = true\n`,
  )
  await handOver(folder)
  return runServer({
    name: 'dovecot',
    folder,
    port,
    lmtpPort,
    command: program,
    args: ['-c', file, '-F'],
    recipient: (user) => `${user}@shop.example`,
  })
}
