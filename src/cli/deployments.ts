import { existsSync, statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { office } from '../../sample/index.ts'
import { type Deployment, Fault, type Rollout, type Skill, type Surface } from '../contract/index.ts'
import { type Keyring, openSettings, registered, sealSettings } from '../engine/index.ts'
import type { Ledger } from '../ledger/index.ts'
import { skills } from '../skills/index.ts'
import { surfaces } from '../surfaces/index.ts'

/**
 * Whoever connects a place of their own names the task as one that hurts; what it costs is not measured yet, and every
 * table says so.
 */
export const namedPain = { minutesPerPersonPerWeek: null, from: null, named: true }

/** A team sees nothing before so many verdicts of a silent run and the first volunteer, and then bit by bit. */
export const teamRollout: Rollout = { silentVerdicts: 30, volunteers: 1, weeks: 2 }

/** What whoever connects their own work is told. */
export const ownVolunteer =
  'You connected your own work, so you are its volunteer: suggestions appear to you as soon as the three locks are open. Some are held back at random, so that what they save can be measured.'

/** Those that can be connected, and the tool of the made-up desks. */
export const everySurface: Record<string, Surface> = { ...surfaces, [office.name]: office }

export function surfaceNamed(name: string): Surface {
  return registered(surfaces, name, 'surface')
}

export function skillNamed(name: string): Skill {
  return registered(skills, name, 'skill')
}

/** The fields of a surface's settings, declared once: flags, prompts and messages come from it. */
export function fieldsOf(
  surface: Surface,
): { name: string; about: string; required: boolean; list: boolean; secret: boolean; place: boolean }[] {
  const schema = z.toJSONSchema(surface.settings, { io: 'input', unrepresentable: 'any' }) as {
    properties?: Record<string, { description?: string; type?: string; secret?: boolean; place?: boolean }>
    required?: string[]
  }
  return Object.entries(schema.properties ?? {}).map(([name, field]) => ({
    name,
    about: field.description ?? name,
    required: schema.required?.includes(name) ?? false,
    list: field.type === 'array',
    secret: field.secret ?? false,
    place: field.place ?? name === 'path',
  }))
}

/** Valid settings, with paths made absolute; Fault that names the field otherwise. */
export function validSettings(surface: Surface, raw: Record<string, unknown>): Record<string, unknown> {
  const settings = { ...raw, ...(typeof raw.path === 'string' && { path: resolve(raw.path) }) }
  const parsed = surface.settings.safeParse(settings)
  if (parsed.success) return settings
  const [issue] = parsed.error.issues
  const field = issue?.path.join('.') || 'settings'
  const needs = fieldsOf(surface)
    .map(({ name, about, required }) => `--${name} (${about}${required ? '' : ', optional'})`)
    .join(', ')
  throw new Fault('bad-input', `${surface.name}: ${field}: ${issue?.message}; it takes ${needs}.`)
}

/**
 * Records a deployment, its secrets sealed. The same skill at the same place of a surface is the same deployment: its
 * settings are replaced.
 *
 * @param anew a withdrawn one begins again
 * @param keyring needed where the surface has secret settings
 */
export async function saveDeployment(
  ledger: Ledger,
  draft: Omit<Deployment, 'id'>,
  { anew = false, keyring }: { anew?: boolean; keyring?: Keyring } = {},
): Promise<Deployment> {
  const all = await ledger.standing()
  const where = placeOf(draft.surface, draft.settings)
  const same = (await ledger.deployments()).find(
    ({ skill, surface, settings }) =>
      skill === draft.skill && surface === draft.surface && placeOf(surface, settings) === where,
  )
  const id =
    same?.id ?? freeId(`${draft.skill}-${draft.surface}`, new Set(all.map((each) => each.deployment)))
  const deployment = { ...draft, id }
  const stood = all.find((each) => each.deployment === id)
  const begins = anew && stood?.stage === 'withdrawn'
  const known = surfaceNamed(deployment.surface)
  const before = keyring && same ? opened(same, known, keyring) : same
  if (same && !begins && isDeepStrictEqual(before, deployment)) return same
  if (!keyring && fieldsOf(known).some(({ secret }) => secret)) {
    throw new Fault('bug', `${id}: its secrets cannot be stored without a keyring.`)
  }
  const at = Date.now()
  const about = { at, deployment: id, item: null, person: null }
  const { team, surface, skill, pain, rollout } = deployment
  await ledger.transaction(async (tx) => {
    await tx.saveDeployment(keyring ? sealSettings(deployment, known, keyring) : deployment)
    await tx.append([
      {
        ...about,
        key: `${id}:connected:${at}`,
        kind: 'connected',
        body: { team, surface, skill, pain, ...(rollout && { rollout }) },
      },
    ])
    if (begins && stood?.locks) {
      const body = {
        from: stood.stage,
        to: 'off' as const,
        because: 'It was connected anew.',
        locks: stood.locks,
      }
      await tx.append([
        { ...about, key: `${id}:staged:${stood.stage}:${stood.stagedAt}`, kind: 'staged', body },
      ])
    }
  })
  return deployment
}

/** Null where a secret cannot be opened any more: then it is replaced. */
function opened(deployment: Deployment, surface: Surface, keyring: Keyring): Deployment | null {
  try {
    return openSettings(deployment, surface, keyring)
  } catch (cause) {
    if (cause instanceof Fault) return null
    throw cause
  }
}

/** What tells one place of a surface from another, as text: the settings declared so, by default the path. */
function placeOf(surface: string, settings: unknown): string {
  const known = surfaces[surface]
  if (!known) return pathOf(settings)
  const given = (settings ?? {}) as Record<string, unknown>
  return JSON.stringify(fieldsOf(known).flatMap(({ name, place }) => (place ? [given[name] ?? null] : [])))
}

function freeId(stem: string, taken: Set<string>): string {
  let number = 1
  while (taken.has(`${stem}-${number}`)) number++
  return `${stem}-${number}`
}

export function pathOf(settings: unknown): string {
  const path = (settings as { path?: unknown } | null)?.path
  return typeof path === 'string' ? path : ''
}

/** `mail/orders` for a path below the sample or the home; the last two parts of it otherwise. Of a surface without a path, what tells its places apart. */
export function whereOf(settings: unknown, surface?: string): string {
  const path = pathOf(settings)
  const known = surface === undefined ? undefined : everySurface[surface]
  if (!path && known) {
    const given = (settings ?? {}) as Record<string, unknown>
    const parts = fieldsOf(known).flatMap(({ name, place, secret }) =>
      place && !secret && typeof given[name] === 'string' ? [given[name].slice(-24)] : [],
    )
    return parts.join(' ')
  }
  return path.split('/').filter(Boolean).slice(-2).join('/')
}

/**
 * What can be done in the mailbox at this path, whether it will be proven or not. A Maildir has cur and new; all else is
 * an mbox file or a folder of them.
 */
export function mailDeployments(path: string, me: string[]): Omit<Deployment, 'id'>[] {
  const full = existing(path, 'mailbox')
  const isMaildir =
    statSync(full).isDirectory() && existsSync(resolve(full, 'cur')) && existsSync(resolve(full, 'new'))
  const surface = surfaceNamed(isMaildir ? 'maildir' : 'mbox')
  const settings = validSettings(surface, { path: full, ...(me.length && { me }) })
  const place = { team: basename(full), surface: surface.name, settings, pain: namedPain }
  return ['triage', 'reply'].map((skill) => ({ ...place, skill }))
}

export interface TableSettings {
  target?: string
  positive?: string
  text?: string
  label?: string
  order?: string
  key?: string
  sheet?: string
}

/** `score` where there is a target, `triage` where there are a text and a label column. */
export function tableDeployments(path: string, table: TableSettings): Omit<Deployment, 'id'>[] {
  const full = existing(path, 'table')
  const surface = surfaceNamed(/\.xls[xm]$/i.test(full) ? 'xlsx' : 'csv')
  const wanted = [...(table.target ? ['score'] : []), ...(table.text && table.label ? ['triage'] : [])]
  if (wanted.length === 0) {
    throw new Fault(
      'bad-input',
      `Which column of ${path} do people fill in? Add --target COLUMN for an outcome (won or lost), or --text COLUMN --label COLUMN for labels.`,
    )
  }
  const settings = validSettings(surface, { path: full, ...table })
  return wanted.map((skill) => ({
    team: basename(full),
    surface: surface.name,
    skill,
    settings,
    pain: namedPain,
  }))
}

function existing(path: string, what: string): string {
  const full = resolve(path)
  if (!existsSync(full)) throw new Fault('bad-input', `There is no ${what} at ${full}; check the path.`)
  return full
}
