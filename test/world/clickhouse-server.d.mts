/** Types of the ClickHouse server for tests. */
export interface ClickHouseServer {
  url: string
  path: string
  pid: number
  /** Resolves when the engine process ends, however that comes about. */
  exited: Promise<{ code: number | null; signal: string | null }>
  /** Closes the server; running queries get `graceMs` to finish before the process is killed. */
  stop(graceMs?: number): Promise<{ code: number | null; signal: string | null }>
}

/** Starts one on a free loopback port and waits until it answers. Close your clients before you stop it. */
export function startClickHouseServer(options: {
  /** Data folder; one process each. */
  path: string
  httpPort?: number
  readyTimeoutMs?: number
  stdio?: 'inherit' | 'ignore'
}): Promise<ClickHouseServer>
