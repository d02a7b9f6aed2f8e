import { type Example, Fault, type Report, type Skill } from '../../contract/index.ts'
import { columnsOfCells } from '../../learn/attribution/metric-columns.ts'
import { judgeComment } from './judge-comment.ts'
import { rephrased } from './rephrase.ts'
import { tellTable } from './summarise.ts'
import type { Summary, TellingOfTable } from './tell-compared.ts'

type Claim = 'news' | 'quiet'

/** How often what would have been said was what people then said, by claim. */
export interface SummaryModel {
  useful: Record<Claim, { yes: number; of: number }>
}

const version = 2

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
      const told = tell(item)?.summary
      if (!told) continue
      const judgement = judgeComment(told.text, deed.text)
      if (!judgement) continue
      const counts = useful[claimOf(told)]
      counts.of++
      if (judgement.useful) counts.yes++
    }
    return { useful }
  },

  async suggest(model, item, { write, signal }) {
    const telling = tell(item)
    if (!telling) return null
    const told = telling.summary
    const { names, untrue } = telling
    // Whoever writes may only choose other words; what they change is refused, and then ours stand.
    const { text } = write
      ? await rephrased(told.text, names, untrue, async (ours) => {
          const written = await write({
            task: 'rephrase',
            thread: [],
            examples: [],
            facts: {},
            text: ours,
            ...(signal && { signal }),
          })
          if ('because' in written) throw new Error(written.because)
          return written.text
        })
      : told
    const claim = claimOf(told)
    const { yes, of } = model.useful[claim]
    return {
      kind: 'report',
      value: { type: 'summary', text },
      confidence: (yes + 1) / (of + 2),
      reasons: told.causes.slice(0, 5).map(({ where, change }) => ({
        field: Object.keys(where).join(', '),
        value: Object.values(where).join(', '),
        effect: change,
      })),
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

/** What it says of the newest period; an incident of the past may be told beside it. */
const claimOf = ({ findings }: Summary): Claim =>
  findings.some(({ kind }) => kind === 'change') ? 'news' : 'quiet'

/** Null where the table has nothing to compare, or is no metric table at all. */
function tell(item: Report): TellingOfTable | null {
  try {
    const telling = tellTable(columnsOfCells(item.columns, item.rows).table)
    return telling.summary.total.from === null ? null : telling
  } catch (error) {
    if (error instanceof Fault && error.kind === 'bad-input') return null
    throw error
  }
}
