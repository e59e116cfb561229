/** `npm run words`: prints every text that a language lacks, as lines to be filled in. `--add` writes them into its file and drops what is unused; sentences of the server are filled in by hand. */
import { readFileSync, writeFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { catalogueFile, compare, languages, readCatalogue } from './catalogue.ts'
import { phraseBook, sentences, sortsOf } from './said.ts'
import { compareSpoken, isSort } from './spoken.ts'

const add = process.argv.includes('--add')
let lacking = 0
const asked = (english: string) => stringify({ [english]: '' }, { lineWidth: 0, singleQuote: true }).trimEnd()
for (const language of languages()) {
  const { missing, unused } = compare(language)
  lacking += missing.length + unused.length
  for (const { english, file, line } of missing) process.stdout.write(`${asked(english)} # ${file}:${line}\n`)
  for (const key of unused) process.stdout.write(`# unused: ${key}\n`)
  process.stdout.write(`${language}: ${missing.length} missing, ${unused.length} unused\n`)
  for (const sort of sortsOf(language).filter(isSort)) {
    const said = compareSpoken(sort, phraseBook(language), sentences(language, sort))
    lacking += said.missing.length + said.unused.length
    for (const { english, file, line } of said.missing) process.stdout.write(`${asked(english)} # ${file}:${line}\n`)
    for (const key of said.unused) process.stdout.write(`# unused: ${key}\n`)
    process.stdout.write(`said/${language}/${sort}: ${said.missing.length} missing, ${said.unused.length} unused\n`)
  }
  if (!add) continue
  const words = { ...Object.fromEntries(missing.map((t) => [t.english, ''])), ...readCatalogue(language) }
  for (const key of unused) delete words[key]
  const head = /^(?:#.*\n)+/.exec(readFileSync(catalogueFile(language), 'utf8'))?.[0] ?? ''
  const sorted = Object.entries(words).sort(([a], [b]) => a.localeCompare(b, 'en'))
  writeFileSync(
    catalogueFile(language),
    head + stringify(Object.fromEntries(sorted), { lineWidth: 0, singleQuote: true }),
  )
}
if (lacking > 0 && !add) process.exitCode = 1
