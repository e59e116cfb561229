/** Opening: configuration, stores, connectors and checks, put together into the context that every stage works in. */
import { existsSync, mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { Secret } from '../connectors/secret.ts'
import { systemClock, type Clock } from './clock.ts'
import { loadChecks } from './check/read.ts'
import { layCodes } from './code-actions.ts'
import { loadConfig, loadText, required } from './config/load.ts'
import type { Config } from './config/schema.ts'
import type { Context } from './context.ts'
import { discoverConnectors, foldersOf, pluginFolders } from './discover.ts'
import { PlumblineError } from './errors.ts'
import { createLog, type Log, type LogFields } from './log.ts'
import { openControl } from './store/control/sqlite.ts'
import { dropForgottenPasts } from './store/facts/past/tables.ts'
import { openFacts } from './store/facts/open.ts'
import { lockDataFolder, type DataLock } from './store/lock.ts'

export interface OpenOptions {
  configFile: string
  data?: string | undefined
  env: NodeJS.ProcessEnv
  clock?: Clock
  log?: Log
  trace?: () => LogFields
  signal?: AbortSignal
  /** Without a configuration file it begins with an empty configuration, which the set-up then fills. */
  setUp?: boolean
  /** Facts elsewhere than in the data folder: another database of the same engine. */
  facts?: { folder: string; database: string }
}

export interface Opened {
  ctx: Context
  /** Data folder, absolute. */
  data: string
  lock: DataLock
  close(): Promise<void>
}

/** Where the data of a configuration live: --data, then the file's `data` (from the file's folder), then ./data. */
export function dataFolder(option: string | undefined, configured: string | undefined, configFile: string): string {
  if (option !== undefined) return resolve(option)
  return configured === undefined ? resolve('data') : resolve(dirname(configFile), configured)
}

/** @throws PlumblineError with the newcomer's next step when there is no configuration file. */
export function requireConfig(configFile: string): void {
  if (existsSync(configFile)) return
  throw new PlumblineError('config', `There is no configuration file ${configFile}.`, {
    remedy:
      'Copy plumbline.example.yaml to plumbline.yaml and name your first two platforms; or let plumbline start lead through it in the dashboard (without --config, or with --set-up); or see the product at work first with: npm run demo',
  })
}

/** Shipped checks, those of plug-ins, then the configuration's own: a later file replaces an earlier one of the same id. */
export function checkFolders(config: Config, folder: string, plugins: readonly string[]): string[] {
  return [...foldersOf('checks', plugins), ...config.checks.folders.map((f) => resolve(folder, f))]
}

const revealed = (password: string | Secret | undefined) => (password instanceof Secret ? password.reveal() : password)

export async function openContext(options: OpenOptions): Promise<Opened> {
  const begins = options.setUp === true && !existsSync(options.configFile)
  if (!begins) requireConfig(options.configFile)
  const clock = options.clock ?? systemClock
  const log =
    options.log ??
    createLog({
      clock,
      level: options.env.PLUMBLINE_LOG === 'debug' ? 'debug' : 'info',
      ...(options.trace && { trace: options.trace }),
    })
  const plugins = pluginFolders(options.env.PLUMBLINE_PLUGINS)
  const connectors = await discoverConnectors(foldersOf('connectors', plugins))
  const loaded = begins
    ? loadText(options.configFile, '{}', { env: options.env, connectors })
    : loadConfig(options.configFile, { env: options.env, connectors })
  const { config, landscape } = required(loaded)
  for (const p of loaded.problems)
    log.warn('configuration', { file: p.file, line: p.line, path: p.path, problem: p.message })
  const checks = loadChecks(checkFolders(config, loaded.folder, plugins), config)
  const data = dataFolder(options.data, config.data, options.configFile)
  mkdirSync(data, { recursive: true })
  const lock = lockDataFolder(data)
  try {
    const control = openControl(join(data, 'control.sqlite'))
    const url = config.clickhouse?.url ?? options.env.CLICKHOUSE_URL
    const facts = await openFacts({
      url,
      user: config.clickhouse?.user ?? options.env.CLICKHOUSE_USER,
      password: revealed(config.clickhouse?.password) ?? options.env.CLICKHOUSE_PASSWORD,
      database: options.facts?.database ?? config.clickhouse?.database ?? 'plumbline',
      path: url ? undefined : (options.facts?.folder ?? join(data, 'facts')),
      maxQueryMb: config.memory.max_query_mb,
      maxEngineMb: config.memory.max_engine_mb,
    }).catch((thrown: unknown) => {
      control.close()
      throw thrown
    })
    await dropForgottenPasts(facts)
    layCodes({ config, control })
    const interrupted = control.interruptRuns(clock.now())
    if (interrupted > 0) log.warn('runs were interrupted by the last stop and will be made good', { runs: interrupted })
    const ctx: Context = {
      config,
      landscape,
      connectors,
      checks,
      facts,
      control,
      clock,
      log,
      signal: options.signal ?? new AbortController().signal,
      data,
      ...(options.env.CHROMIUM_PATH && { chromium: options.env.CHROMIUM_PATH }),
    }
    return {
      ctx,
      data,
      lock,
      async close() {
        await facts.close()
        control.close()
        lock.release()
      },
    }
  } catch (thrown) {
    lock.release()
    throw thrown
  }
}
