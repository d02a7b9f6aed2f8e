import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The longest of all, in this order; whole programs under `tests/` come next. */
const longest = ['tests/start.test.ts', 'tests/loop/kill.test.ts', 'tests/loop/real-mail.test.ts']

/** Begins with what takes longest, which the size of a file does not tell, so that no worker is left waiting for it. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const bySize = await super.sort(files)
    return bySize.sort((a, b) => rank(a.moduleId) - rank(b.moduleId))
  }
}

function rank(file: string): number {
  const at = longest.findIndex((each) => file.endsWith(each))
  return at >= 0 ? at : longest.length + (file.includes('/tests/') ? 0 : 1)
}
