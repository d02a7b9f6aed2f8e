import { type Example, Fault, type Report, type Skill } from '../../contract/index.ts'
import { columnsOfCells } from '../../learn/attribution/metric-columns.ts'
import { judgeComment } from './judge-comment.ts'
import { type Summary, summarise } from './summarise.ts'

type Claim = 'news' | 'quiet'

/** How often what would have been said was what people then said, by claim. */
export interface SummaryModel {
  useful: Record<Claim, { yes: number; of: number }>
}

const version = 1

/** The comment under a report's table: what changed, where, by how much, or that nothing did. */
export const summary: Skill<'report', SummaryModel> = {
  name: 'summary',
  kind: 'report',
  about:
    'Writes the two or three sentences under a report: what changed, where, by how much, or that nothing did.',
  version,

  /** Needs no examples to write; from those there are it learns how often to be believed. */
  async learn(examples, tools) {
    const useful: SummaryModel['useful'] = { news: { yes: 0, of: 0 }, quiet: { yes: 0, of: 0 } }
    for (const { item, deed } of examples as Iterable<Example<'report'>>) {
      tools.signal?.throwIfAborted()
      const told = tell(item)
      if (!told) continue
      const judgement = judgeComment(told.text, deed.text)
      if (!judgement) continue
      const counts = useful[claimOf(told)]
      counts.of++
      if (judgement.useful) counts.yes++
    }
    return { useful }
  },

  async suggest(model, item) {
    const told = tell(item)
    if (!told) return null
    const claim = claimOf(told)
    const { yes, of } = model.useful[claim]
    return {
      kind: 'report',
      value: { type: 'summary', text: told.text },
      confidence: (yes + 1) / (of + 2),
      reasons: told.causes.slice(0, 5).map(({ where, change }) => ({
        field: Object.keys(where).join(', '),
        value: Object.values(where).join(', '),
        effect: change,
      })),
      claim,
    }
  },

  judge: (suggested, deed) => judgeComment(suggested.text, deed.text),

  save: (model) => new TextEncoder().encode(JSON.stringify({ version, model })),

  load(bytes) {
    try {
      const saved = JSON.parse(new TextDecoder().decode(bytes)) as { version: number; model: SummaryModel }
      if (saved.version === version) return saved.model
    } catch {}
    throw new Fault(
      'bad-input',
      'The saved model of "summary" is damaged or of another version: it must learn again.',
    )
  },
}

const claimOf = ({ findings }: Summary): Claim => (findings.length > 0 ? 'news' : 'quiet')

/** Null where the table has nothing to compare, or is no metric table at all. */
function tell(item: Report): Summary | null {
  try {
    const told = summarise(columnsOfCells(item.columns, item.rows).table)
    return told.total.from === null ? null : told
  } catch (error) {
    if (error instanceof Fault && error.kind === 'bad-input') return null
    throw error
  }
}
