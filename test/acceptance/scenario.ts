/**
 * Scenario: platforms as CSV text in, the exact set of exported findings out. All scenarios of a file share one engine;
 * each has a database, a folder and a control store of its own.
 */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { KINDS } from '../../model/kinds.ts'
import { kindFor } from '../../server/check/look.ts'
import { loadChecks, shippedChecks } from '../../server/check/read.ts'
import { loadText, required } from '../../server/config/load.ts'
import type { Context } from '../../server/context.ts'
import { discoverConnectors, foldersOf } from '../../server/discover.ts'
import { exported } from '../../server/export.ts'
import { createLog } from '../../server/log.ts'
import { collectAll, look } from '../../server/round.ts'
import { openControl } from '../../server/store/control/sqlite.ts'
import { openFacts } from '../../server/store/facts/open.ts'
import { handClock, type HandClock } from '../world/clock.ts'

export const NOW = '2026-11-20T12:00:00Z'

/** `crm/customers` → CSV text; `crm/manifest.json` is written as it is. */
export type Tables = Record<string, string>

export interface Setting {
  files: Tables
  /** Further top-level YAML of plumbline.yaml. */
  config?: string
  /** Platform → keys that replace `role: <name>`, as in `role: erp, scope: { legal_entity: [US01] }`. */
  platforms?: Record<string, string>
  /** Instant of all files of this setting, or of one platform or file. */
  at?: string | Record<string, string>
  asOf?: string
}

export interface Finding {
  id: string
  issue: string
  check: string
  category: string
  kind: string
  field: string | null
  subject: { platform: string; kind: string; record_id: string }[]
  scope: Record<string, string>
  verdict: string
  cause: string
  owner_platform: string | null
  platform: string | null
  expected: Record<string, string | null>
  actual: Record<string, string | null>
  amount_at_risk: string | null
  currency: string | null
  state: string
  regressed: boolean
}

export interface World {
  ctx: Context
  clock: HandClock
  put(files: Tables, at?: Setting['at']): void
  remove(path: string): void
  /** Collects and checks as of the clock, or of `asOf`; the findings that are not resolved. */
  round(options?: { asOf?: string; full?: boolean; quiet?: boolean }): Promise<Finding[]>
  all(): Promise<Finding[]>
  close(): Promise<void>
}

const root = mkdtempSync(join(tmpdir(), 'plumbline-acceptance-'))
const connectors = await discoverConnectors(foldersOf('connectors'))
let number = 0
let keeper: Promise<Awaited<ReturnType<typeof openFacts>>> | null = null

/** For afterAll of each file. */
export async function closeAll(): Promise<void> {
  await (await keeper)?.close()
  rmSync(root, { recursive: true, force: true })
}

function yamlOf(setting: Setting): string {
  const names = [
    ...new Set([...Object.keys(setting.platforms ?? {}), ...Object.keys(setting.files).map((f) => f.split('/')[0]!)]),
  ]
  const rows = names.map((name) => {
    const keys = setting.platforms?.[name] ?? `role: ${name}`
    const own = keys.includes('config:') ? '' : `, config: { folder: ./${name} }`
    return `  ${name}: { connector: files, ${keys}${own} }`
  })
  return `platforms:\n${rows.join('\n')}\n${setting.config ?? ''}`
}

/** Lines of an indented template, trimmed, without the blank ones. */
const csv = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n') + '\n'

export async function world(setting: Setting): Promise<World> {
  const folder = join(root, String(++number))
  mkdirSync(folder, { recursive: true })
  const clock = handClock(setting.asOf ?? NOW)
  const put: World['put'] = (files, at = iso(clock.now())) => {
    for (const [path, text] of Object.entries(files)) {
      const file = join(folder, /\.\w+$/.test(path) ? path : `${path}.csv`)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, file.endsWith('.csv') ? csv(text) : text)
      const stamp = typeof at === 'string' ? at : (at[path] ?? at[path.split('/')[0]!] ?? iso(clock.now()))
      utimesSync(file, new Date(stamp), new Date(stamp))
    }
  }
  put(setting.files, setting.at)
  const { config, landscape } = required(
    loadText(join(folder, 'plumbline.yaml'), yamlOf(setting), { env: {}, connectors }),
  )
  keeper ??= openFacts({ path: join(root, 'facts'), database: 'keeper' })
  await keeper
  // A check over kinds that no file of the scenario has can say nothing, and costs time.
  const kept = new Set(
    [...KINDS]
      .filter((k) =>
        Object.keys(setting.files).some(
          (f) => f.includes(`/${k.name}`) || f.includes(`/${k.name.replace(/y$/, 'ie')}s`),
        ),
      )
      .map((k) => k.name),
  )
  const ctx: Context = {
    config,
    landscape,
    connectors,
    checks: loadChecks([shippedChecks(), ...config.checks.folders], config).filter(
      (c) =>
        kindFor(c)
          .reads(c)
          .some((k) => kept.has(k)) || c.kind === 'fresh',
    ),
    facts: await openFacts({ path: join(root, 'facts'), database: `s${number}` }),
    control: openControl(join(folder, 'control.sqlite')),
    clock,
    log: createLog({ clock, level: 'error' }),
    signal: new AbortController().signal,
  }
  const all = async () => {
    let text = ''
    for await (const piece of exported(ctx, { what: 'findings', format: 'ndjson' })) text += piece as string
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Finding)
  }
  return {
    ctx,
    clock,
    put,
    remove: (path) => rmSync(join(folder, path)),
    all,
    async round({ asOf, full = false, quiet = false } = {}) {
      for (const outcome of await collectAll(ctx)) if (outcome.error && !quiet) throw outcome.error
      const results = await look(ctx, { full, ...(asOf !== undefined && { asOf: Date.parse(asOf) }) })
      for (const { check, error } of results) if (error) throw new Error(`${check}: ${error.message}`, { cause: error })
      return (await all()).filter((f) => f.state !== 'resolved')
    },
    async close() {
      await ctx.facts.close()
      ctx.control.close()
    },
  }
}

const iso = (ms: number) => new Date(ms).toISOString()

/**
 * One line a finding: `mismatch customer.payment_terms erp>crm crm:S1 erp:N1 drift open =12.50 EUR`. The amount is left
 * out where it is null.
 */
export function line(f: Finding): string {
  const subject = f.subject
    .map((s) => `${s.platform}:${s.record_id}`)
    .sort()
    .join(' ')
  const scope = f.category === 'total' ? ` ${Object.values(f.scope).join('/')}` : ''
  const amount = f.amount_at_risk === null ? '' : ` =${f.amount_at_risk} ${f.currency ?? '?'}`
  const field = f.field === null ? '' : `.${f.field}`
  return `${f.category} ${f.kind}${field} ${f.owner_platform ?? '-'}>${f.platform ?? '-'} ${subject}${scope} ${f.verdict} ${f.state}${amount}`
}

export const lines = (findings: readonly Finding[]) => findings.map(line).sort()

/** Runs a setting once, as a full check, and gives its findings as lines. */
export async function found(setting: Setting): Promise<string[]> {
  const w = await world(setting)
  try {
    return lines(await w.round({ full: true, ...(setting.asOf !== undefined && { asOf: setting.asOf }) }))
  } finally {
    await w.close()
  }
}
