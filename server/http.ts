/**
 * Safe fetch: the only way out to a platform. `createHttp` keeps what must outlive a run (budget, tokens, connections,
 * call log); `bind` gives one run its `ConnectorHttp`.
 *
 * A request goes: address checked → credentials → budget → exchange → reading of the reply. Failures that may pass
 * are tried again with backoff, throttling waits as long as the platform asks, a refused token is renewed once.
 */
import type { Connector, ConnectorContext, ConnectorHttp, HttpReply, HttpRequest } from '../connectors/contract.ts'
import type { ConnectorLine } from '../connectors/outside.ts'
import { createCredentials } from '../connectors/oauth.ts'
import { JsonError, parseExact } from '../connectors/exact-json.ts'
import { setMaxListeners } from 'node:events'
import type { LookupFunction } from 'node:net'
import { SpanStatusCode, trace } from '@opentelemetry/api'
import type { Clock } from './clock.ts'
import { asError, PlumblineError } from './errors.ts'
import { checkUrl, guardedLookup } from './http/address.ts'
import type { BudgetState, Priority } from './http/budget.ts'
import { createBudget } from './http/budget.ts'
import type { Call } from './http/calls.ts'
import { createCallLog, masked } from './http/calls.ts'
import { backoffMs, classify } from './http/classify.ts'
import type { ExchangeReply } from './http/exchange.ts'
import { createWire } from './http/exchange.ts'
import { createLine } from './http/line.ts'
import { absolute, hostOf, isRedirect, prepared, recordTokens, redirected } from './http/request.ts'
import type { Prepared, UsedTokens } from './http/request.ts'

export interface HttpOptions {
  platform: string
  connector: Pick<Connector<never>, 'base' | 'hosts' | 'authorise' | 'budget' | 'errors' | 'limits'>
  /** The connector's configuration, validated. */
  config: unknown
  clock: Clock
  allowPrivateNetwork: boolean
  /** Our configured share of the call budget. */
  share?: { calls: number; windowMs: number; reserve?: number | undefined }
  /** 0 ≤ x < 1: jitter. Seeded in tests. */
  random?: () => number
  /** Name resolution; the address guard by default. */
  lookup?: LookupFunction
}

export interface Tally {
  /** Requests that were sent, repeated ones included. */
  calls: number
  /** Requests that were sent again because an earlier attempt failed. */
  retries: number
  /** Answers that refused a request because of the rate limit. */
  throttles: number
}

export interface PlatformHttp {
  /** The connector's door for one run. `context` is what `authorise` receives. */
  bind(run: { context: () => ConnectorContext<never>; signal: AbortSignal; priority: Priority }): ConnectorHttp
  /** The same for connections of another protocol. */
  line(run: { signal: AbortSignal; priority: Priority }): ConnectorLine
  budget(): BudgetState
  calls(): Call[]
  /** Counted since the start of the process. */
  tally(): Tally
  close(): void
}

/** Attempts at one request: failures that may pass, and waits that the platform asked for. */
const ATTEMPTS = 5
const THROTTLES = 5
/** Methods that change something: tried again only when the platform says that it did nothing (429). */
const WRITES = new Set(['PUT', 'PATCH', 'DELETE'])

