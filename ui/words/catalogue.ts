/** The words of a language: one YAML file beside this one, English sentence → sentence of the language. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { find } from './find.ts'
import { keyOf } from './site.ts'
import type { Lookup } from './write.ts'

const HERE = import.meta.dirname
const UI = join(HERE, '..')
/** Sources whose strings are no words of a screen: the translation itself, and YAML that is made for people to save. */
const NO_WORDS = /^words\/|^(said|phrases)\.ts$|^show\/check-template\.ts$/
/** A key may name the file that it holds for, where one English word has two meanings. */
const OF_FILE = /^(\S+\.(?:svelte|ts)): ([\s\S]+)$/

/** Languages besides English: they are found by their file. */
export const languages = (): string[] =>
  readdirSync(HERE)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.slice(0, -'.yaml'.length))
    .sort()

/** Whether a build mode is a language. */
export const isLanguage = (mode: string): boolean => /^[a-z]{2}$/.test(mode) && existsSync(catalogueFile(mode))
export const catalogueFile = (language: string): string => join(HERE, `${language}.yaml`)
export const readCatalogue = (language: string): Record<string, string> =>
  (parse(readFileSync(catalogueFile(language), 'utf8')) ?? {}) as Record<string, string>

/** What a text of a file is called; the entry of the file goes first. @param used every entry that is asked for is noted */
export function lookupIn(catalogue: Record<string, string>, file: string, used?: Set<string>): Lookup {
  return (english) => {
    const key = [`${file}: ${english}`, english].find((k) => Object.hasOwn(catalogue, k))
    if (key === undefined) return null
    used?.add(key)
    return catalogue[key] || null
  }
}

/** The English sentence of a key. */
export const sentenceOf = (key: string): string => OF_FILE.exec(key)?.[2] ?? key
export const fileOf = (key: string): string | null => OF_FILE.exec(key)?.[1] ?? null

/** Whether a module of the dashboard holds words. @param file from the folder of the dashboard */
export const holdsWords = (file: string): boolean => /\.(svelte|ts)$/.test(file) && !NO_WORDS.test(file)

export interface Text {
  english: string
  file: string
  line: number
}

/** Every text of the dashboard, in the order of its files. */
export function texts(): Text[] {
  const files = (readdirSync(UI, { recursive: true }) as string[])
    .map((name) => name.replaceAll('\\', '/'))
    .filter(holdsWords)
    .sort()
  return files.flatMap((file) => {
    const source = readFileSync(join(UI, file), 'utf8')
    return find(source, file).map(({ start, parts }) => ({
      english: keyOf(parts),
      file,
      line: source.slice(0, start).split('\n').length,
    }))
  })
}

export interface Comparison {
  /** Texts without a translation, each once. */
  missing: Text[]
  /** Entries that no text asks for. */
  unused: string[]
}

export function compare(language: string): Comparison {
  const catalogue = readCatalogue(language)
  const used = new Set<string>()
  const missing = new Map<string, Text>()
  for (const text of texts())
    if (lookupIn(catalogue, text.file, used)(text.english) === null && !missing.has(text.english))
      missing.set(text.english, text)
  return { missing: [...missing.values()], unused: Object.keys(catalogue).filter((key) => !used.has(key)) }
}
