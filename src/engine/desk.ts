import { createHmac } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type {
  Deployment,
  Health,
  Kind,
  OpenTools,
  Place,
  Proof,
  Skill,
  Stage,
  Surface,
  Vault,
} from '../contract/index.ts'
import { Fault } from '../contract/index.ts'
import { openKeyring } from './keyring.ts'
import type { EngineOptions } from './options.ts'
import {
  censoredHealth,
  censoredPlace,
  censoredVault,
  censoring,
  openCensored,
  openSettings,
  secretFields,
  vaultOf,
} from './secrets.ts'

/** An opened deployment: its skill beside the place where it works, and what the facts say about where it stands. */
export interface Desk {
  readonly deployment: Deployment
  readonly surface: Surface
  readonly skill: Skill
  readonly place: Place
  /** Secret of the arms. */
  readonly armKey: Buffer
  /** Read anew from the ledger: another worker may have moved it. */
  standing(): Promise<DeskStanding>
  /** The learned model, or null when there is none that this program can read. */
  model(): Promise<{ model: unknown } | null>
  /** What the surface says of itself, where it does. */
  health(): Health | null
  close(): Promise<void>
}

export interface DeskStanding {
  stage: Stage
  /** When the stage began, in milliseconds since the epoch. */
  since: number
  proof: Proof | null
  /** A person sent it on to people against its closed proof. */
  overruled: boolean
  /** What handling times are foreseen by, and how long outcomes take; see the fact `learned`. */
  foresight: number[] | undefined
  outcomeWindow: number
}

/**
 * Opens the surface with its settings, secrets among them. Throws the surface's own Fault, or one that names what is
 * not registered; none of them holds a secret.
 *
 * @param vault in place of the ledger's, while a surface is only being tried
 */
export async function openDesk(
  deployment: Deployment,
  options: EngineOptions & { vault?: Vault; progress?: OpenTools['progress'] },
): Promise<Desk> {
  const { ledger, folder, now = Date.now } = options
  const surface = registered(options.surfaces, deployment.surface, 'surface')
  const skill = registered(options.skills, deployment.skill, 'skill')
  const pseudonymKey = await ledger.secret('pseudonym')
  const keyring = openKeyring(folder)
  const { settings: plain } = openSettings(deployment, surface, keyring)
  const censor = censoring(
    secretFields(surface).flatMap((field) => {
      const value = (plain as Record<string, unknown>)[field]
      return typeof value === 'string' ? [value] : []
    }),
  )
  const vault = options.vault ?? vaultOf(deployment.id, ledger, keyring)
  const settings = surface.settings.safeParse(plain)
  if (!settings.success) {
    const [issue] = settings.error.issues
    throw new Fault(
      'bad-input',
      `The settings of ${deployment.id} do not fit ${surface.name}: ${issue?.path.join('.')}: ${issue?.message}; connect it again.`,
    )
  }
  const journal = join(folder, 'surfaces', deployment.id)
  await mkdir(journal, { recursive: true })
  const tools = {
    now,
    pseudonym: (raw: string) => pseudonym(pseudonymKey, raw),
    folder: journal,
    vault: censoredVault(vault, censor),
    ...(options.progress && { progress: options.progress }),
  }
  const opened = await openCensored(() => surface.open(settings.data, tools), censor)
  const uncensored = opened[skill.kind as Kind] as Place | undefined
  if (!uncensored) {
    await opened.close()
    throw new Fault(
      'bad-input',
      `${deployment.id}: ${surface.name} offers no ${skill.kind} with these settings, which is what ${skill.name} works on.`,
    )
  }
  const place = censoredPlace(uncensored, censor)
  let loaded: { learnedAt: number; model: unknown } | null = null
  return {
    deployment,
    surface,
    skill,
    place,
    armKey: await ledger.secret('arm'),
    async standing() {
      const row = await ledger.standingOf(deployment.id)
      const stage = row?.stage ?? 'off'
      const out = stage === 'pilot' || stage === 'live'
      return {
        stage,
        since: row?.stagedAt ?? 0,
        proof: row?.proof ?? null,
        overruled: out && row?.locks?.proof.open === false,
        foresight: row?.learned?.foresight,
        outcomeWindow: row?.learned?.outcomeWindow ?? 0,
      }
    },
    async model() {
      const head = await ledger.modelHead(deployment.id)
      if (!head || head.skill !== skill.name || head.version !== skill.version) return null
      if (loaded?.learnedAt === head.learnedAt) return loaded
      const saved = await ledger.model(deployment.id)
      if (!saved || saved.skill !== skill.name || saved.version !== skill.version) return null
      loaded = { learnedAt: saved.learnedAt, model: skill.load(saved.bytes) }
      return loaded
    },
    health: () => (opened.health ? censoredHealth(opened.health(), censor) : null),
    close: () => opened.close(),
  }
}

/** What stands in a registry under this name; the Fault lists what there is. */
export function registered<Thing>(registry: Record<string, Thing>, name: string, what: string): Thing {
  const thing = Object.hasOwn(registry, name) && registry[name]
  if (!thing) {
    throw new Fault(
      'bad-input',
      `There is no ${what} "${name}"; there are ${Object.keys(registry).join(', ')}.`,
    )
  }
  return thing
}

/** The same raw identity always gives the same pseudonym; without the key it cannot be turned back. */
export function pseudonym(key: Buffer, raw: string): string {
  return `p-${createHmac('sha256', key).update(raw.trim().toLowerCase()).digest('hex').slice(0, 16)}`
}
