/** `plumbline validate`: the configuration, its connectors and reference maps, as one text and an exit code. */
import { loadConfig } from './load.ts'
import type { LoadOptions } from './load.ts'
import { formatProblems } from './problem.ts'
import type { Problem } from './problem.ts'

export interface Validation {
  /** 0: usable, warnings at most. 2: it must be corrected. */
  code: 0 | 2
  /** For people; ends without a line break. */
  text: string
  problems: Problem[]
}

/** `more`: problems that others found in files that belong to the configuration (checks, plug-ins). */
export function validate(file: string, options: LoadOptions, more: readonly Problem[] = []): Validation {
  const loaded = loadConfig(file, options)
  const problems = [...loaded.problems, ...more]
  const errors = problems.filter((p) => p.level === 'error').length
  const warnings = problems.length - errors
  const told = [errors > 0 && count(errors, 'problem'), warnings > 0 && count(warnings, 'warning')].filter(Boolean)
  const platforms = Object.keys(loaded.config?.platforms ?? {}).length
  const outcome = errors > 0 ? told.join(', ') : [`good: ${count(platforms, 'platform')}`, ...told].join(', ')
  const text = [formatProblems(problems), `${file}: ${outcome}`].filter((t) => t !== '').join('\n')
  return { code: errors > 0 ? 2 : 0, text, problems }
}

const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`
