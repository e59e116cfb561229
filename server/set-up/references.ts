/**
 * References: what stands in plumbline.yaml in the place of a secret. What is pasted into the dashboard is written to a file of
 * its own in the data folder, for this user only; the configuration and the draft hold `${file:…}` or `${ENV:…}` alone.
 */
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'
import type { Connector } from '../../connectors/contract.ts'
import { hasPlaceholder, secretFileReader } from '../config/secrets.ts'
import { isMarked, mapMarked, schemasAt } from '../config/shape.ts'
import { PlumblineError } from '../errors.ts'

/** Where a container's secrets are mounted. */
const MOUNTED = '/run/secrets'
const WHOLE = /^\$\{(ENV:[A-Za-z_][A-Za-z0-9_]*|file:[^}]+)\}$/

/** Writes a secret down. @returns what stands in its place */
export function keepSecret(folder: string, platform: string, place: string, value: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = join(resolve(folder), `${platform}-${place.replaceAll(/[^a-z0-9_.-]/gi, '-')}`)
  writeFileSync(file, value, { mode: 0o600 })
  return `\${file:${file}}`
}

/** Reads secret files that the dashboard may name: its own and mounted ones. No other file of the machine. */
export function namedFiles(folder: string): (path: string) => string {
  const readers = [folder, MOUNTED].map((base) => ({ base: resolve(base), read: secretFileReader(resolve(base)) }))
  return (path) => {
    const at = resolve(path)
    const found = readers.find(({ base }) => at.startsWith(base + sep) || at.startsWith(realOf(base) + sep))
    if (!found) throw new Error(`the secret file ${path} lies neither in ${folder} nor in ${MOUNTED}`)
    return found.read(at)
  }
}

function realOf(folder: string): string {
  try {
    return realpathSync(folder)
  } catch {
    return folder
  }
}

/**
 * @throws PlumblineError schema where a secret is written out, or where anything but a secret takes what the environment or
 * a file holds: a person at the dashboard must not send them elsewhere as an address or a name.
 */
export function onlyReferences(connector: Connector<never>, config: Record<string, unknown>, platform: string): void {
  mapMarked(connector.config, 'secret', config, (value, path) => {
    if (typeof value === 'string' && value !== '' && !WHOLE.test(value))
      throw new PlumblineError('schema', `${[platform, ...path].join('.')} is a secret in plain text.`, {
        remedy: 'Keep it first (POST /v1/set-up/secrets), or name ${ENV:NAME} or ${file:/path}.',
      })
    return value
  })
  const walk = (value: unknown, path: (string | number)[]): void => {
    if (typeof value === 'string') {
      const secret = schemasAt(connector.config, path).some((s) => isMarked(s, 'secret'))
      if (hasPlaceholder(value) && !secret)
        throw new PlumblineError('schema', `${[platform, ...path].join('.')} is no secret and takes no reference.`, {
          remedy: 'Write the value itself.',
        })
    } else if (Array.isArray(value)) value.forEach((item, n) => walk(item, [...path, n]))
    else if (value !== null && typeof value === 'object')
      for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key])
  }
  walk(config, [])
}
