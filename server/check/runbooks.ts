/**
 * Why and runbook of checks in other languages: `runbooks.<language>.yaml` beside the checks of a family, name of the check →
 * why, and its steps one for one. Steps are ticked by their number, so that a translation may neither split nor leave out one.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import { z } from 'zod'
import { LOCALES, type Locale } from '../../model/message.ts'
import { runbookSteps, withSteps, type Guidance } from '../../model/runbook.ts'
import { readDocument } from '../config/document.ts'
import { nearest } from '../config/nearest.ts'
import type { Problem } from '../config/problem.ts'
import type { Check } from './contract.ts'

/** Files of runbooks are no checks. */
export const isRunbooks = (file: string): boolean => /^runbooks\.[a-z]{2}\.yaml$/.test(file)

const words = z.string().trim().min(1)
const guidance = z.strictObject({
  why: words.describe('Why it matters, as in the check.'),
  fix: z.array(words).min(1).describe('Steps of the runbook, in the order of the check, without their numbers.'),
})

/** What a folder says about checks, also about those of an earlier folder; a later folder wins. */
export function readRunbooks(folder: string, checks: ReadonlyMap<string, Check>, problems: Problem[]): void {
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const locale = LOCALES.find((l) => basename(path) === `runbooks.${l}.yaml`)
    // Ids are paths: the names in a file are of the checks beside it.
    const beside = dirname(path) === '.' ? '' : `${dirname(path).split(sep).join('/')}/`
    if (locale) readBeside(join(folder, path), beside, locale, checks, problems)
  }
}

function readBeside(
  file: string,
  beside: string,
  locale: Locale,
  checks: ReadonlyMap<string, Check>,
  problems: Problem[],
): void {
  const doc = readDocument(file, readFileSync(file, 'utf8'), problems)
  const parsed = z.record(z.string(), z.unknown()).safeParse(doc.value)
  if (!parsed.success)
    return doc.report([], 'write the name of a check, and below it its `why` and the steps of its `fix`')
  for (const [name, value] of Object.entries(parsed.data)) {
    const id = `${beside}${name}`
    const check = checks.get(id)
    const said = guidance.safeParse(value)
    if (!check) {
      const near = nearest(id, checks.keys())
      doc.report([name], `there is no check ${JSON.stringify(id)}`, {
        on: 'key',
        ...(near !== undefined && { suggestion: near }),
      })
    } else if (!said.success) {
      const [at] = said.error.issues
      doc.report(
        [name, ...(at?.path ?? []).map(String)],
        'write `why` as a text and `fix` as a list of steps, nothing else',
      )
    } else give(check, locale, said.data, (says) => doc.report([name, 'fix'], says))
  }
}

function give(check: Check, locale: Locale, said: z.output<typeof guidance>, wrong: (says: string) => void): void {
  const steps = runbookSteps(check.fix).length
  if (said.fix.length !== steps) {
    wrong(`steps here: ${said.fix.length}, in the check: ${steps}; translate each by itself, in its order`)
    return
  }
  const told: Guidance = { why: said.why, fix: withSteps(check.fix, said.fix) }
  check.guidance = { ...check.guidance, [locale]: told }
}

/** Why and runbook in a reader's language; as they are written where nobody translated them. */
export const guidanceIn = (locale: Locale, { guidance: told, why, fix }: Check): Guidance =>
  told?.[locale] ?? { why, fix }
