import type { Deed, Example, Item, Kind, Suggestion } from '../../contract/index.ts'
import type { Loaded, Plan } from './plan-write.ts'

/** What stands on the sheet about one item, in little: compared from one look at the file to the next. */
export interface ItemState {
  /** A person has still to do it. */
  open: boolean
  /** What the person did so far, in little; '' for nothing. */
  did: string
  /** What became of our placement: it stands there, or somebody took it away. */
  placed: '' | 'there' | 'taken'
}

export interface View<K extends Kind> {
  states: Map<string, ItemState>
  item(key: string): Item<K>
  deed(key: string): Deed<K>
}

/** How one kind of work shows in a sheet: as rows, or as a column. */
export interface SheetKind<K extends Kind> {
  kind: K
  history(loaded: Loaded): Example<K>[]
  view(loaded: Loaded): Promise<View<K>>
  /** Which cells a suggestion needs, as the file is now. */
  plan(loaded: Loaded, item: Item<K>, suggestion: Suggestion<K>): Plan
}
