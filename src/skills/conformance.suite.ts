import { describe, expect, it } from 'vitest'
import { type Example, Fault, type Item, type Kind, type Skill, type SkillTools } from '../contract/index.ts'
import { skills } from './index.ts'

/** What a skill is tried on. Everything is made by functions, so that no test sees what another has touched. */
export interface SkillTrial<K extends Kind, Model> {
  skill: Skill<K, Model>
  /** A history that it can learn from; small, so that the suite stays fast. */
  history(): Example<K>[]
  /** Items that it has not seen, with what people did. */
  fresh(): Example<K>[]
  /** Histories that nothing can be learned from, by a name that completes "refuses …". */
  unlearnable?: Record<string, () => Example<K>[]>
}

/** What holds for every skill. A new skill's test is one call of it, and what is special about the skill. */
export function skillConforms<K extends Kind, Model>(trial: SkillTrial<K, Model>): void {
  const { skill } = trial
  const tools: SkillTools = { seed: 1 }
  let learned: Promise<Model> | undefined
  const model = () => {
    learned ??= skill.learn(trial.history(), tools)
    return learned
  }

  describe(`the skill "${skill.name}"`, () => {
    it('stands in the registry under its own name, with one line for people', () => {
      expect(skills[skill.name]).toBe(skill)
      expect(skill.about).toMatch(/^\S.{10,120}$/)
      expect(Number.isInteger(skill.version) && skill.version > 0).toBe(true)
    })

    it('learns the same bytes from the same seed and examples, read once and left as they were', async () => {
      const history = trial.history()
      const before = structuredClone(history)
      const once = (function* () {
        yield* history
      })()
      const again = await skill.learn(once, tools)
      expect(history).toEqual(before)
      expect(Buffer.compare(skill.save(again), skill.save(await model()))).toBe(0)
    })

    it('tells its progress in shares from 0 to 1 that never fall', async () => {
      const shares: number[] = []
      await skill.learn(trial.history(), { ...tools, progress: (share) => shares.push(share) })
      for (const [i, share] of shares.entries()) {
        expect(share).toBeGreaterThanOrEqual(shares[i - 1] ?? 0)
        expect(share).toBeLessThanOrEqual(1)
      }
    })

    it('suggests values of its kind with a confidence from 0 to 1 and finite reasons, or nothing', async () => {
      let said = 0
      for (const { item } of trial.fresh()) {
        const suggestion = await skill.suggest(await model(), item, tools)
        if (!suggestion) continue
        said++
        expect(suggestion.kind).toBe(skill.kind)
        expect(suggestion.confidence).toBeGreaterThanOrEqual(0)
        expect(suggestion.confidence).toBeLessThanOrEqual(1)
        for (const { field, effect } of suggestion.reasons) {
          expect(field).not.toBe('')
          expect(Number.isFinite(effect)).toBe(true)
        }
      }
      expect(said).toBeGreaterThan(0)
    })

    it('suggests the same for an item whatever it was asked before, and leaves the item as it was', async () => {
      const items = trial.fresh().map(({ item }) => item)
      const before = structuredClone(items)
      const forwards = await suggestAll(skill, await model(), items, tools)
      const backwards = await suggestAll(skill, await model(), items.toReversed(), tools)
      expect(backwards.toReversed()).toEqual(forwards)
      expect(items).toEqual(before)
    })

    it('judges its suggestions by what people did: useful or not, with a similarity from 0 to 1', async () => {
      let useful = 0
      for (const { item, deed } of trial.fresh()) {
        const suggestion = await skill.suggest(await model(), item, tools)
        const judgement = suggestion && skill.judge(suggestion.value, deed)
        if (!judgement) continue
        expect(judgement.similarity).toBeGreaterThanOrEqual(0)
        expect(judgement.similarity).toBeLessThanOrEqual(1)
        if (judgement.useful) useful++
      }
      expect(useful).toBeGreaterThan(0)
    })

    it('comes back from its bytes as it was', async () => {
      const bytes = skill.save(await model())
      const loaded = skill.load(bytes.slice())
      const items = trial.fresh().map(({ item }) => item)
      expect(await suggestAll(skill, loaded, items, tools)).toEqual(
        await suggestAll(skill, await model(), items, tools),
      )
      expect(Buffer.compare(skill.save(loaded), bytes)).toBe(0)
    })

    it('says that it must learn again when its bytes are damaged, cut short or not its own', async () => {
      const bytes = skill.save(await model())
      const damaged = [new Uint8Array(0), new TextEncoder().encode('{"not":"a model"}')]
      for (const share of [0.25, 0.5, 0.75, 0.999]) damaged.push(bytes.slice(0, bytes.length * share))
      for (const share of [0, 0.1, 0.5, 0.9]) {
        const flipped = bytes.slice()
        flipped[Math.floor(share * (bytes.length - 1))]! ^= 0x55
        damaged.push(flipped)
      }
      for (const wrong of damaged) {
        const fault = faultOf(() => skill.load(wrong))
        expect(fault?.kind).toBe('bad-input')
        expect(fault?.message).toMatch(/learn/)
      }
    })

    if (skill.update) {
      it('takes new examples into a model that was saved, and leaves the model that it was given as it was', async () => {
        const bytes = skill.save(await model())
        const given = skill.load(bytes)
        const updated = await skill.update!(given, trial.fresh(), tools)
        expect(Buffer.compare(skill.save(given), bytes)).toBe(0)
        const again = await skill.update!(skill.load(bytes), trial.fresh(), tools)
        expect(Buffer.compare(skill.save(again), skill.save(updated))).toBe(0)
        const items = trial.fresh().map(({ item }) => item)
        expect((await suggestAll(skill, updated, items, tools)).filter(Boolean).length).toBeGreaterThan(0)
        const nothingNew = await skill.update!(given, [], tools)
        expect(Buffer.compare(skill.save(nothingNew), bytes)).toBe(0)
      })
    }

    const unlearnable = { 'an empty history': () => [], ...trial.unlearnable }
    for (const [name, history] of Object.entries(unlearnable)) {
      it(`refuses ${name} with a sentence`, async () => {
        const fault = await skill.learn(history(), tools).then(
          () => undefined,
          (error: unknown) => error,
        )
        expect(fault).toBeInstanceOf(Fault)
        expect((fault as Fault).kind).toBe('bad-input')
        expect((fault as Fault).message).toMatch(/^[A-Z0-9"].+\.$/)
      })
    }
  })
}

async function suggestAll<K extends Kind, Model>(
  skill: Skill<K, Model>,
  model: Model,
  items: readonly Item<K>[],
  tools: SkillTools,
) {
  const suggestions = []
  for (const item of items) suggestions.push(await skill.suggest(model, item, tools))
  return suggestions
}

function faultOf(run: () => unknown): Fault | undefined {
  try {
    run()
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
}
