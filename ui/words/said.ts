/** The phrase book of a language for what the server says: written here, titles of checks and names of fields where they are kept. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { GERMAN_FIELDS, GERMAN_KINDS } from '../../model/german.ts'
import { KINDS } from '../../model/kinds.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const yaml = (path: string): Record<string, string> =>
  existsSync(path) ? ((parse(readFileSync(path, 'utf8')) ?? {}) as Record<string, string>) : {}

export function phraseBook(language: string): Record<string, string> {
  return {
    ...names(language),
    ...checkTitles(language),
    ...yaml(join(import.meta.dirname, 'said', `${language}.yaml`)),
  }
}

function names(language: string): Record<string, string> {
  if (language !== 'de') return {}
  const kinds = KINDS.flatMap((k) => {
    const [one, several] = GERMAN_KINDS[k.name] ?? []
    return one && several
      ? ([
          [k.title, one],
          [k.plural, several],
        ] as const)
      : []
  })
  return { ...GERMAN_FIELDS, ...Object.fromEntries(kinds) }
}

/** Shipped checks alone: what a company writes itself has its titles in its own words. */
function checkTitles(language: string): Record<string, string> {
  const titles = yaml(join(ROOT, 'checks', `titles.${language}.yaml`))
  const found: Record<string, string> = {}
  for (const family of readdirSync(join(ROOT, 'checks'), { withFileTypes: true }).filter((e) => e.isDirectory()))
    for (const file of readdirSync(join(ROOT, 'checks', family.name))) {
      const translated = titles[`${family.name}/${file.replace('.yaml', '')}`]
      // The title is one line of the file: reading that line alone keeps the build quick.
      const line = /^title: *(.+)$/m.exec(readFileSync(join(ROOT, 'checks', family.name, file), 'utf8'))?.[1]
      if (translated && line) found[String(parse(line))] = translated
    }
  return found
}
