/**
 * The lock of the data folder: one process at a time. It is an operating-system lock on a small SQLite file, so that it
 * goes with its holder however that ends: no lock is ever left behind, and no reused process number can keep one alive.
 */
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PlumblineError } from '../errors.ts'
import { openSqlite } from './control/driver.ts'

export interface DataLock {
  /** Tells the command line where the server of this folder answers. The token lets it act there; the file is for this user only. */
  writeServer(server: { url: string; token: string }): void
  release(): void
}

export interface RunningServer {
  url: string
  token: string
  pid: number
}

interface Holder {
  pid: number
  /** Start of that process as the kernel counts it; null where it does not tell. */
  started: string | null
  since: string
}

/** How long to wait for a holder that is just about to leave. */
const PATIENCE_MS = 500

/** The locks of this process. Out of reach of the collector of garbage, which would close a database and so let go of its lock. */
const held = new Set<ReturnType<typeof openSqlite>>()

/** @throws PlumblineError conflict naming who holds the folder; config if it lies on a network file system. */
export function lockDataFolder(folder: string, now: () => number = Date.now): DataLock {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  refuseNetworkFileSystem(folder)
  const db = openSqlite(join(folder, 'lock'))
  try {
    db.exec(`pragma busy_timeout = ${PATIENCE_MS}`)
    // Held open for the life of the process; nothing is ever written.
    db.exec('begin exclusive')
  } catch (cause) {
    db.close()
    throw refusal(folder, cause)
  }
  held.add(db)
  const me: Holder = { pid: process.pid, started: startOf(process.pid), since: new Date(now()).toISOString() }
  write(join(folder, HOLDER), me)
  rmSync(join(folder, SERVER), { force: true })
  let released = false
  return {
    writeServer: (server) => write(join(folder, SERVER), { ...server, ...me }),
    release() {
      if (released) return
      released = true
      for (const file of [SERVER, HOLDER]) rmSync(join(folder, file), { force: true })
      db.exec('rollback')
      db.close()
      held.delete(db)
    },
  }
}

const HOLDER = 'lock.json'
const SERVER = 'server.json'

/** The server that runs on this folder now; null if none does. For the command line, which then asks it instead of opening the folder. */
export function runningServer(folder: string): RunningServer | null {
  const server = read<RunningServer & Holder>(join(folder, SERVER))
  return server && alive(server) ? { url: server.url, token: server.token, pid: server.pid } : null
}

function refusal(folder: string, cause: unknown): PlumblineError {
  if (!/locked|busy/i.test((cause as Error).message))
    return new PlumblineError('sql', `The folder ${folder} cannot be locked: ${(cause as Error).message}.`, {
      cause,
      remedy: 'Check that this user may write there.',
    })
  const holder = read<Holder>(join(folder, HOLDER))
  const server = runningServer(folder)
  const who = holder
    ? `process ${holder.pid}, since ${holder.since}${server ? `, answering at ${server.url}` : ''}`
    : 'another process'
  return new PlumblineError('conflict', `The data folder ${folder} is in use by ${who}.`, {
    cause,
    remedy: server
      ? `Use that server, stop it, or give another folder with --data.`
      : 'Wait until it ends, stop it, or give another folder with --data.',
  })
}

/** True while a process with this number runs, whosever it is. */
export function processRuns(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (e) {
    return (e as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function alive({ pid, started }: Holder): boolean {
  if (!processRuns(pid)) return false
  const now = startOf(pid)
  return started === null || now === null || started === now
}

/** Field 22 of /proc/<pid>/stat; the name before it, in parentheses, may hold anything. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}

function read<T>(file: string): T | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T
  } catch {
    return null
  }
}

/** Whole or not at all, and for this user only. */
function write(file: string, value: object): void {
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, JSON.stringify(value), { mode: 0o600 })
  chmodSync(draft, 0o600)
  renameSync(draft, file)
}

/** File systems whose locks and syncs do not hold what both databases rely on: type as statfs tells it → name. */
const NETWORK: Record<number, string> = {
  0x6969: 'NFS',
  0xff534d42: 'CIFS',
  0xfe534d42: 'SMB',
  0x517b: 'SMB',
  0x564c: 'NCP',
  0x5346414f: 'AFS',
  0x73757245: 'Coda',
  0x01021997: '9p',
}

/** Name of the network file system that this type stands for, or null. */
export function networkFileSystem(type: number): string | null {
  return NETWORK[type >>> 0] ?? null
}

function refuseNetworkFileSystem(folder: string): void {
  const name = networkFileSystem(statfsSync(folder).type)
  if (name)
    throw new PlumblineError(
      'config',
      `The data folder ${folder} lies on a network file system (${name}), where acknowledged data can be lost.`,
      {
        remedy:
          'Choose a folder on a local disk, or set CLICKHOUSE_URL for the facts and keep only the small rest locally.',
      },
    )
}

export interface DiskRoom {
  freeBytes: number
  totalBytes: number
  /** Too little for the merges of the facts: collecting should stop before the disk does it. */
  low: boolean
}

/** Free space below which a full disk is near: merges need room for copies of what they merge. */
const LOW_BYTES = 1024 * 1024 * 1024

export function diskRoom(folder: string): DiskRoom {
  const { bavail, blocks, bsize } = statfsSync(folder)
  const freeBytes = bavail * bsize
  return { freeBytes, totalBytes: blocks * bsize, low: freeBytes < LOW_BYTES }
}
