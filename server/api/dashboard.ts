/** The dashboard's files: hashed assets for ever, one page for every address, in the language of who asks. */
import { Hono } from 'hono'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { extname, join } from 'node:path'
import type { GuardEnv, GuardOptions } from './guard.ts'
import { languageFor } from './language.ts'
import { problem } from './problem.ts'

const TYPES: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
}

/** Reads all files once: the dashboard is small, and nothing outside its folder can be asked for. */
function load(folder: string): Map<string, { body: Uint8Array<ArrayBuffer>; type: string }> {
  const files = new Map<string, { body: Uint8Array<ArrayBuffer>; type: string }>()
  if (!existsSync(folder)) return files
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const url = path.slice(folder.length).replaceAll('\\', '/')
    files.set(url, {
      body: new Uint8Array(readFileSync(path)),
      type: TYPES[extname(entry.name)] ?? 'application/octet-stream',
    })
  }
  return files
}

/** The page in English, and in every other language that was built: `index.de.html`. */
const PAGE = /^\/index(?:\.([a-z]{2}))?\.html$/

export function dashboard(folder: string, options: Pick<GuardOptions, 'control'>) {
  const files = load(folder)
  const shipped = [...files.keys()].flatMap((url) => PAGE.exec(url)?.slice(1) ?? []).map((l) => l ?? 'en')
  const languages = ['en', ...shipped.filter((l) => l !== 'en')]
  return new Hono<GuardEnv>().get('*', (c) => {
    const file = c.req.path === '/' ? undefined : files.get(c.req.path)
    if (file && !PAGE.test(c.req.path)) {
      const immutable = c.req.path.startsWith('/assets/')
      return c.body(file.body, 200, {
        'content-type': file.type,
        'cache-control': immutable ? 'public, max-age=31536000, immutable' : 'public, max-age=3600',
      })
    }
    if (extname(c.req.path) && !c.req.header('accept')?.includes('text/html'))
      return problem(c, 404, { title: `There is no ${c.req.path}.`, code: 'not_found' })
    const language = languageFor(c, options, languages)
    const page = files.get(language === 'en' ? '/index.html' : `/index.${language}.html`)
    if (!page)
      return problem(c, 404, { title: 'The dashboard is not built.', code: 'not_found', remedy: 'Run: npm start' })
    return c.body(page.body, 200, { 'content-type': 'text/html; charset=utf-8' })
  })
}
