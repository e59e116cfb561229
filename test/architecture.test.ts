/** The architecture: who may import whom, how long a file may be, where SQL and network calls live. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((f) => f && existsSync(join(ROOT, f)))
const sources = tracked.filter((f) => /\.(ts|svelte|mjs|js|css)$/.test(f) && !f.startsWith('dist/'))
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')

/** Relative imports of a file, as paths from the root, with whether they are types only. */
function imports(file: string): { target: string; typeOnly: boolean }[] {
  const found = [
    ...read(file).matchAll(/(?:import|export)\s+(type\s+)?(?:[^'";]*?\s+from\s+)?['"](\.{1,2}\/[^'"]+)['"]/g),
  ]
  return found.map((m) => ({ target: relative(ROOT, join(ROOT, dirname(file), m[2]!)), typeOnly: m[1] !== undefined }))
}

const STAGES = [
  'collect',
  'identify',
  'check',
  'measure',
  'alert',
  'deliver',
  'report',
  'remedy',
  'intake',
  'compare',
  'trace',
  'retain',
]
const stageOf = (path: string) => STAGES.find((s) => path.startsWith(`server/${s}/`))
/** Contracts that other parts of the product are typed by. */
const SHARED = new Set(['server/check/contract.ts'])

/** The first rule that an import breaks, in words; null when it breaks none. */
function broken(file: string, { target, typeOnly }: { target: string; typeOnly: boolean }): string | null {
  if (file.startsWith('model/') && !target.startsWith('model/')) return 'the model is the ground floor'
  if (file.startsWith('connectors/')) {
    const own = file.split('/')[1]!
    const shared = /^connectors\/[a-z-]+\.ts$/.test(target)
    if (!target.startsWith('model/') && !shared && !target.startsWith(`connectors/${own}/`))
      return 'a connector sees the contract, the shared parts, the model and its own folder'
  }
  const stage = stageOf(file)
  const other = stageOf(target)
  if (stage && other && other !== stage && !SHARED.has(target)) return 'stages meet in the store'
  if (stage && target.startsWith('server/api/')) return 'a stage does not know the API'
  if (file.startsWith('server/store/') && /^server\/(?!store\/|errors|clock|log|version)/.test(target))
    return 'the store knows nothing above it'
  if (file.startsWith('server/') && !file.startsWith('server/commands/') && target.startsWith('lab/'))
    return 'only the demo and lab commands know the laboratory'
  if (file.startsWith('ui/') && target.startsWith('server/') && !typeOnly)
    return 'the dashboard takes only types from the server'
  if (file.startsWith('ui/') && target.startsWith('server/') && target !== 'server/app.ts')
    return 'the dashboard’s types come from server/app.ts'
  if (/^(model|connectors|server|lab)\//.test(file) && /^(test|bench|ui)\//.test(target))
    return 'the product does not depend on its tests'
  return null
}

describe('the architecture', () => {
  it('keeps every import on the permitted side', () => {
    const wrong = sources.flatMap((file) =>
      imports(file).flatMap((i) => (broken(file, i) ? [`${file} → ${i.target}: ${broken(file, i)}`] : [])),
    )
    expect(wrong).toEqual([])
  })

  it('would notice a forbidden import', () => {
    expect(broken('server/collect/collect.ts', { target: 'server/check/run.ts', typeOnly: false })).toBe(
      'stages meet in the store',
    )
    expect(
      broken('connectors/stripe/connector.ts', { target: 'connectors/zendesk/config.ts', typeOnly: false }),
    ).not.toBeNull()
    expect(broken('model/kind.ts', { target: 'server/errors.ts', typeOnly: true })).not.toBeNull()
    expect(broken('ui/api.ts', { target: 'server/app.ts', typeOnly: true })).toBeNull()
  })

  it('keeps every file at 300 lines or fewer', () => {
    const long = sources
      .filter((f) => !f.includes('/fixtures/'))
      .map((f) => ({ f, lines: read(f).split('\n').length - 1 }))
      .filter(({ lines }) => lines > 300)
    expect(long).toEqual([])
  })

  it('says in the first line of every source which concept it is', () => {
    const silent = sources
      .filter((f) => /^(model|connectors|server|lab|bench|bin)\/.*\.(ts|mjs)$/.test(f) && !f.includes('/fixtures/'))
      .filter((f) => !/^(#!.*\n)?(\/\*\*|\/\/)/.test(read(f)))
    expect(silent).toEqual([])
  })

  it('hides nothing behind names that say nothing', () => {
    expect(
      tracked.filter((f) => /(^|\/)(utils?|helpers?|common|misc|managers?|services?|lib)(\.[a-z.]+)?(\/|$)/i.test(f)),
    ).toEqual([])
  })

  it('keeps SQL in the store, in identification and in the check kinds', () => {
    const allowed = /^server\/(store|identify|check\/kinds)\//
    const sql =
      /[`'"]\s*(select\s[\s\S]{0,400}?\sfrom\s|insert into |alter table |create table |truncate table |delete from )/i
    const wrong = sources
      .filter((f) => /^(server|connectors|model|ui)\//.test(f) && !allowed.test(f))
      .filter((f) => sql.test(read(f)))
    // A connector for a platform that is asked in a query language speaks that language, not SQL to our store.
    expect(
      wrong.filter(
        (f) =>
          !/^connectors\/(salesforce|netsuite|zuora|warehouse-|postgresql|clickhouse|snowflake|bigquery)/.test(f) &&
          f !== 'server/api/health.ts',
      ),
    ).toEqual([])
  })

  it('lets only the guarded client reach the network', () => {
    const calls = /(?<![.\w])fetch\(|^import (?!type ).*from 'node:https?'|from 'undici'/m
    const wrong = sources
      .filter((f) => /^(server|connectors|model)\//.test(f) && !/^server\/http(\/|\.ts)/.test(f))
      .filter((f) => calls.test(read(f)))
    expect(wrong).toEqual([])
  })

  it('lets only telemetry.ts know the OpenTelemetry SDK, and only the command line read the environment', () => {
    const sdk = sources.filter((f) => f.startsWith('server/') && /from '@opentelemetry\/(?!api')/.test(read(f)))
    expect(sdk).toEqual(['server/telemetry.ts'])
    const env = sources.filter((f) => /^(server|connectors|model)\//.test(f) && /process\.env/.test(read(f)))
    expect(env.filter((f) => !['server/cli.ts', 'server/crashpoint.ts'].includes(f))).toEqual([])
  })

  it('keeps the lock file portable: no addresses, all platforms of the embedded engine', () => {
    const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, { resolved?: string }> }
    expect(
      Object.entries(lock.packages)
        .filter(([, p]) => p.resolved)
        .map(([name]) => name),
    ).toEqual([])
    const engines = ['darwin-arm64', 'darwin-x64', 'linux-arm64-gnu', 'linux-x64-gnu'].map(
      (p) => `node_modules/@chdb/lib-${p}`,
    )
    expect(engines.filter((e) => !lock.packages[e])).toEqual([])
  })
})
