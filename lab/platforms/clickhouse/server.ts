/**
 * A real ClickHouse server over HTTP, out of the npm package `chdb`: no Docker, no compiler, no download.
 *
 * `clickhouse local` opens its listening socket on SYSTEM START LISTEN. A child process runs it with a query that opens
 * the socket and then reads standard input until end of file. The parent holds the other end of that pipe: closing it
 * stops the server, and the child stops by itself when the parent dies, kill -9 included. Linux with glibc.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { extname, join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const HOST = '127.0.0.1'
const SELF = fileURLToPath(import.meta.url)
const PROCESS = join(SELF, '..', `process${extname(SELF)}`)

export interface ServerOptions {
  /** Data folder; one process each. */
  path: string
  /** Contents of users.xml; left out: `default` alone, who may do anything and has no password. */
  users?: string
  readyTimeoutMs?: number
  stdio?: 'inherit' | 'ignore'
}

export interface ClickHouseServer {
  url: string
  path: string
  pid: number
  /** Resolves when the engine process ends, however that comes about. */
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  /** Closes the server; running queries and connections that are kept open get `graceMs` before it is killed. */
  stop(graceMs?: number): Promise<{ code: number | null; signal: NodeJS.Signals | null }>
}

/** Starts one on a free loopback port and waits until it answers. Close your clients before you stop it. */
export async function startClickHouseServer(options: ServerOptions): Promise<ClickHouseServer> {
  const port = await freePort()
  const path = resolve(options.path)
  mkdirSync(path, { recursive: true })
  const engine = [
    '--multiquery',
    `--path=${path}`,
    `--listen_host=${HOST}`,
    `--http_port=${port}`,
    ...(options.users === undefined ? [] : [`--config-file=${settingsIn(path, options.users)}`]),
    '--query',
    // file('-') is standard input: this query ends when the parent closes the pipe.
    `SYSTEM START LISTEN HTTP; SELECT count() FROM file('-', 'LineAsString', 'line String') SETTINGS max_execution_time = 0`,
  ]
  const output = options.stdio ?? 'inherit'
  const loader = PROCESS.endsWith('.ts') ? ['--import', 'tsx'] : []
  const child = spawn(process.execPath, [...loader, PROCESS, ...engine], { stdio: ['pipe', output, output] })
  // The child may be gone before the pipe is closed.
  child.stdin!.on('error', () => {})
  let ended = false
  const exited = new Promise<Awaited<ClickHouseServer['exited']>>((done) =>
    child.once('exit', (code, signal) => {
      ended = true
      done({ code, signal })
    }),
  )
  const server: ClickHouseServer = {
    url: `http://${HOST}:${port}`,
    path,
    pid: child.pid!,
    exited,
    async stop(graceMs = 10_000) {
      child.stdin!.end()
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
      const result = await exited
      clearTimeout(timer)
      return result
    },
  }
  const deadline = Date.now() + (options.readyTimeoutMs ?? 30_000)
  while (!(await isReady(server))) {
    if (ended) throw new Error(`ClickHouse did not start: its process ended with ${JSON.stringify(await exited)}`)
    if (Date.now() > deadline) {
      await server.stop(0)
      throw new Error(`ClickHouse was not ready at ${server.url} in time`)
    }
    await delay(25)
  }
  return server
}

/** The configuration beside the data. @returns its path */
function settingsIn(path: string, users: string): string {
  const [settings, list] = ['settings.xml', 'users.xml'].map((name) => join(path, name)) as [string, string]
  writeFileSync(list, users)
  writeFileSync(settings, `<clickhouse><users_config>${list}</users_config></clickhouse>`)
  return settings
}

/** True when the server answers and serves the data folder that was asked for: somebody else may hold the port. */
async function isReady({ url, path }: ClickHouseServer): Promise<boolean> {
  try {
    if ((await once(`${url}/ping`)) !== 'Ok.\n') return false
    const served = await once(`${url}/?query=${encodeURIComponent("SELECT getServerSetting('path')")}`)
    return resolve(served.trim()) === path
  } catch {
    return false
  }
}

/** One request on its own connection: the engine waits 5 s for idle ones when it stops. */
function once(url: string): Promise<string> {
  return new Promise((done, fail) => {
    const request = get(url, { agent: false, timeout: 2000 }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (body += chunk))
      response.on('end', () => (response.statusCode === 200 ? done(body) : fail(new Error(body))))
      response.on('error', fail)
    })
    request.on('timeout', () => request.destroy(new Error('timeout')))
    request.on('error', fail)
  })
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer()
    probe.once('error', fail)
    probe.listen(0, HOST, () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => done(port))
    })
  })
}
