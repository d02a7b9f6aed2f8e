import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { Fault, type Kind, memoryVault, type Surface, type Vault } from '../contract/index.ts'
import { hideSettings, openDesk, openKeyring, vaultOf } from '../engine/index.ts'
import { skills } from '../skills/index.ts'
import { surfaces } from '../surfaces/index.ts'
import { ask } from './ask.ts'
import {
  fieldsOf,
  namedPain,
  ownVolunteer,
  saveDeployment,
  skillNamed,
  surfaceNamed,
  teamRollout,
  validSettings,
} from './deployments.ts'
import { backtestText, firstBacktest } from './first-backtest.ts'
import { askMailAccount } from './mail-account.ts'
import { type DataOptions, withData, withLedger } from './open-ledger.ts'
import { keepCosts, reportOn, withPain } from './pain-from-shadow.ts'

interface ConnectOptions extends DataOptions {
  skill?: string
  team?: string
  set?: string[]
  minutes?: string
  shadow?: string[]
  json?: boolean
  backtest: boolean
  setup?: boolean
}

/** Surfaces whose settings follow from less than all their fields, and ways to ask for that. */
const askedOtherwise: Record<string, typeof askMailAccount> = { imap: askMailAccount }
/** Surfaces whose history tells at once what each skill would have done. */
const triedAtOnce = new Set(['imap', 'gmail'])

export function connectCommand(): Command {
  const command = withData(new Command('connect'))
    .description(
      'Connect a surface: asks for its settings one by one, or takes them with --set. A running Inlay takes it up at once.',
    )
    .argument('[surface]', `one of ${Object.keys(surfaces).join(', ')}`)
    .option('--skill <name>', `one of ${Object.keys(skills).join(', ')}; all that fit otherwise`)
    .option(
      '--team <name>',
      'the team that works there: it sees nothing before a silent run and its volunteers; without it, it is your own work',
    )
    .option(
      '--set <setting...>',
      'settings as name=value; name=@FILE takes a secret from a file, name=@- from stdin',
    )
    .option(
      '--minutes <number>',
      'measured minutes a person a week that the task costs; otherwise it counts as named, not measured',
    )
    .option(
      '--shadow <log...>',
      'logs of how people work (as in inlay shadow): what the task costs is measured in them',
    )
    .option('--no-backtest', 'do not try the skills on the history of a mailbox right away')
    .option(
      '--setup',
      'print what is to be made in the tool first (the manifest of an app), and connect nothing',
    )
    .option('--json', 'one JSON document on stdout')
  const settings = Object.values(surfaces).map(
    (surface) =>
      `  ${surface.name}: ${surface.about}\n${fieldsOf(surface)
        .map(
          ({ name, about, required, secret }) =>
            `      ${name}${required ? '' : '?'}${secret ? ' (secret)' : ''}: ${about}`,
        )
        .join('\n')}`,
  )
  return command
    .addHelpText(
      'after',
      `\nSurfaces and their settings:\n${settings.join('\n')}\n\nExample:\n  inlay connect csv --set path=leads.csv target=won\n  inlay connect imap\n`,
    )
    .action(connect)
}

async function connect(name: string | undefined, options: ConnectOptions): Promise<void> {
  const asking = process.stdin.isTTY && process.stdout.isTTY && !options.json
  const surface = surfaceNamed(name ?? (await askWhich(asking)))
  if (options.setup) return printSetup(surface)
  if (surface.setup && asking && !options.set) {
    console.error(`${surface.setup.steps}\n\n${surface.setup.paste}\n`)
  }
  const settings = await settingsAsked(surface, options.set, asking)
  const minutes = options.minutes === undefined ? null : Number(options.minutes)
  if (minutes !== null && !(minutes >= 0)) {
    throw new Fault(
      'bad-input',
      `--minutes takes a number of minutes a person a week, not "${options.minutes}".`,
    )
  }
  const pain =
    minutes === null
      ? namedPain
      : { minutesPerPersonPerWeek: minutes, from: 'told when it was connected', named: false }
  const report = options.shadow ? await reportOn(options.shadow, options) : null
  const rollout = options.team === undefined ? {} : { rollout: teamRollout }
  const { saved, tried } = await withLedger({ ...options, own: true }, async (ledger, folder) => {
    // Tokens that the vendor hands out anew while it is tried replace those that were given.
    const vault = memoryVault()
    const fitting = await skillsFor(surface, settings, options.skill, { ledger, folder, vault })
    const keyring = openKeyring(folder)
    const all = []
    const open = []
    for (const skill of fitting) {
      const draft = { team: options.team ?? 'team', surface: surface.name, skill, settings, pain, ...rollout }
      const [costed] = report ? withPain([draft], report) : [draft]
      const deployment = await saveDeployment(ledger, costed!, { anew: true, keyring })
      if (report) await keepCosts(ledger, deployment, report)
      const own = vaultOf(deployment.id, ledger, keyring)
      for (const [name, value] of vault.entries()) await own.write(name, value)
      all.push(hideSettings(deployment, surface))
      open.push({ ...draft, id: deployment.id })
    }
    const trying = options.backtest && triedAtOnce.has(surface.name)
    return { saved: all, tried: trying ? await firstBacktest(open, { ledger, folder, vault }) : null }
  })
  if (options.json) {
    process.stdout.write(`${JSON.stringify(tried ? { deployments: saved, ...tried } : saved)}\n`)
  } else if (tried) {
    process.stdout.write(`Connected: ${saved.map(({ id }) => id).join(', ')}.\n\n${backtestText(tried)}\n`)
  } else
    for (const { id } of saved)
      process.stdout.write(
        `Connected: ${id}. 'inlay start' learns from it; nobody sees anything until it has proven useful.${options.team === undefined ? ` ${ownVolunteer}` : ''}\n`,
      )
}

