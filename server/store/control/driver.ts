/** Driver: SQLite through the `node:sqlite` interface, from Node itself where its copy is sound, else from @photostructure/sqlite. */
import { createRequire } from 'node:module'
import type { DatabaseSyncInstance as Database } from '@photostructure/sqlite'
import { PlumblineError } from '../../errors.ts'

type Sqlite = { DatabaseSync: new (path: string) => Database }

/** Versions 3.7.0 to 3.51.2 can corrupt a database when its write-ahead log is reset. */
const SOUND = [3, 51, 3] as const

/** @throws PlumblineError config if no sound SQLite is at hand. */
export function openSqlite(path: string): Database {
  const tried: string[] = []
  for (const [name, load] of [
    ['Node', builtIn],
    ['@photostructure/sqlite', packaged],
  ] as const) {
    const sqlite = load()
    if (!sqlite) continue
    const version = versionOf(sqlite)
    if (sound(version)) return new sqlite.DatabaseSync(path)
    tried.push(`${name} brings ${version}`)
  }
  throw new PlumblineError(
    'config',
    `No usable SQLite: version ${SOUND.join('.')} or newer is needed${tried.length ? ` (${tried.join(', ')})` : ''}.`,
    {
      remedy: 'Run npm install again, or use a newer Node.',
    },
  )
}

export function sound(version: string): boolean {
  const parts = version.split('.').map(Number)
  for (const [i, least] of SOUND.entries()) {
    const part = parts[i] ?? 0
    if (part !== least) return part > least
  }
  return true
}

function versionOf({ DatabaseSync }: Sqlite): string {
  const db = new DatabaseSync(':memory:')
  try {
    return String(Object.values(db.prepare('select sqlite_version()').get() as object)[0])
  } finally {
    db.close()
  }
}

/** Node 22.13 and newer. Its notice that the module is experimental would stand on top of every command's output. */
function builtIn(): Sqlite | null {
  const { getBuiltinModule } = process as unknown as { getBuiltinModule?: (id: string) => Sqlite | undefined }
  const emit = process.emitWarning
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
    if (!/SQLite is an experimental feature/.test(String(warning))) Reflect.apply(emit, process, [warning, ...rest])
  }) as typeof emit
  try {
    return getBuiltinModule?.('node:sqlite') ?? null
  } finally {
    process.emitWarning = emit
  }
}

function packaged(): Sqlite | null {
  try {
    return createRequire(import.meta.url)('@photostructure/sqlite') as Sqlite
  } catch {
    return null
  }
}
