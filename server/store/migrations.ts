/** Migrations: numbered SQL files, applied once each and forward only. Shared by both stores. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PlumblineError } from '../errors.ts'

export interface Migration {
  number: number
  name: string
  sql: string
}

/** Migrations below `store/<store>/migrations`, in order. */
export function migrationsOf(store: 'facts' | 'control'): Migration[] {
  const folder = folderOf(`server/store/${store}/migrations`)
  const found = readdirSync(folder)
    .filter((file) => /^\d{4}_[a-z0-9_]+\.sql$/.test(file))
    .sort()
    .map((file) => ({
      number: Number(file.slice(0, 4)),
      name: file.slice(0, -4),
      sql: readFileSync(join(folder, file), 'utf8'),
    }))
  found.forEach((m, i) => {
    if (m.number !== i + 1)
      throw new PlumblineError('config', `Migration ${m.name} is out of order.`, {
        file: join(folder, `${m.name}.sql`),
        remedy: `Number it ${String(i + 1).padStart(4, '0')}.`,
      })
  })
  return found
}

/** Compiled code lies in dist/, but the SQL files stay in the source tree: the nearest folder above that has them. */
function folderOf(path: string): string {
  for (let at = dirname(fileURLToPath(import.meta.url)); ; at = dirname(at)) {
    const folder = join(at, path)
    if (existsSync(folder)) return folder
    if (dirname(at) === at)
      throw new PlumblineError('config', `The SQL files of ${path} are missing.`, {
        remedy: 'Install Plumbline again; its folder is incomplete.',
      })
  }
}

/**
 * Those still to run.
 * @throws PlumblineError config if the data was written by a newer version than this one.
 */
export function pending(known: readonly Migration[], applied: readonly number[], what: string): Migration[] {
  const newest = Math.max(0, ...applied)
  if (newest > known.length)
    throw new PlumblineError(
      'config',
      `${what} was written by a newer version of Plumbline (schema ${newest}, this version knows ${known.length}).`,
      {
        remedy: 'Start the newer version again, or restore a backup taken before the upgrade.',
      },
    )
  return known.filter((m) => !applied.includes(m.number))
}
