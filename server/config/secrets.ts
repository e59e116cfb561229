/**
 * Secrets: `${ENV:NAME}` and `${file:/path}` anywhere in a text value. They are put in just before validation,
 * so the document that problems, the editor and the dashboard see holds only the placeholders.
 */
import { existsSync, lstatSync, readFileSync, realpathSync } from 'node:fs'
import { isAbsolute, resolve, sep } from 'node:path'
import { nearest } from './nearest.ts'
import type { Path, Report } from './problem.ts'

export interface SecretSources {
  env: Readonly<Record<string, string | undefined>>
  /** Reads a secret file; default: `secretFileReader(folder)`. Throws a sentence that says what is wrong. */
  readFile: (path: string) => string
}

const PLACEHOLDER = /\$\{(\w+):([^}]*)\}/g

/** Larger than any key file. */
const SECRET_BYTES_MAX = 64 * 1024

export const hasPlaceholder = (text: string): boolean => text.search(PLACEHOLDER) >= 0

export interface Resolved {
  value: unknown
  /** Replaces every resolved secret in a text: for messages that a connector's own validation wrote. */
  scrub(text: string): string
}

/** Puts the secrets in. Each one that is missing is a problem that names it; no value is ever part of a message. */
export function resolveSecrets(value: unknown, sources: SecretSources, report: Report): Resolved {
  const secrets = new Set<string>()
  const walk = (v: unknown, path: Path): unknown => {
    if (typeof v === 'string')
      return v.replaceAll(PLACEHOLDER, (whole, source: string, name: string) => one(whole, source, name, path))
    if (Array.isArray(v)) return v.map((item, i) => walk(item, [...path, i]))
    if (v !== null && typeof v === 'object' && !(v instanceof Date))
      return Object.fromEntries(Object.entries(v).map(([key, item]) => [key, walk(item, [...path, key])]))
    return v
  }
  const one = (whole: string, source: string, name: string, path: Path): string => {
    const found = source === 'ENV' ? fromEnvironment(name) : source === 'file' ? fromFile(name) : unknownSource(source)
    if ('wrong' in found) {
      report(path, found.wrong, found.meant === undefined ? {} : { suggestion: found.meant })
      return whole
    }
    if (found.text.length > 3) secrets.add(found.text)
    return found.text
  }
  const fromEnvironment = (name: string): Found => {
    const text = sources.env[name]
    if (text === undefined) {
      const meant = nearest(name, Object.keys(sources.env))
      return {
        wrong: `the environment has no variable ${name}`,
        ...(meant !== undefined && { meant: `\${ENV:${meant}}` }),
      }
    }
    return text === '' ? { wrong: `the environment variable ${name} is empty` } : { text }
  }
  const fromFile = (path: string): Found => {
    try {
      const text = sources.readFile(path).replace(/\r?\n$/, '')
      return text === '' ? { wrong: `the secret file ${path} is empty` } : { text }
    } catch (e) {
      return { wrong: (e as Error).message }
    }
  }
  const scrub = (text: string) =>
    [...secrets].sort((a, b) => b.length - a.length).reduce((t, s) => t.replaceAll(s, '[secret]'), text)
  return { value: walk(value, []), scrub }
}

type Found = { text: string } | { wrong: string; meant?: string }

function unknownSource(source: string): Found {
  const meant = nearest(source, ['ENV', 'file'])
  return {
    wrong: `unknown secret source ${source}; write \${ENV:NAME} or \${file:/path}`,
    ...(meant !== undefined && { meant }),
  }
}

/**
 * Reads secret files. With `folder`, only files whose real path is below it, so that a configuration cannot
 * name other files of the machine; links are followed only while they stay inside (mounted secret volumes are
 * links). Without `folder`, links are refused.
 */
export function secretFileReader(folder?: string): (path: string) => string {
  return (path) => {
    if (!folder && !isAbsolute(path)) throw new Error(`the secret file ${path} must be written as an absolute path`)
    const wanted = folder ? resolve(folder, path) : path
    let real: string
    try {
      real = realpathSync(wanted)
    } catch {
      throw new Error(`the secret file ${path} does not exist or may not be read`)
    }
    if (folder) {
      const base = existsSync(folder) ? realpathSync(folder) : folder
      if (!real.startsWith(base + sep)) throw new Error(`the secret file ${path} is outside of the folder for secrets`)
    } else if (lstatSync(wanted).isSymbolicLink()) {
      throw new Error(`the secret file ${path} is a symbolic link; name the file itself`)
    }
    const stat = lstatSync(real)
    if (!stat.isFile()) throw new Error(`the secret file ${path} is not a regular file`)
    if (stat.size > SECRET_BYTES_MAX)
      throw new Error(`the secret file ${path} is larger than ${SECRET_BYTES_MAX} bytes`)
    try {
      return readFileSync(real, 'utf8')
    } catch {
      throw new Error(`the secret file ${path} may not be read`)
    }
  }
}
