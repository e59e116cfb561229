/** Translation at build time: every language is a build of its own, with its words where the English ones stand. */
import { join, relative } from 'node:path'
import { build, type Plugin, type ResolvedConfig } from 'vite'
import { catalogueFile, holdsWords, isLanguage, languages, lookupIn, readCatalogue } from './catalogue.ts'
import { find } from './find.ts'
import { chapters } from './said.ts'
import { write } from './write.ts'

const UI = join(import.meta.dirname, '..')
/** The module of what the server says: see said.ts. */
const SAID = 'virtual:said'
const CHAPTER = /^\0virtual:said\/(\d)$/

/** The book is its chapters, loaded beside one another. */
function book(id: string, language: string): string | null {
  const chapter = CHAPTER.exec(id)?.[1]
  const all = id === `\0${SAID}` || chapter !== undefined ? chapters(language) : []
  if (chapter !== undefined) return `export default ${JSON.stringify(all[Number(chapter)])}`
  if (all.length === 0) return null
  const parts = all.map((_, i) => `import('${SAID}/${i}')`).join(', ')
  return `export default async () => Object.assign({}, ...(await Promise.all([${parts}])).map((part) => part.default))`
}

/** The language of a build, by its mode: `vite build --mode de`. Everything else is English. */
export const languageOf = (mode: string): string => (isLanguage(mode) ? mode : 'en')

/**
 * Goes before the compiler of the components. The English build copies its sources as they are, and builds the other
 * languages after itself: their scripts lie beside its own, their page is `index.<language>.html`.
 */
export function inLanguage(mode: string): Plugin[] {
  const language = languageOf(mode)
  const catalogue = language === 'en' ? {} : readCatalogue(language)
  let config: ResolvedConfig
  return [
    {
      name: 'plumbline:words',
      enforce: 'pre',
      config: () => ({
        define: {
          __LANGUAGE__: JSON.stringify(language),
          __LANGUAGES__: JSON.stringify(['en', ...languages()]),
        },
        ...(language === 'en' ? {} : { build: { emptyOutDir: false } }),
      }),
      configResolved: (resolved) => void (config = resolved),
      resolveId: (id) => (id === SAID || id.startsWith(`${SAID}/`) ? `\0${id}` : null),
      load: (id) => book(id, language),
      transform(source, id) {
        if (language === 'en' || id.includes('?')) return null
        const file = relative(UI, id).replaceAll('\\', '/')
        if (file.startsWith('..') || !holdsWords(file)) return null
        this.addWatchFile(catalogueFile(language))
        return { code: write(source, find(source, file), lookupIn(catalogue, file)), map: null }
      },
      transformIndexHtml: (html) => html.replace(/<html lang="\w+"/, `<html lang="${language}"`),
      async closeBundle() {
        if (language !== 'en' || config.command !== 'build' || mode !== 'production') return
        const { root, configFile, logLevel, build: out } = config
        for (const other of languages())
          await build({
            root,
            configFile: configFile ?? false,
            mode: other,
            logLevel: logLevel ?? 'warn',
            build: { outDir: out.outDir },
          })
      },
    },
    {
      name: 'plumbline:page',
      enforce: 'post',
      generateBundle(_options, bundle) {
        const page = bundle['index.html']
        if (language !== 'en' && page) page.fileName = `index.${language}.html`
      },
    },
  ]
}
