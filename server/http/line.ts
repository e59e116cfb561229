/**
 * Lines: connections for platforms that speak a protocol of their own instead of HTTP. The same guard of addresses, the
 * same budget, call log and patience as the HTTP door; what is said over a line is the connector's work.
 */
import { isIP, Socket } from 'node:net'
import type { LookupFunction } from 'node:net'
import type { ConnectorLine, LineCall } from '../../connectors/outside.ts'
import type { Clock } from '../clock.ts'
import { asError, PlumblineError } from '../errors.ts'
import { isBlocked } from './address.ts'
import type { Priority, RateBudget } from './budget.ts'
import type { CallLog } from './calls.ts'
import { backoffMs } from './classify.ts'
import { failure } from './exchange.ts'

/** Attempts at one conversation; longest conversation unless the caller says otherwise. */
const ATTEMPTS = 5
const TIMEOUT_MS = 60_000

export interface LineParts {
  platform: string
  /** The only `host:port` that lines may lead to. */
  hosts: ReadonlySet<string>
  allowPrivateNetwork: boolean
  lookup: LookupFunction
  budget: RateBudget
  calls: CallLog
  tally: { calls: number; retries: number; throttles: number }
  clock: Clock
  random: () => number
}

/** A socket that leads where it was made to lead, whatever it is told. */
class Line extends Socket {
  readonly #to: { host: string; port: number; lookup: LookupFunction }
  constructor(to: { host: string; port: number; lookup: LookupFunction }) {
    super()
    this.#to = to
  }
  override connect(): this {
    return super.connect(this.#to)
  }
}

export function createLine(parts: LineParts, signal: AbortSignal, priority: Priority): ConnectorLine {
  const { budget, calls, tally, clock, random } = parts
  return {
    async converse(call, talk) {
      check(parts, call)
      for (let attempt = 1; ; attempt++) {
        const give = await budget.acquire(call.priority ?? priority, signal)
        tally.calls++
        if (attempt > 1) tally.retries++
        const began = clock.now()
        let code: string | null = null
        try {
          return await bounded(parts, call, signal, talk)
        } catch (thrown) {
          const error = asError(thrown)
          code = error.code
          if (error.code === 'rate_limited') {
            tally.throttles++
            budget.throttled(Math.max(error.retryAfterMs ?? 0, backoffMs(attempt, random)))
          }
          if (!error.retryable || attempt >= ATTEMPTS || signal.aborted) throw error
        } finally {
          const url = `${call.host}:${call.port}`
          calls.add({
            at: began,
            method: call.what,
            url,
            status: null,
            code,
            ms: clock.now() - began,
            bytes: 0,
            attempt,
          })
          give()
        }
        if (code !== 'rate_limited') await clock.sleep(backoffMs(attempt, random), signal)
      }
    },
  }
}

/** One conversation, ended at its deadline or when the run is stopped. */
async function bounded<T>(
  { lookup, clock }: LineParts,
  { host, port, timeoutMs = TIMEOUT_MS }: LineCall,
  signal: AbortSignal,
  talk: (socket: Socket) => Promise<T>,
): Promise<T> {
  const url = new URL(`tcp://${host.includes(':') ? `[${host}]` : host}:${port}`)
  const socket = new Line({ host, port, lookup })
  const over = new AbortController()
  const broken = new Promise<never>((_, reject) => {
    const end = (reason: Error) => {
      reject(reason)
      socket.destroy()
    }
    signal.addEventListener('abort', () => end(signal.reason as Error), { once: true, signal: over.signal })
    clock.sleep(timeoutMs, over.signal).then(
      () => end(Object.assign(new Error(`did not finish within ${timeoutMs / 1000} s`), { code: 'ELATE' })),
      () => {},
    )
  })
  try {
    return await Promise.race([talk(socket), broken])
  } catch (thrown) {
    // What the connector understood is told in its words; the rest is the connection's own failure.
    if (thrown instanceof Error && (thrown.name === 'ConnectorError' || thrown instanceof PlumblineError)) throw thrown
    throw failure(thrown, url, signal)
  } finally {
    over.abort()
    socket.destroy()
  }
}

/** @throws PlumblineError `config` */
function check({ hosts, allowPrivateNetwork }: LineParts, { host, port, encrypted }: LineCall): void {
  const refuse = (reason: string, remedy: string): never => {
    throw new PlumblineError('config', `The address ${host}:${port} is refused: ${reason}.`, { remedy })
  }
  if (!hosts.has(`${host}:${port}`.toLowerCase()))
    refuse('the host is not one of this platform’s own', 'Check the address in the platform’s settings.')
  if (!encrypted && !allowPrivateNetwork)
    refuse(
      'only encrypted connections are allowed',
      'Use TLS, or set allow_private_network for a platform inside your own network.',
    )
  if (isIP(host) !== 0 && isBlocked(host, allowPrivateNetwork))
    refuse(
      'it lies in a private or reserved network',
      'Set allow_private_network if the platform is inside your own network.',
    )
}
