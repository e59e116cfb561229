/** A world for checks: the real stores, real canonical records and real identities, a hand-turned clock, any landscape. */
import { canonicalise } from '../../model/canonicalise.ts'
import { kindOf } from '../../model/kinds.ts'
import type { CanonicalRecord } from '../../model/record.ts'
import type { Check, Example } from '../../server/check/contract.ts'
import { compareFindings, exampleSteps, exampleStreams } from '../../server/check/examples.ts'
import { runChecks, type CheckRunResult, type RunOptions } from '../../server/check/run.ts'
import { buildLandscape } from '../../server/config/landscape.ts'
import { configSchema, type Config } from '../../server/config/schema.ts'
import type { Context } from '../../server/context.ts'
import { identify } from '../../server/identify/identify.ts'
import { createLog } from '../../server/log.ts'
import type { ControlStore } from '../../server/store/control/control.ts'
import type { Facts } from '../../server/store/facts/facts.ts'
import { findings, type StoredFinding } from '../../server/store/facts/findings.ts'
import { appendVersions } from '../../server/store/facts/versions.ts'
import { handClock, type HandClock } from './clock.ts'
import { place } from './placed-records.ts'

export type PlatformWish = { role: string; scope?: Record<string, string[]>; timezone?: string } & Record<
  string,
  unknown
>

export interface CheckWorldOptions {
  facts: Facts
  control: ControlStore
  platforms: Record<string, PlatformWish>
  checks: Check[]
  /** Instant at which the world begins. */
  at?: string
  /** Further keys of plumbline.yaml. */
  config?: Record<string, unknown>
  /** Records of different answers know nothing of which fields the others hold. */
  apart?: (record: WishedRecord) => string
}

/** A record in the words of `export records`: platform, kind, record_id, then common and canonical fields. */
export type WishedRecord = { platform: string; kind: string; record_id: string } & Record<string, unknown>

export interface CheckWorld {
  ctx: Context
  clock: HandClock
  /** Stores new versions of these records, seen now: what collecting leaves behind. */
  store(...records: WishedRecord[]): Promise<void>
  /** The same, and identifies them. */
  put(...records: WishedRecord[]): Promise<void>
  /** Stores them where identification would have put them: `entity` (and `customer_entity`) say where each belongs. Fast. */
  place(...records: (WishedRecord & { entity: string })[]): Promise<void>
  /** Every stream of these platforms (default: all) has been read through this instant (default: now). */
  read(through?: string | number | null, platforms?: string[], kinds?: string[]): void
  check(options?: RunOptions): Promise<CheckRunResult[]>
  findings(): Promise<StoredFinding[]>
}

const COMMON = new Set([
  'platform',
  'kind',
  'record_id',
  'entity_id',
  'status',
  'refs',
  'created_at',
  'changed_at',
  'deleted',
  'merged_into',
  'changed_by',
  'correlation_id',
  'custom',
  'observed_at',
  'entity',
  'customer_entity',
])

export function checkWorld({
  facts,
  control,
  platforms,
  checks,
  at = '2026-11-20T12:00:00.000Z',
  config: further = {},
  apart = () => '',
}: CheckWorldOptions): CheckWorld {
  const config = configSchema.parse({
    ...further,
    platforms: Object.fromEntries(
      Object.entries(platforms).map(([name, { keeps: _, ...p }]) => [
        name,
        { connector: 'files', config: { folder: '.' }, ...p },
      ]),
    ),
  }) as Config
  const clock = handClock(at)
  const declared = () => control.streams()
  const landscape = buildLandscape(config, {
    keeps: (platform, kind) => declared().some((s) => s.platform === platform && s.kind === kind),
  })
  const log = createLog({ clock, level: 'error' })
  const ctx: Context = {
    config,
    landscape,
    connectors: new Map(),
    checks,
    facts,
    control,
    clock,
    log,
    signal: new AbortController().signal,
  }
  /** Fields that any record of the platform and kind ever carried: what its columns are. */
  const held = new Map<string, Set<string>>()
  const holder = (r: WishedRecord) => `${r.platform} ${r.kind} ${apart(r)}`
  const hold = (records: readonly WishedRecord[]) => {
    for (const r of records) {
      const fields = held.get(holder(r)) ?? new Set<string>()
      for (const name of Object.keys(flat(r))) fields.add(name)
      held.set(holder(r), fields)
    }
  }

  const world: CheckWorld = {
    ctx,
    clock,
    async place(...records) {
      hold(records)
      for (const [key, group] of grouped(records)) {
        const [platform, kind] = key.split(' ') as [string, string]
        control.declareStream(platform, kind, kind)
        await place(
          ctx,
          kind,
          group.map((r) => ({
            record: canonical(config, r, [...held.get(holder(r))!]),
            entity: r['entity'] as string,
            customer: (r['customer_entity'] as string | undefined) ?? '',
          })),
        )
      }
    },
    async store(...records) {
      hold(records)
      for (const [key, group] of grouped(records)) {
        const [platform, kind] = key.split(' ') as [string, string]
        control.declareStream(platform, kind, kind)
        await appendVersions(
          facts,
          control,
          kind,
          kind,
          group.map((r) => canonical(config, r, [...held.get(holder(r))!])),
          clock.now(),
        )
      }
    },
    async put(...records) {
      await world.store(...records)
      await identify(ctx)
    },
    read(through = clock.now(), only = Object.keys(platforms), kinds) {
      const instant = typeof through === 'string' ? Date.parse(through) : through
      for (const platform of only) {
        for (const kind of kinds ??
          declared()
            .filter((s) => s.platform === platform)
            .map((s) => s.stream)) {
          control.declareStream(platform, kind, kind)
          control.commitStream(platform, kind, { completeThrough: instant, lastSuccessAt: clock.now() })
          control.markStream({ platform, stream: kind, at: clock.now(), completeThrough: instant })
        }
      }
    },
    check: (options) => runChecks(ctx, options),
    findings: () => findings(facts, {}),
  }
  return world
}

