/** The language of this build, and the locale in which it writes numbers, dates and money. */

/** Set by the build: see words/plugin.ts. Undefined where a module is run without it, as in a script. */
declare const __LANGUAGE__: string | undefined
declare const __LANGUAGES__: readonly string[] | undefined

export const language: string = typeof __LANGUAGE__ === 'undefined' ? 'en' : __LANGUAGE__
/** Every language that is built, English first. */
export const LANGUAGES: readonly string[] = typeof __LANGUAGES__ === 'undefined' ? ['en'] : __LANGUAGES__
/** What a language calls itself. */
export const ownName = (code: string): string => new Intl.DisplayNames(code, { type: 'language' }).of(code) ?? code

/** The reader's own variant of the language (`de-AT`, `en-GB`); the language itself where the browser speaks another. */
export const locale: string =
  (typeof navigator === 'undefined' ? [] : (navigator.languages ?? [])).find((l) => l.split('-')[0] === language) ??
  language

/** Marks a text that nothing around it shows to be one: a lone word of a script. The build puts the translation here. */
export const say = (english: string): string => english