export function createHttp(options: HttpOptions): PlatformHttp {
  const { platform, connector, clock, allowPrivateNetwork } = options
  const config = options.config as never
  const random = options.random ?? Math.random
  const base = connector.base?.(config)
  const said = connector.errors && ((reply: HttpReply) => connector.errors!(reply, config))
  const hosts = new Set([...(base ? [base] : []), ...(connector.hosts?.(config) ?? [])].map(hostOf))
  const budget = createBudget({
    platform,
    limits: connector.limits,
    clock,
    ...(options.share && { share: options.share }),
  })
  const credentials = createCredentials(clock)
  const lookup = options.lookup ?? guardedLookup(allowPrivateNetwork)
  const wire = createWire(clock, lookup, connector.limits.concurrency)
  const calls = createCallLog()
  const tally: Tally = { calls: 0, retries: 0, throttles: 0 }
  const tracer = trace.getTracer('plumbline')

  /** One attempt: budget, exchange, reading of the reply. */
  async function once(request: Prepared, attempt: number, signal: AbortSignal): Promise<HttpReply> {
    const give = await budget.acquire(request.priority, signal)
    tally.calls++
    if (attempt > 1) tally.retries++
    const began = clock.now()
    const call: Call = {
      at: began,
      method: request.method,
      url: masked(request.url),
      status: null,
      code: null,
      ms: 0,
      bytes: 0,
      attempt,
    }
    const span = tracer.startSpan(`HTTP ${request.method}`, {
      attributes: {
        'http.request.method': request.method,
        'server.address': request.url.hostname,
        'plumbline.platform': platform,
        'http.request.resend_count': attempt - 1,
      },
    })
    try {
      const got = await wire.exchange({ ...request, signal })
      call.status = got.status
      call.bytes = got.bytes
      span.setAttribute('http.response.status_code', got.status)
      const reply = replyOf(got, request.where)
      if (got.cut) throw saidBefore(got.cut, () => classify(reply, request.where, platform, said, clock.now()))
      const reading = connector.budget?.(reply, config)
      if (reading) budget.learn(reading)
      const wrong =
        request.accept.has(reply.status) || isRedirect(reply)
          ? undefined
          : classify(reply, request.where, platform, said, clock.now())
      if (wrong) throw wrong
      return reply
    } catch (thrown) {
      const error = asError(thrown)
      call.code = error.code
      if (error.code === 'rate_limited') tally.throttles++
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.code })
      throw error
    } finally {
      call.ms = clock.now() - began
      calls.add(call)
      span.end()
      give()
    }
  }

  /** Tries until it is an answer or a failure that trying again cannot change. */
  async function persist(
    original: HttpRequest,
    prepare: () => Promise<Prepared>,
    signal: AbortSignal,
    used: UsedTokens,
  ): Promise<HttpReply> {
    let throttles = 0
    let renewed = false
    for (let attempt = 1; ; attempt++) {
      const request = await prepare()
      try {
        return await once(request, attempt, signal)
      } catch (thrown) {
        const error = asError(thrown)
        if (signal.aborted) throw error
        if (error.code === 'auth' && error.status !== 403 && !renewed && !original.anonymous && used.drop()) {
          renewed = true
          continue
        }
        if (error.code === 'rate_limited' && error.status !== undefined && error.retryable && ++throttles < THROTTLES) {
          budget.throttled(Math.max(error.retryAfterMs ?? 0, backoffMs(throttles, random)))
          continue
        }
        const again =
          error.retryable &&
          error.code === 'upstream' &&
          attempt < ATTEMPTS &&
          !WRITES.has(request.method) &&
          !request.once
        if (!again) throw error
        await clock.sleep(Math.max(error.retryAfterMs ?? 0, backoffMs(attempt, random)), signal)
      }
    }
  }

  return {
    budget: () => budget.state(),
    calls: () => calls.list(),
    tally: () => ({ ...tally }),
    close: () => wire.close(),
    line: ({ signal, priority }) =>
      createLine(
        { platform, hosts, allowPrivateNetwork, lookup, budget, calls, tally, clock, random },
        signal,
        priority,
      ),
    bind: ({ context, signal, priority }) => ({
      async request(original) {
        // Every request under way listens for the end; that is no leak.
        setMaxListeners(0, signal)
        let url = absolute(original, base)
        for (let hops = 0; ; hops++) {
          checkUrl(url, hosts, allowPrivateNetwork)
          const used = recordTokens(credentials)
          const here = url
          const prepare = () =>
            prepared(original, here, priority, async (request) =>
              original.anonymous ? {} : ((await connector.authorise?.(context(), request, used.credentials)) ?? {}),
            )
          const reply = await persist(original, prepare, signal, used)
          if (!isRedirect(reply) || original.accept?.includes(reply.status)) return reply
          url = redirected(reply, url, original, hosts, hops, platform)
        }
      },
    }),
  }
}

/** An answer that was cut off may have said why (ClickHouse ends it with the exception); that half of one has no shape says nothing. */
function saidBefore(cut: PlumblineError, read: () => PlumblineError | undefined): PlumblineError {
  try {
    const wrong = read()
    return wrong === undefined || wrong.code === 'schema' ? cut : wrong
  } catch {
    return cut
  }
}

function replyOf(got: ExchangeReply, where: string): HttpReply {
  let parsed: { value: unknown } | undefined
  return {
    status: got.status,
    headers: got.headers,
    text: got.text,
    ...(got.body && { bytes: got.body }),
    json() {
      try {
        return (parsed ??= { value: parseExact(got.text) }).value
      } catch (cause) {
        const reason = cause instanceof JsonError ? cause.message : 'not valid JSON'
        throw new PlumblineError('schema', `The answer of ${where} cannot be read: ${reason}.`, {
          cause,
          retryable: false,
        })
      }
    },
  }
}
