/** Landscape: the laboratory's company in simulated time, with its platforms, its planted faults and the truth about them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { ApiRates } from './api-faults.ts'
import { apiFaults } from './api-faults.ts'
import { Company } from './company/company.ts'
import { learn } from './company/learn.ts'
import type { Latency } from './company/ownership.ts'
import { DEFAULT_PLATFORMS, planFor } from './company/platforms.ts'
import type { PlatformPlan } from './company/platforms.ts'
import { populate } from './company/population.ts'
import type { World } from './company/world.ts'
import { buildConfig } from './config.ts'
import type { LabConfig } from './config.ts'
import { findSimulators } from './discover.ts'
import { PlatformHistory } from './history.ts'
import { plant } from './plant.ts'
import type { Wanted } from './plant.ts'
import type { Mutation, RunningSimulator, Simulator } from './platform.ts'
import { busLog } from './platforms/bus-log.ts'
import type { BusLog } from './platforms/bus-log.ts'
import { dropFiles } from './platforms/files-drop.ts'
import { hash32 } from './random.ts'
import { DAY } from './time.ts'
import type { Truth } from './truth.ts'

export interface LandscapeOptions {
  seed?: string | number
  /** Companies that the laboratory hears of; about six in seven are won. */
  customers?: number
  /** First instant of the observed history (epoch ms or ISO). Customers are won up to a year before. */
  start?: number | string
  days?: number
  /** Faults of each kind: a number for all kinds, or per kind; 0 is a healthy company. */
  faults?: Wanted
  /** Things that look like faults and are none, of each kind. */
  decoys?: number
  platforms?: readonly string[]
  /** How platforms are read: over their simulated APIs where there is one, or all as CSV files. */
  via?: 'http' | 'files'
  /** Time for readers; left out: the instant last given to `advance`. */
  clock?: { now(): number }
  /** Share of requests that meet a fault of the API. */
  api?: Partial<ApiRates>
  /** Platform → how far its clock is off, milliseconds. */
  skewMs?: Readonly<Record<string, number>>
  /** Longest time after which a write becomes visible to readers, milliseconds. */
  visibleAfterMs?: number
  /** Share of followers' values in a spelling of their own. */
  spelling?: number
  /** Legal entity (or *) → role that issues its invoices. */
  issuer?: Record<string, string>
  /** Ordinary delays and windows, where they differ from the shipped ones. */
  lags?: Record<Latency, readonly [number, number]>
  windows?: Record<Latency, number>
  /**
   * Before it is scored the landscape is only read: for so many days before its end, so often; the last one that applies.
   * `fullEvery`: every so manieth reading enumerates everything.
   */
  watched?: readonly { days: number; everyHours: number; fullEvery?: number }[]
  /** Folder for platforms that are read from files; default: a new temporary one. */
  folder?: string
}

export interface Landscape {
  seed: string
  start: number
  end: number
  company: Company
  world: World
  states: ReadonlyMap<string, PlatformHistory>
  truth: Truth
  via: 'http' | 'files'
  /** Instant that readers are at. */
  now(): number
  /** Moves readers to an instant of the history, or lives on beyond its end. */
  advance(to: number): void
  /** Starts the simulated APIs and writes the first files. */
  begin(): Promise<void>
  /** Writes the files of file-shaped platforms as of now: before every collection. */
  deliver(): Promise<void>
  /** plumbline.yaml as an object, and as text. Only after `begin`. */
  config(): LabConfig
  configYaml(): string
  /** Requests that the APIs have served. */
  requests(): Record<string, number>
  /** What the APIs were made to change, per platform, in the vendor's own ledger. */
  mutations(): Record<string, readonly Mutation[]>
  stop(): Promise<void>
}

/** The company of the published score. */
export const STANDARD = {
  seed: 'plumbline',
  customers: 150,
  start: '2026-08-22T12:00:00.000Z',
  days: 90,
  faults: 3,
  decoys: 3,
} as const

/** A bad week: more customers, APIs that throttle, fail and lose cursors, late rows and clocks that are off. */
export const HEAVY = {
  ...STANDARD,
  seed: 'plumbline-heavy',
  customers: 600,
  faults: 9,
  decoys: 8,
  visibleAfterMs: 4000,
  api: { throttle: 0.02, error: 0.012, hang: 0.003, truncated: 0.004, expired_session: 0.003, expired_cursor: 0.003 },
  skewMs: { salesforce: 1500, netsuite: -2500, stripe: 700, zendesk: -1200 },
} as const

/**
 * Ten platforms at once: three roles are held twice, and every platform has every customer. Read every few hours of the last
 * days and looked at once, because a look over ten platforms is what takes time.
 */
export const TEN = {
  ...STANDARD,
  customers: 60,
  faults: 1,
  decoys: 1,
  platforms: [
    'salesforce',
    'netsuite',
    'stripe',
    'zendesk',
    'provisioning',
    'shopify',
    'planhat',
    'hubspot',
    'servicenow',
    'gainsight',
  ],
  watched: [{ days: 2, everyHours: 4, fullEvery: 1 }],
} as const satisfies LandscapeOptions

/**
 * Two warehouses that hold a copy of the customers, their invoices and payments of their own, beside the platforms that they are
 * loaded from: what a load lost, changed or doubled there is drift like any other.
 */
export const WAREHOUSE = {
  ...STANDARD,
  customers: 40,
  days: 45,
  faults: 2,
  decoys: 1,
  platforms: ['salesforce', 'netsuite', 'stripe', 'zendesk', 'clickhouse', 'postgresql'],
  watched: [{ days: 2, everyHours: 6, fullEvery: 1 }],
} as const satisfies LandscapeOptions

