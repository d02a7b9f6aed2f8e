import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { inlay } from '../../tests/inlay.ts'
import { auc } from '../learn/scoring-metrics.ts'
import { readTable } from '../surfaces/sheet/table.ts'

const data = resolve(import.meta.dirname, '../../../shared/data')
const proof = {
  threshold: expect.any(Number),
  coverage: expect.any(Number),
  usefulRate: expect.any(Number),
  lowerBound: expect.any(Number),
  shown: expect.any(Number),
  judged: expect.any(Number),
  target: 0.85,
  confidence: 0.95,
  passed: true,
  because: expect.stringMatching(/\d.*\.$/),
}

test.skipIf(!existsSync(data))(
  'try triage answers as promised, and 90 % of the test questions rightly (needs shared/data)',
  async () => {
    const [train, on] = ['train', 'test'].map((part) => resolve(data, `triage/banking77/${part}.csv`))
    const args = ['try', 'triage', train!, '--text', 'text', '--label', 'label', '--on', on!, '--json']
    const { code, stdout, stderr } = await inlay(args)
    expect(code, stderr).toBe(0)
    const document = JSON.parse(stdout)
    expect(document).toMatchObject({ learned: 10003, labels: 77, proof, accuracy: expect.any(Number) })
    expect(document.proof.because).toMatch(/shuffle flatters/)
    expect(document.predictions.map(({ row }: { row: number }) => row)).toEqual([...Array(3080).keys()])
    const truth = (await readTable(on!)).rows.map((row) => row[1])
    const right = document.predictions.filter(
      (each: { label: string; arm: string; confidence: number }, row: number) => {
        expect(['shown', 'silent']).toContain(each.arm)
        expect(each.confidence).toBeGreaterThanOrEqual(0)
        expect(each.confidence).toBeLessThanOrEqual(1)
        return each.label === truth[row]
      },
    )
    expect(right.length / truth.length).toBeGreaterThanOrEqual(0.9)
  },
  600_000,
)

test.skipIf(!existsSync(data))(
  'try score answers as promised, and its effects add up to the prediction before calibration (needs shared/data)',
  async () => {
    const [train, on] = ['train', 'test'].map((part) => resolve(data, `score/leads/${part}.csv.gz`))
    const { code, stdout, stderr } = await inlay([
      'try',
      'score',
      train!,
      '--target',
      'y',
      '--on',
      on!,
      '--json',
    ])
    expect(code, stderr).toBe(0)
    const document = JSON.parse(stdout)
    expect(document).toMatchObject({ learned: 6930, proof, leaks: [], noSignal: null })
    for (const figure of ['auc', 'brier', 'logLoss', 'ece']) expect(document[figure]).toBeGreaterThan(0)
    const truth = Uint8Array.from((await readTable(on!)).rows, (row) => Number(row.at(-1)))
    const probabilities = Float64Array.from(
      document.predictions,
      (each: { probability: number }) => each.probability,
    )
    expect(auc(truth, probabilities)).toBeGreaterThan(0.85)
    expect(document.predictions).toHaveLength(2310)
    // Calibration is monotone: the order by summed effects is the order by probability.
    const summed = document.predictions.map(
      (each: { probability: number; reasons: { effect: number }[] }) => ({
        probability: each.probability,
        raw: each.reasons.reduce((sum, { effect }) => sum + effect, document.baseRate),
      }),
    )
    summed.sort((a: { raw: number }, b: { raw: number }) => a.raw - b.raw)
    for (let row = 1; row < summed.length; row++) {
      expect(summed[row].probability).toBeGreaterThanOrEqual(summed[row - 1].probability - 1e-9)
    }
    for (const { band } of document.predictions) expect(['hot', 'cold', null]).toContain(band)
  },
  600_000,
)
