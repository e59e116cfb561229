/** Talking to the server that holds the data folder: two processes never open it at once. */
import { existsSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import type { HookView } from '../api/intake.ts'
import { localRequest } from '../http/local.ts'
import { dataFolder } from '../open.ts'
import { runningServer } from '../store/lock.ts'
import type { Globals } from './command.ts'

/** The `data` key alone: the running server has validated the rest, and may use secrets that we cannot see. */
function configuredData(file: string): string | undefined {
  if (!existsSync(file)) return undefined
  try {
    const data = (parse(readFileSync(file, 'utf8')) as { data?: unknown } | null)?.data
    return typeof data === 'string' ? data : undefined
  } catch {
    // A file that is not YAML is told about, with its line, by whoever loads it next.
    return undefined
  }
}

export const serverOf = (globals: Globals) =>
  runningServer(dataFolder(globals.data, configuredData(globals.config), globals.config))

/** One call of the running server's API; null when no server runs on this data folder. */
export async function askServer<T>(
  globals: Globals,
  call: { method: 'GET' | 'POST' | 'DELETE'; path: string; json?: unknown },
): Promise<T | null> {
  const server = serverOf(globals)
  if (!server) return null
  const { json, ...rest } = call
  return JSON.parse(await localRequest(server, { ...rest, ...(json !== undefined && { json }) })) as T
}

/** Runs a job in the running server and returns its result; null when no server runs. */
export async function askServerToRun<T>(globals: Globals, job: Record<string, unknown>): Promise<T | null> {
  const reply = await askServer<{ result: T }>(globals, { method: 'POST', path: '/v1/jobs', json: job })
  return reply && reply.result
}

/** Streams a document of the running server to `write`; false when no server runs. */
export async function downloadFromServer(
  globals: Globals,
  path: string,
  write: (piece: Buffer) => void,
): Promise<boolean> {
  const server = serverOf(globals)
  if (!server) return false
  await localRequest(server, { method: 'GET', path, onChunk: write })
  return true
}

/** What has come in at the running server's doors; null when no server runs. */
export async function askIntake(globals: Globals): Promise<HookView[] | null> {
  const reply = await askServer<{ hooks: HookView[] }>(globals, { method: 'GET', path: '/v1/intake' })
  return reply && reply.hooks
}
