/** The language of this build, and the locale in which it writes numbers, dates and money. */

/** Set by the build: see words/plugin.ts. Undefined where a module is run without it, as in a script. */
declare const __LANGUAGE__: string | undefined

export const language: string = typeof __LANGUAGE__ === 'undefined' ? 'en' : __LANGUAGE__

/** The reader's own variant of the language (`de-AT`, `en-GB`); the language itself where the browser speaks another. */
export const locale: string =
  (typeof navigator === 'undefined' ? [] : (navigator.languages ?? [])).find((l) => l.split('-')[0] === language) ??
  language

/** Marks a text that nothing around it shows to be one: a lone word of a script. The build puts the translation here. */
export const say = (english: string): string => english
