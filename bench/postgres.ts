/** PostgreSQL: the third peer, where it is installed; a cluster of its own in the benchmark's folder, reached by socket alone. */
import { spawnSync } from 'node:child_process'
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { countsOf } from './duckdb.ts'
import type { Counts } from './ours.ts'
import { FIELDS, KEYS, PLATFORMS } from './world.ts'

export interface Postgres {
  version: string
  run(sql: string): Counts
  /** Processor time of the server and all its workers so far, milliseconds. */
  cpuMs(): number
  close(): void
}

/** Where distributions put the programs that are not on the path. */
const HOME = '/usr/lib/postgresql'

/** Folder of initdb and pg_ctl, of the newest version; null where PostgreSQL is not installed. */
export function findPostgres(): string | null {
  if (!existsSync(HOME)) return null
  const newest = readdirSync(HOME).sort((a, b) => Number(b) - Number(a))
  return newest.map((v) => join(HOME, v, 'bin')).find((bin) => existsSync(join(bin, 'initdb'))) ?? null
}

/** The server refuses to run as root; its package brings a user of its own. */
const AS_USER = process.getuid?.() === 0 ? ['runuser', '-u', 'postgres', '--'] : []

function run(command: readonly string[], stdin: number | 'ignore' = 'ignore'): string {
  const [program, ...args] = command as [string, ...string[]]
  const done = spawnSync(program, args, { stdio: [stdin, 'pipe', 'pipe'], encoding: 'utf8' })
  if (done.status !== 0) throw new Error(`${program} failed: ${done.error?.message ?? done.stderr}`)
  return done.stdout
}

/** @throws if a program of PostgreSQL fails, with what it said. */
export function openPostgres(bin: string, folder: string, threads: number): Postgres {
  const place = join(folder, 'postgres')
  mkdirSync(place)
  for (const path of [join(folder, '..'), folder, place]) chmodSync(path, 0o755)
  if (AS_USER.length) run(['chown', 'postgres', place])
  const data = join(place, 'data')
  run([
    ...AS_USER,
    join(bin, 'initdb'),
    '-D',
    data,
    '-U',
    'bench',
    '-A',
    'trust',
    '--locale=C',
    '-E',
    'UTF8',
    '--no-sync',
  ])
  // As fast as it goes: nothing need survive, and the tables fit into memory.
  const settings = `-c listen_addresses= -c unix_socket_directories=${place} -c shared_buffers=2GB -c work_mem=512MB -c fsync=off -c wal_level=minimal -c max_wal_senders=0 -c max_parallel_workers_per_gather=${threads} -c max_parallel_workers=${threads}`
  run([...AS_USER, join(bin, 'pg_ctl'), 'start', '-w', '-s', '-D', data, '-l', join(place, 'log'), '-o', settings])
  const psql = (sql: string, stdin?: number) =>
    run(
      [
        'psql',
        '-X',
        '-A',
        '-t',
        '-F',
        ',',
        '-v',
        'ON_ERROR_STOP=1',
        '-h',
        place,
        '-U',
        'bench',
        '-d',
        'postgres',
        '-c',
        sql,
      ],
      stdin,
    )
  const columns = KEYS.map((k) => `${k} text`).join(', ')
  for (const platform of PLATFORMS) {
    psql(`create table ${platform} (entity bigint, ${columns}, h_legal numeric, h_profile numeric)`)
    const file = openSync(join(folder, `${platform}.TabSeparated`), 'r')
    psql(`copy ${platform} from stdin`, file)
    closeSync(file)
    psql(`alter table ${platform} add primary key (entity)`)
  }
  const union = PLATFORMS.map((p) => `select entity, ${KEYS.join(', ')} from ${p}`).join(' union all ')
  psql(`create table everywhere as select * from (${union}) as each order by entity`)
  psql('vacuum analyze')
  const server = Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0])
  return {
    version: psql('show server_version').trim(),
    run: (sql) => countsOf(psql(sql).trim().split(',').slice(0, FIELDS.length).map(Number)),
    cpuMs: () => processorMs(server),
    close: () => void run([...AS_USER, join(bin, 'pg_ctl'), 'stop', '-s', '-m', 'immediate', '-D', data]),
  }
}

/** Clock ticks of the system are a hundredth of a second. */
const TICK_MS = 10

/** Time of a process with the children that ended, and of those that live. */
function processorMs(server: number): number {
  let ticks = 0
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const fields = statOf(name)
    if (!fields || (Number(name) !== server && Number(fields[1]) !== server)) continue
    // utime, stime, and of the server also cutime and cstime.
    ticks += fields.slice(11, Number(name) === server ? 15 : 13).reduce((sum, n) => sum + Number(n), 0)
  }
  return ticks * TICK_MS
}

/** Fields of /proc/<pid>/stat after the name of the program; null if the process is gone. */
function statOf(pid: string): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return null
  }
}

/** It wants a name for every subquery; the rest of the question is DuckDB’s. */
export const named = (sql: string): string => `${sql}${sql.endsWith(')') ? ' as each_entity' : ''}`