/** Landscapes that go by a name where platforms are named. */
export const NAMED: Readonly<Record<string, LandscapeOptions>> = { ten: TEN, warehouse: WAREHOUSE }

/**
 * The company whose habits are watched: seen at these instants before anybody looks for drift, so that what is usual is
 * known. Read from files, because weeks of reading over HTTP tell no more.
 */
export const HABITS = {
  seed: 'plumbline-habits',
  customers: 110,
  start: '2026-10-11T12:00:00.000Z',
  days: 40,
  faults: { slow_edge: 1, thin_stream: 1, schema_change: 0 },
  via: 'files',
  platforms: ['salesforce', 'netsuite', 'zendesk'],
  watched: [
    { days: 31, everyHours: 24 },
    { days: 10, everyHours: 2 },
  ],
} as const satisfies LandscapeOptions

/** Billing issues the invoices of the American company, the ERP those of all others. */
export const ISSUER: Record<string, string> = { '*': 'erp', 'LM-US': 'billing' }

export async function createLandscape(options: LandscapeOptions = {}): Promise<Landscape> {
  const seed = String(options.seed ?? STANDARD.seed)
  const start = typeof options.start === 'number' ? options.start : Date.parse(options.start ?? STANDARD.start)
  const end = start + (options.days ?? STANDARD.days) * DAY
  const via = options.via ?? 'http'
  const simulators = via === 'http' ? await findSimulators() : new Map<string, Simulator>()
  const plans = (options.platforms ?? DEFAULT_PLATFORMS).map((name) => planFor(name, simulators.get(name)))
  let at = end
  const now = options.clock ? () => options.clock!.now() : () => at
  const states = new Map(plans.map((plan) => [plan.name, historyOf(plan, seed, now, options)]))
  const company = new Company({
    seed,
    origin: start - 430 * DAY,
    plans,
    histories: states,
    issuer: options.issuer ?? ISSUER,
    spelling: options.spelling ?? 0.25,
    ...(options.lags && { lags: options.lags }),
    ...(options.windows && { windows: options.windows }),
  })
  for (const [name, state] of states) {
    state.newId = (kind) => company.newId(name, kind)
    state.onChange = (before, after, change) => learn(company, name, before, after, change)
  }
  const world = populate(company, { customers: options.customers ?? STANDARD.customers, start, end })
  const truth: Truth = { seed, start, end, faults: [], decoys: [], lacking: {} }
  plant(world, truth, options.faults ?? STANDARD.faults, options.decoys ?? 0)
  company.agenda.run(end)
  truth.faults.sort((a, b) => a.injectedAt - b.injectedAt)
  const delivery = deliveryOf(
    states,
    plans.filter((p) => simulators.has(p.name)).map((p) => [p.name, simulators.get(p.name)!]),
    now,
    options.folder,
    busLog(company.bus, (options.visibleAfterMs ?? 0) > 0),
  )
  const config = () =>
    buildConfig({
      plans,
      running: delivery.running,
      folder: delivery.folder(),
      issuer: options.issuer ?? ISSUER,
      windows: company.windows,
    })
  return {
    seed,
    start,
    end,
    company,
    world,
    states,
    truth,
    via,
    now,
    advance(to) {
      company.agenda.run(to)
      at = to
    },
    begin: delivery.begin,
    deliver: delivery.deliver,
    config,
    configYaml: () => stringify(config(), { aliasDuplicateObjects: false }),
    requests: () => Object.fromEntries([...delivery.running].map(([name, api]) => [name, api.requests()])),
    mutations: () => Object.fromEntries([...delivery.running].map(([name, api]) => [name, api.mutations?.() ?? []])),
    stop: delivery.stop,
  }
}

/** Requests that read a stream which may stand still: the API refuses them then. */
const STREAMS: Record<string, Record<string, RegExp>> = { zendesk: { case: /tickets/ } }

function historyOf(plan: PlatformPlan, seed: string, now: () => number, options: LandscapeOptions): PlatformHistory {
  const { name, vendor, freeSpelling: fromFiles } = plan
  const late = options.visibleAfterMs ?? 0
  return new PlatformHistory({
    name,
    vendor,
    now,
    skewMs: options.skewMs?.[name] ?? 0,
    ...(options.api && { api: apiFaults(`${seed}/${name}`, options.api) }),
    ...(!fromFiles && { streams: STREAMS[vendor] ?? {} }),
    // One write in five waits; drawn from its time, so that looking does not change it.
    ...(late > 0 && {
      visibleAfterMs: (at: number) => (hash32(`${name}/${at}`) % 5 === 0 ? hash32(`${at}/${name}`) % late : 0),
    }),
  })
}

/** The running part: APIs and file drops. */
function deliveryOf(
  states: ReadonlyMap<string, PlatformHistory>,
  apis: readonly (readonly [string, Simulator])[],
  now: () => number,
  wanted: string | undefined,
  log: BusLog,
) {
  const running = new Map<string, RunningSimulator>()
  let folder = wanted ?? null
  const byFile = [...states.values()].filter((state) => !apis.some(([name]) => name === state.name))
  const deliver = async () => {
    if (folder === null) return
    for (const state of byFile) await dropFiles(join(folder, state.name), state, now())
    await log.deliver(folder, now())
  }
  return {
    running,
    folder: () => folder,
    deliver,
    async begin() {
      folder ??= await mkdtemp(join(tmpdir(), 'plumbline-lab-'))
      for (const [name, simulator] of apis) running.set(name, await simulator.start(states.get(name)!))
      await deliver()
    },
    async stop() {
      await Promise.all([...running.values()].map((api) => api.stop()))
      running.clear()
      if (folder !== null && wanted === undefined) await rm(folder, { recursive: true, force: true })
    },
  }
}
