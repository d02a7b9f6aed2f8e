import { existsSync, statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { office } from '../../sample/index.ts'
import { type Deployment, Fault, type Rollout, type Skill, type Surface } from '../contract/index.ts'
import { registered } from '../engine/index.ts'
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
  'You connected your own work, so you are its volunteer: suggestions appear to you as soon as the three locks are open.'

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
): { name: string; about: string; required: boolean; list: boolean }[] {
  const schema = z.toJSONSchema(surface.settings, { io: 'input', unrepresentable: 'any' }) as {
    properties?: Record<string, { description?: string; type?: string }>
    required?: string[]
  }
  return Object.entries(schema.properties ?? {}).map(([name, field]) => ({
    name,
    about: field.description ?? name,
    required: schema.required?.includes(name) ?? false,
    list: field.type === 'array',
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
 * Records a deployment. The same skill on the same surface and path is the same deployment: its settings are replaced.
 *
 * @param anew a withdrawn one begins again
 */
export async function saveDeployment(
  ledger: Ledger,
  draft: Omit<Deployment, 'id'>,
  { anew = false } = {},
): Promise<Deployment> {
  const all = await ledger.standing()
  const same = (await ledger.deployments()).find(
    ({ skill, surface, settings }) =>
      skill === draft.skill && surface === draft.surface && pathOf(settings) === pathOf(draft.settings),
  )
  const id =
    same?.id ?? freeId(`${draft.skill}-${draft.surface}`, new Set(all.map((each) => each.deployment)))
  const deployment = { ...draft, id }
  const before = all.find((each) => each.deployment === id)
  const begins = anew && before?.stage === 'withdrawn'
  if (same && !begins && isDeepStrictEqual(same, deployment)) return same
  const at = Date.now()
  const about = { at, deployment: id, item: null, person: null }
  const { team, surface, skill, pain, rollout } = deployment
  await ledger.transaction(async (tx) => {
    await tx.saveDeployment(deployment)
    await tx.append([
      {
        ...about,
        key: `${id}:connected:${at}`,
        kind: 'connected',
        body: { team, surface, skill, pain, ...(rollout && { rollout }) },
      },
    ])
    if (begins && before?.locks) {
      const body = {
        from: before.stage,
        to: 'off' as const,
        because: 'It was connected anew.',
        locks: before.locks,
      }
      await tx.append([
        { ...about, key: `${id}:staged:${before.stage}:${before.stagedAt}`, kind: 'staged', body },
      ])
    }
  })
  return deployment
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

/** `mail/orders` for a path below the sample or the home; the last two parts of it otherwise. */
export function whereOf(settings: unknown): string {
  const path = pathOf(settings)
  return path.split('/').filter(Boolean).slice(-2).join('/')
}

/** The surface that reads a mailbox at this path: a Maildir has cur and new; all else is an mbox file or a folder of them. */
export function mailDeployment(path: string, me: string[]): Omit<Deployment, 'id'> {
  const full = existing(path, 'mailbox')
  const isMaildir =
    statSync(full).isDirectory() && existsSync(resolve(full, 'cur')) && existsSync(resolve(full, 'new'))
  const surface = surfaceNamed(isMaildir ? 'maildir' : 'mbox')
  const settings = validSettings(surface, { path: full, ...(me.length && { me }) })
  return { team: basename(full), surface: surface.name, skill: 'triage', settings, pain: namedPain }
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
