/** The phrase book of a language for what the server says: written here, titles of checks and names of fields where they are kept. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { GERMAN_FIELDS, GERMAN_KINDS } from '../../model/german.ts'
import { KINDS } from '../../model/kinds.ts'

const SAID = join(import.meta.dirname, 'said')
const ROOT = join(import.meta.dirname, '..', '..')
const yaml = (path: string): Record<string, string> =>
  existsSync(path) ? ((parse(readFileSync(path, 'utf8')) ?? {}) as Record<string, string>) : {}

export const phraseBook = (language: string): Record<string, string> =>
  Object.assign({}, ...chapters(language)) as Record<string, string>

/** Files that a browser loads as one chunk; those that are not named here go with the last. */
const TOGETHER = [
  ['evidence', 'parts', 'traces'],
  ['besides', 'plans', 'refusals'],
]

/** The book in pieces of a weight that loads well beside one another. */
export function chapters(language: string): Record<string, string>[] {
  const closed = { ...names(language), ...checkTitles(language), ...yaml(join(SAID, `${language}.yaml`)) }
  const sorts = sortsOf(language)
  const others = sorts.filter((sort) => !TOGETHER.flat().includes(sort))
  const groups = TOGETHER.map((group, i) => [...group, ...(i === TOGETHER.length - 1 ? others : [])])
  const said = groups.map(
    (group) =>
      Object.assign({}, ...group.filter((s) => sorts.includes(s)).map((s) => sentences(language, s))) as Record<
        string,
        string
      >,
  )
  return [closed, ...said]
}

/** Sentences that are kept apart, by their sort: files of the language's folder. */
export const sortsOf = (language: string): string[] =>
  existsSync(join(SAID, language)) ? readdirSync(join(SAID, language)).map((file) => file.replace('.yaml', '')) : []
export const sentences = (language: string, sort: string): Record<string, string> =>
  yaml(join(SAID, language, `${sort}.yaml`))

function names(language: string): Record<string, string> {
  if (language !== 'de') return {}
  const kinds = KINDS.flatMap(({ name, title, plural }): [string, string][] => {
    const [one, several] = GERMAN_KINDS[name] ?? []
    if (!one || !several) return []
    return [
      [title, one],
      [plural, several],
      [`…${title.toLowerCase()}`, `…${one}`],
      [`…${plural.toLowerCase()}`, `…${several}`],
      // A record as evidence names it.
      [`…${title} {0} in {1=}`, `…${one} {0} in {1}`],
      [`${title} {0} in {1=}.`, `${one} {0} in {1}.`],
      [`…${title} {0} in {1} is {2=}`, `…${one} {0} in {1} ist {2}`],
      [`${title} {0} in {1} is {2=}.`, `${one} {0} in {1} ist {2}.`],
    ]
  })
  const fields = Object.entries(GERMAN_FIELDS).map(([label, german]) => [`…${label.toLowerCase()}`, `…${german}`])
  return { ...GERMAN_FIELDS, ...Object.fromEntries([...fields, ...kinds]) }
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
