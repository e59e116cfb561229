/** Titles of checks in other languages: `titles.<language>.yaml` in a folder of checks, check id → title. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { LOCALES, type Locale } from '../../model/message.ts'
import { readDocument } from '../config/document.ts'
import { nearest } from '../config/nearest.ts'
import type { Problem } from '../config/problem.ts'
import type { Check } from './contract.ts'

/** Files of titles are no checks. */
export const isTitles = (file: string): boolean => /^titles\.[a-z]{2}\.yaml$/.test(file)

/** A title that a folder gives to a check, also to one of an earlier folder; a later folder wins. */
export function readTitles(folder: string, checks: ReadonlyMap<string, Check>, problems: Problem[]): void {
  for (const locale of LOCALES) {
    const file = join(folder, `titles.${locale}.yaml`)
    if (!existsSync(file)) continue
    const doc = readDocument(file, readFileSync(file, 'utf8'), problems)
    const parsed = z.record(z.string(), z.string().trim().min(1)).safeParse(doc.value)
    if (!parsed.success) {
      doc.report([], 'write one check a line: its id, a colon, its title')
      continue
    }
    for (const [id, title] of Object.entries(parsed.data)) give(checks, id, locale, title, doc.report)
  }
}

type Report = ReturnType<typeof readDocument>['report']

function give(checks: ReadonlyMap<string, Check>, id: string, locale: Locale, title: string, report: Report): void {
  const check = checks.get(id)
  if (check) {
    check.titles = { ...check.titles, [locale]: title }
    return
  }
  const meant = nearest(id, checks.keys())
  report([id], `there is no check ${JSON.stringify(id)}`, {
    on: 'key',
    ...(meant !== undefined && { suggestion: meant }),
  })
}
