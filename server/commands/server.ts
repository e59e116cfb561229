/** Talking to the server that holds the data folder: two processes never open it at once. */
import { existsSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
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

/** Runs a job in the running server and returns its result; null when no server runs on this data folder. */
export async function askServer<T>(globals: Globals, job: Record<string, unknown>): Promise<T | null> {
  const server = serverOf(globals)
  if (!server) return null
  const reply = await localRequest(server, { method: 'POST', path: '/v1/jobs', json: job })
  return (JSON.parse(reply) as { result: T }).result
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
