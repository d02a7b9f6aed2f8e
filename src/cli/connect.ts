import { createInterface } from 'node:readline/promises'
import { Command } from 'commander'
import { Fault, type Kind, type Surface } from '../contract/index.ts'
import { openDesk } from '../engine/index.ts'
import { skills } from '../skills/index.ts'
import { surfaces } from '../surfaces/index.ts'
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
import { type DataOptions, withData, withLedger } from './open-ledger.ts'

interface ConnectOptions extends DataOptions {
  skill?: string
  team?: string
  set?: string[]
  minutes?: string
  json?: boolean
}

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
    .option('--set <setting...>', 'settings as name=value')
    .option(
      '--minutes <number>',
      'measured minutes a person a week that the task costs; otherwise it counts as named, not measured',
    )
    .option('--json', 'one JSON document on stdout')
  const settings = Object.values(surfaces).map(
    (surface) =>
      `  ${surface.name}: ${surface.about}\n${fieldsOf(surface)
        .map(({ name, about, required }) => `      ${name}${required ? '' : '?'}: ${about}`)
        .join('\n')}`,
  )
  return command
    .addHelpText(
      'after',
      `\nSurfaces and their settings:\n${settings.join('\n')}\n\nExample:\n  inlay connect csv --set path=leads.csv target=won\n`,
    )
    .action(connect)
}

async function connect(name: string | undefined, options: ConnectOptions): Promise<void> {
  const asking = process.stdin.isTTY && process.stdout.isTTY && !options.json
  const surface = surfaceNamed(
    name ?? (await ask(asking, `Which surface? (${Object.keys(surfaces).join(', ')})`)),
  )
  const given = Object.fromEntries((options.set ?? []).map(pair))
  const raw: Record<string, unknown> = {}
  for (const { name: field, about, required, list } of fieldsOf(surface)) {
    const text =
      given[field] ??
      (asking ? await ask(true, `${field}: ${about}${required ? '' : ' (empty to leave out)'}`) : '')
    delete given[field]
    if (text) raw[field] = list ? text.split(/[,\s]+/).filter(Boolean) : text
  }
  const [unknown] = Object.keys(given)
  if (unknown) {
    const has = fieldsOf(surface).map((field) => field.name)
    throw new Fault('bad-input', `${surface.name} has no setting "${unknown}"; it has ${has.join(', ')}.`)
  }
  const settings = validSettings(surface, raw)
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
  const rollout = options.team === undefined ? {} : { rollout: teamRollout }
  const saved = await withLedger({ ...options, own: true }, async (ledger, folder) => {
    const fitting = await skillsFor(surface, settings, options.skill, { ledger, folder })
    const all = []
    for (const skill of fitting) {
      const draft = { team: options.team ?? 'team', surface: surface.name, skill, settings, pain, ...rollout }
      all.push(await saveDeployment(ledger, draft, { anew: true }))
    }
    return all
  })
  if (options.json) process.stdout.write(`${JSON.stringify(saved)}\n`)
  else
    for (const { id } of saved)
      process.stdout.write(
        `Connected: ${id}. 'inlay start' learns from it; nobody sees anything until it has proven useful.${options.team === undefined ? ` ${ownVolunteer}` : ''}\n`,
      )
}

/** Opens the surface once, which changes nothing, to see what it offers with these settings. */
async function skillsFor(
  surface: Surface,
  settings: Record<string, unknown>,
  wanted: string | undefined,
  { ledger, folder }: Pick<Parameters<typeof openDesk>[1], 'ledger' | 'folder'>,
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
      const desk = await openDesk(deployment, { ledger, folder, surfaces, skills })
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

async function ask(asking: boolean, question: string): Promise<string> {
  if (!asking) {
    throw new Fault(
      'bad-input',
      `Which surface? Say 'inlay connect NAME', one of ${Object.keys(surfaces).join(', ')}.`,
    )
  }
  const prompt = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return (await prompt.question(`${question}\n> `)).trim()
  } finally {
    prompt.close()
  }
}
