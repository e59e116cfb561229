/** Order of the test files: the longest first, since a long one that begins last keeps one core idle until it ends. */
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Measured, a minute and more each; all others fill the gaps. */
const LONG = [
  'command-line',
  'check-contract',
  'browser/checks',
  'browser/roles',
  'browser/lists',
  'acceptance/company',
  'connector-contract',
  'browser/working',
  'browser/remediation',
  'browser/home',
  'browser/journeys',
  'browser/time',
  'browser/quality',
  'check-property',
  'acceptance/time',
  'check-match-property',
  'browser/flows',
  'flows',
  'browser/reports',
  'check-transition',
  'backtest',
  'acceptance/ownership',
  'acceptance/existence',
]

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = LONG.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`))
      return at < 0 ? LONG.length : at
    }
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}
