import type { Client } from '@hubspot/api-client'
import { Fault } from '../../contract/index.ts'
import type { Caller } from './hubspot-calls.ts'

/** The three properties that scores are written into, by what stands in them. */
export interface ScoreProperties {
  probability: string
  band: string
  reasons: string
}

export interface KnownProperty {
  name: string
  type: string
  fieldType: string
  groupName: string
  hidden: boolean
  calculated: boolean
}

export const group = { name: 'inlay', label: 'Inlay' }

type Wanted = {
  what: keyof ScoreProperties
  type: 'number' | 'enumeration' | 'string'
  fieldType: 'number' | 'select' | 'textarea'
  label: string
}

const wanted: Wanted[] = [
  { what: 'probability', type: 'number', fieldType: 'number', label: 'probability' },
  { what: 'band', type: 'enumeration', fieldType: 'select', label: 'band' },
  { what: 'reasons', type: 'string', fieldType: 'textarea', label: 'reasons' },
]

/** Names beyond the first are taken where somebody has a property of that name but of another type. */
const alternatives = 5

export async function knownProperties(
  client: Client,
  objectType: string,
  call: Caller,
): Promise<Map<string, KnownProperty>> {
  const { results } = await call('read the properties', 'other', () =>
    client.crm.properties.coreApi.getAll(objectType, false),
  )
  return new Map(
    results.map((each) => [
      each.name,
      {
        name: each.name,
        type: each.type,
        fieldType: each.fieldType,
        groupName: each.groupName,
        hidden: each.hidden ?? false,
        calculated: each.calculated ?? false,
      },
    ]),
  )
}

/** Where scores on this target go: properties that are there in the right type, else names that are free. */
export function scoreProperties(known: Map<string, KnownProperty>, target: string): ScoreProperties {
  const stem = `inlay_${target.toLowerCase().replace(/[^a-z0-9_]/g, '_')}`.slice(0, 80)
  const names = wanted.map(({ what, type }) => {
    for (let n = 1; n <= alternatives; n++) {
      const name = `${stem}_${what}${n === 1 ? '' : `_${n}`}`
      const there = known.get(name)
      if (!there || there.type === type) return [what, name]
    }
    throw new Fault(
      'bad-input',
      `HubSpot has properties of other types under all the names that Inlay would use (${stem}_${what} to ${stem}_${what}_${alternatives}); rename or delete one of them.`,
    )
  })
  return Object.fromEntries(names) as ScoreProperties
}

/** Creates the group and those of the properties that are not there yet. */
export async function createProperties(
  client: Client,
  objectType: string,
  target: string,
  names: ScoreProperties,
  known: Map<string, KnownProperty>,
  call: Caller,
): Promise<void> {
  const missing = wanted.filter(({ what }) => !known.has(names[what]))
  if (missing.length === 0) return
  await unlessThere(() =>
    call('create a group of properties', 'other', () =>
      client.crm.properties.groupsApi.create(objectType, { ...group, displayOrder: -1 }),
    ),
  )
  for (const { what, type, fieldType, label } of missing) {
    const options = ['hot', 'cold'].map((value, displayOrder) => ({
      label: value,
      value,
      displayOrder,
      hidden: false,
    }))
    await unlessThere(() =>
      call('create a property', 'other', () =>
        client.crm.properties.coreApi.create(objectType, {
          name: names[what],
          label: `Inlay: ${target} ${label}`,
          description: `Suggested by Inlay from what became of earlier records. 'inlay undo' takes it back.`,
          groupName: group.name,
          type: type as never,
          fieldType: fieldType as never,
          ...(type === 'enumeration' && { options }),
        }),
      ),
    )
  }
}

/** Two that create it at once are no trouble. */
async function unlessThere(create: () => Promise<unknown>): Promise<void> {
  try {
    await create()
  } catch (cause) {
    if ((cause as { status?: number }).status !== 409) throw cause
  }
}

/** Of people's properties, those that say something about a record before it is decided. */
export function fieldProperties(known: Map<string, KnownProperty>, target: string): string[] {
  return [...known.values()]
    .filter(({ name, type, hidden }) => {
      if (name === target || name.startsWith('inlay_') || hidden) return false
      // HubSpot's own bookkeeping, most of it about the decision itself; where a visitor came from is not.
      if (name.startsWith('hs_'))
        return /^hs_(analytics_(source|num_|first_)|latest_source$|priority$|deal_score)/.test(name)
      return !bookkeeping.has(name) && type !== 'object_coordinates' && type !== 'json'
    })
    .map(({ name }) => name)
    .sort()
}

/** Who a person is, and what HubSpot or people write down when all is decided. */
const bookkeeping = new Set(
  `firstname lastname phone mobilephone fax address salutation twitterhandle closedate closed_lost_reason
  closed_won_reason days_to_close lastmodifieddate createdate notes_last_updated notes_last_contacted
  first_deal_created_date recent_deal_close_date recent_deal_amount total_revenue num_associated_deals
  lifecyclestage dealstage`.split(/\s+/),
)
