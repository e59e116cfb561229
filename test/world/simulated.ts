/** A connector against its simulated platform: the real HTTP door, records that a test writes, faults that it injects. */
import type {
  Connector,
  ConnectorContext,
  Cursor,
  EventPage,
  Page,
  RawRow,
  Stream,
  StreamContext,
} from '../../connectors/contract.ts'
import type { ApiFault, PlatformState, RunningSimulator, SimRecord, Simulator } from '../../lab/platform.ts'
import type { RecordedEvent } from '../../model/event.ts'
import type { RawRecord } from '../../model/record.ts'
import type { Clock } from '../../server/clock.ts'
import { createHttp } from '../../server/http.ts'
import type { PlatformHttp } from '../../server/http.ts'

/** Numbers of records that are made through the API: far from those that tests give out. */
const MADE = 50_000

type Request = { method: string; path: string }

export interface Simulated {
  state: PlatformState
  running: RunningSimulator
  http: PlatformHttp
  /** What the middleware has recorded: a test adds to it. */
  told: RecordedEvent[]
  /** Requests that the platform saw, in order. */
  seen: Request[]
  logged: string[]
  set(ms: number): void
  now(): number
  /** Writes a record, or changes the one with its kind and id. */
  put(record: Partial<SimRecord> & { kind: string; id: string }): SimRecord
  /** What the next requests meet, until it returns null for all of them. */
  meet(fault: (request: Request, n: number) => ApiFault | null): void
  context(extra?: Partial<StreamContext<never>>): StreamContext<never>
  stream(name: string): Promise<Stream<never>>
  /** Pages of recorded events, as the collector asks for them. */
  events(cursor?: Cursor): Promise<EventPage[]>
  read(name: string, cursor?: Cursor, mode?: 'changes' | 'full', pageSize?: number): Promise<Page[]>
  mapped(name: string, pages: Page[]): Promise<RawRecord[]>
  stop(): Promise<void>
}

export async function simulated(
  simulator: Simulator,
  connector: Connector<never>,
  options: {
    now?: string
    config?: (shipped: Record<string, unknown>) => Record<string, unknown>
    timezone?: string
  } = {},
): Promise<Simulated> {
  const clock = swiftClock(Date.parse(options.now ?? '2026-11-20T12:00:00Z'))
  const records = new Map<string, SimRecord>()
  let fault: (request: Request, n: number) => ApiFault | null = () => null
  const seen: Request[] = []
  let made = 0
  const told: RecordedEvent[] = []
  const state: PlatformState = {
    name: simulator.vendor,
    vendor: simulator.vendor,
    now: clock.now,
    records: (kind) => [...records.values()].filter((r) => r.kind === kind && r.visibleAt <= clock.now()),
    record: (kind, id) => records.get(`${kind}/${id}`),
    change(kind, id, { by, refs = {}, fields = {}, state, deleted }) {
      const before = id === null ? undefined : records.get(`${kind}/${id}`)
      const left = Object.entries({ ...before?.refs, ...refs }).filter(([, of]) => of !== null) as [string, string][]
      return put({
        kind,
        id: id ?? simulator.id(kind, MADE + made++),
        fields: { ...before?.fields, ...fields },
        refs: Object.fromEntries(left),
        changedBy: by,
        changedAt: clock.now(),
        ...(state !== undefined && { state }),
        ...(deleted === true && { deletedAt: clock.now() }),
      })
    },
    told: () => told.filter((e) => Date.parse(e.at) <= clock.now()),
    api: { next: (request) => (seen.push(request), fault(request, seen.length)) },
  }
  function put(record: Partial<SimRecord> & { kind: string; id: string }): SimRecord {
    const key = `${record.kind}/${record.id}`
    const at = clock.now()
    const before = records.get(key) ?? {
      fields: {},
      state: null,
      refs: {},
      createdAt: at,
      changedBy: 'somebody@example.com',
    }
    const next = { changedAt: at, visibleAt: 0, ...before, ...record } as SimRecord
    records.set(key, next)
    return next
  }
  const running = await simulator.start(state)
  const shipped = running.platformConfig['config'] as Record<string, unknown>
  const config = connector.config.parse(options.config?.(shipped) ?? shipped)
  const http = createHttp({
    platform: simulator.vendor,
    connector,
    config,
    clock,
    allowPrivateNetwork: true,
    random: () => 0.5,
  })
  const logged: string[] = []
  const log = (message: string, fields?: object) => void logged.push(`${message} ${JSON.stringify(fields ?? {})}`)
  const signal = new AbortController().signal
  const bound = http.bind({ context: () => context() as ConnectorContext<never>, signal, priority: 'read' })
  const timezone = options.timezone ?? String(running.platformConfig['timezone'] ?? 'UTC')

  function context(extra: Partial<StreamContext<never>> = {}): StreamContext<never> {
    const files = undefined as never
    return {
      platform: simulator.vendor,
      config,
      timezone,
      http: bound,
      line: http.line({ signal, priority: 'read' }),
      files,
      clock,
      log: { info: log, warn: log },
      signal,
      mode: 'changes',
      pageSize: 200,
      ...extra,
    }
  }
  async function stream(name: string) {
    const streams = connector.discover ? await connector.discover(context()) : connector.streams
    const found = streams.find((s) => s.name === name)
    if (!found) throw new Error(`no stream ${name} among ${streams.map((s) => s.name).join(', ')}`)
    return found
  }
  return {
    state,
    running,
    told,
    http,
    seen,
    logged,
    context,
    stream,
    set: clock.set,
    now: clock.now,
    put,
    meet: (next) => void (fault = next),
    async events(cursor = null) {
      const pages: EventPage[] = []
      for await (const page of connector.events!(context() as never, cursor)) pages.push(page)
      return pages
    },
    async read(name, cursor = null, mode = 'changes', pageSize = 200) {
      const pages: Page[] = []
      for await (const page of (await stream(name)).read(context({ mode, pageSize }), cursor)) pages.push(page)
      return pages
    },
    async mapped(name, pages) {
      const from = await stream(name)
      return pages.flatMap((p) => p.rows).map((row: RawRow) => from.map(row, context()))
    },
    async stop() {
      http.close()
      await running.stop()
    },
  }
}

export const ids = (pages: Page[]) => pages.flatMap((p) => p.rows.map((r) => r.id))
export const lastCursor = (pages: Page[]): Cursor => pages.findLast((p) => p.cursor !== undefined)?.cursor ?? null

/** Waits between attempts pass at once; deadlines, which are long, only pass with real time. */
function swiftClock(start: number): Clock & { set(ms: number): void } {
  let time = start
  return {
    now: () => time,
    set: (ms) => void (time = ms),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error)
        if (ms < 15_000) {
          time += ms
          return resolve()
        }
        const timer = setTimeout(resolve, ms)
        signal?.addEventListener('abort', () => (clearTimeout(timer), reject(signal.reason as Error)), { once: true })
      }),
  }
}