/** A surface's settings, given as name=value or asked for one by one; valid, or a Fault that says what they need. */
export async function settingsAsked(
  surface: Surface,
  set: readonly string[] | undefined,
  asking: boolean,
): Promise<Record<string, unknown>> {
  const otherwise = askedOtherwise[surface.name]
  const typed = Object.fromEntries((set ?? []).map(pair))
  const given = otherwise ? await otherwise(typed, asking, (line) => console.error(line)) : typed
  const raw: Record<string, unknown> = {}
  for (const { name: field, about, required, list, secret } of fieldsOf(surface)) {
    const question = `${field}: ${about}${required ? '' : ' (empty to leave out)'}`
    const answer = given[field] ?? (asking && !otherwise ? await ask(question, { secret }) : '')
    const text = secret ? secretFrom(field, answer) : answer
    delete given[field]
    if (text) raw[field] = list ? text.split(/[,\s]+/).filter(Boolean) : text
  }
  const [unknown] = Object.keys(given)
  if (unknown) {
    const has = fieldsOf(surface).map((field) => field.name)
    throw new Fault('bad-input', `${surface.name} has no setting "${unknown}"; it has ${has.join(', ')}.`)
  }
  return validSettings(surface, raw)
}
/** What is to be pasted goes to stdout, and nothing else, so that it can go to a file. */
function printSetup({ name, setup }: Surface): void {
  if (!setup)
    throw new Fault('bad-input', `${name} needs nothing to be made first; say 'inlay connect ${name}'.`)
  console.error(`${setup.steps}\n`)
  process.stdout.write(`${setup.paste}\n`)
}

/** Opens the surface once, which changes nothing, to see what it offers with these settings. */
export async function skillsFor(
  surface: Surface,
  settings: Record<string, unknown>,
  wanted: string | undefined,
  { ledger, folder, vault }: Pick<Parameters<typeof openDesk>[1], 'ledger' | 'folder'> & { vault: Vault },
): Promise<string[]> {
  const candidates = wanted ? [skillNamed(wanted)] : Object.values(skills)
  const fitting: string[] = []
  let why: unknown
  for (const skill of candidates) {
    const deployment = {
      id: 'trial',
      team: '',
      surface: surface.name,
      skill: skill.name,
      settings,
      pain: namedPain,
    }
    try {
      const desk = await openDesk(deployment, { ledger, folder, vault, surfaces, skills })
      await desk.close()
      fitting.push(skill.name)
    } catch (cause) {
      why ??= cause
    }
  }
  if (fitting.length === 0) {
    throw (
      why ??
      new Fault('bad-input', `No skill works on ${surface.name} with these settings (${kinds(candidates)}).`)
    )
  }
  return fitting
}

function kinds(candidates: { name: string; kind: Kind }[]): string {
  return candidates.map(({ name, kind }) => `${name} needs a ${kind}`).join(', ')
}

function pair(text: string): [string, string] {
  const at = text.indexOf('=')
  if (at < 1) throw new Fault('bad-input', `--set takes name=value, not "${text}".`)
  return [text.slice(0, at), text.slice(at + 1)]
}

/** A secret as it was typed, or from where it lies: on a command line others could read it. */
function secretFrom(field: string, answer: string): string {
  if (!answer.startsWith('@')) return answer
  const path = answer.slice(1)
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8').trim()
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new Fault('bad-input', `${field}=${answer}: ${path} cannot be read (${code}); check the path.`, {
      cause,
    })
  }
}

export async function askWhich(asking: boolean): Promise<string> {
  const there = Object.keys(surfaces).join(', ')
  if (asking) return ask(`Which surface? (${there})`)
  throw new Fault('bad-input', `Which surface? Say 'inlay connect NAME', one of ${there}.`)
}