/** Everything that an example left behind in the facts, so that the next one begins with nothing. */
export async function forget(facts: Facts): Promise<void> {
  const tables = await facts.query<{ name: string }>(
    `select name from system.tables where database = {database:String} and engine not like '%View' and name != 'migrations' and total_rows > 0`,
    { database: facts.database },
  )
  for (const { name } of tables) await facts.command(`truncate table ${facts.database}.${name}`)
}

/** Runs one example of a check through the real engine; says what is wrong with what was found. */
export async function runExample(
  facts: Facts,
  control: ControlStore,
  check: Check,
  example: Example,
): Promise<string[]> {
  const steps = exampleSteps(example)
  const world = checkWorld({
    facts,
    control,
    platforms: example.platforms,
    checks: [check],
    at: new Date(steps[0]?.at ?? Date.parse(example.at)).toISOString(),
    ...(example.config && { config: example.config }),
  })
  for (const { platform, kind } of exampleStreams(check, example)) control.declareStream(platform, kind, kind)
  for (const step of steps) {
    world.clock.set(step.at)
    await world.store(...(step.records as WishedRecord[]))
  }
  world.clock.set(Date.parse(example.at))
  await identify(world.ctx)
  for (const { platform, kind, completeThrough } of exampleStreams(check, example))
    control.commitStream(platform, kind, { completeThrough, lastSuccessAt: Date.parse(example.at) })
  for (const [key, value] of Object.entries(example.learned ?? {})) control.set(key, JSON.stringify(value))
  const [result] = await world.check()
  if (result!.error) return [`failed: ${result!.error.message}`]
  return compareFindings(
    example.findings,
    (await world.findings()).filter((f) => f.state !== 'resolved'),
  )
}

/** Groups like `bill_to: { city }` become `bill_to.city`; common fields are left out. */
function flat(record: Record<string, unknown>): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(record)) {
    if (COMMON.has(name)) continue
    if (value !== null && typeof value === 'object' && !Array.isArray(value))
      for (const [part, v] of Object.entries(value)) fields[`${name}.${part}`] = v
    else fields[name] = value
  }
  return fields
}

function canonical(config: Config, record: WishedRecord, held: string[]): CanonicalRecord {
  const kind = kindOf(record.kind)
  const { platform } = record
  const text = (name: string) => record[name] as string | undefined
  return canonicalise(
    kind,
    {
      record_id: record.record_id,
      ...(record['status'] !== undefined && { status: text('status') }),
      refs: (record['refs'] ?? {}) as Record<string, string>,
      created_at: text('created_at') ?? null,
      changed_at: text('changed_at') ?? null,
      deleted: record['deleted'] === true,
      merged_into: text('merged_into') ?? null,
      changed_by: text('changed_by') ?? null,
      correlation_id: text('correlation_id') ?? null,
      fields: flat(record),
      custom: (record['custom'] ?? {}) as Record<string, unknown>,
    },
    { platform, timezone: config.platforms[platform]?.timezone ?? 'UTC', held, map: () => null },
  )
}

function grouped(records: readonly WishedRecord[]): Map<string, WishedRecord[]> {
  const groups = new Map<string, WishedRecord[]>()
  for (const r of records) {
    const key = `${r.platform} ${r.kind}`
    groups.set(key, [...(groups.get(key) ?? []), r])
  }
  return groups
}
