/** Loads plumbline.yaml: every mistake at once, with its line; or a configuration and landscape that everything else may trust. */
import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Connector } from '../../connectors/contract.ts'
import { PlumblineError } from '../errors.ts'
import { connectorSettings } from './connector-settings.ts'
import { FILE_BYTES_MAX, readDocument } from './document.ts'
import type { YamlDocument } from './document.ts'
import { idleEdges } from './idle-edges.ts'
import { buildLandscape } from './landscape.ts'
import type { LiveLandscape } from './landscape.ts'
import { mapValues } from './map-values.ts'
import { readMap } from './maps.ts'
import type { WrittenMap } from './maps.ts'
import { reportMistakes } from './mistakes.ts'
import { at, entries } from './names.ts'
import type { Names } from './names.ts'
import { platformNames } from './platform-names.ts'
import { formatProblems, inOrder, pathText } from './problem.ts'
import type { Problem, Report } from './problem.ts'
import { ruleNames } from './rule-names.ts'
import { configSchema } from './schema.ts'
import type { Config } from './schema.ts'
import { resolveSecrets, secretFileReader } from './secrets.ts'
import { written } from './written.ts'

export interface LoadOptions {
  env: Readonly<Record<string, string | undefined>>
  connectors: ReadonlyMap<string, Connector<never>>
  /** Folder that `${file:…}` secrets must be in; left out: any absolute path, but no links. */
  secretFolder?: string
  /** Reads a secret file instead; throws a sentence. */
  readSecretFile?: (path: string) => string
  /** `--data`. */
  data?: string
  /** `CLICKHOUSE_URL`; default: of `env`. */
  clickhouseUrl?: string
  /** Ids of all checks, so that `checks.disable` and `checks.override` can be held against them. */
  checks?: readonly string[]
}

export interface Loaded {
  /** Null when any problem is an error. */
  config: Config | null
  landscape: LiveLandscape | null
  problems: Problem[]
  /** Folder of the file: what relative paths in it start from. */
  folder: string
}

export function loadConfig(file: string, options: LoadOptions): Loaded {
  let text: string
  try {
    if (statSync(file).size > FILE_BYTES_MAX) throw new Error(`it is larger than ${FILE_BYTES_MAX / 1024 / 1024} MB`)
    text = readFileSync(file, 'utf8')
  } catch (e) {
    const missing = (e as NodeJS.ErrnoException).code === 'ENOENT'
    const message = missing
      ? 'does not exist; copy plumbline.example.yaml or name another file with --config'
      : `cannot be read: ${(e as Error).message}`
    return { ...nothing(file), problems: [{ level: 'error', file, line: 1, column: 1, path: '', message }] }
  }
  return loadText(file, text, options)
}

/** The same for a text that is not (yet) in the file; `file` is for messages and relative paths. */
export function loadText(file: string, text: string, options: LoadOptions): Loaded {
  const problems: Problem[] = []
  const doc = readDocument(file, text, problems)
  if (!doc.readable) return { ...nothing(file), problems: inOrder(problems) }
  if (doc.value === null || typeof doc.value !== 'object' || Array.isArray(doc.value)) {
    doc.report([], 'expected a mapping of keys like platforms:')
    return { ...nothing(file), problems }
  }
  const config = parseDocument(file, doc, problems, options)
  if (!config || problems.some((p) => p.level === 'error')) return { ...nothing(file), problems: inOrder(problems) }
  const landscape = buildLandscape(config)
  for (const [name, platform] of Object.entries(config.platforms)) {
    const connector = options.connectors.get(platform.connector)
    // What a connector discovers is told by whoever lets it look.
    if (!connector || connector.discover) continue
    const read = connector.streams.filter((s) => platform.streams?.includes(s.name) ?? true)
    landscape.setKeeps(
      name,
      read.map((s) => s.kind),
    )
  }
  idleEdges(config, landscape, doc.report)
  return { config, landscape, problems: inOrder(problems), folder: dirname(resolve(file)) }
}

/** For callers that cannot go on without. @throws PlumblineError `config` with every problem in its message. */
export function required(loaded: Loaded): { config: Config; landscape: LiveLandscape } {
  const { config, landscape, problems } = loaded
  if (config && landscape) return { config, landscape }
  const remedy = 'Correct the configuration; plumbline validate shows when nothing is left.'
  throw new PlumblineError('config', formatProblems(problems.filter((p) => p.level === 'error')), { remedy })
}

const nothing = (file: string) => ({ config: null, landscape: null, folder: dirname(resolve(file)) })

function parseDocument(file: string, doc: YamlDocument, problems: Problem[], options: LoadOptions): Config | null {
  const unresolved = new Set<string>()
  const sources = { env: options.env, readFile: options.readSecretFile ?? secretFileReader(options.secretFolder) }
  const { value: resolved, scrub } = resolveSecrets(doc.value, sources, (path, ...rest) => {
    unresolved.add(pathText(path))
    doc.report(path, ...rest)
  })
  // Nothing further is said about a value that is not there, and no secret is ever part of a sentence.
  const report: Report = (path, message, detail) => {
    if (!unresolved.has(pathText(path))) doc.report(path, scrub(message), detail)
  }
  const value = written(configSchema, doc.value, resolved)
  const parsed = configSchema.safeParse(value)
  if (!parsed.success) reportMistakes(configSchema, parsed.error.issues, doc.value, [], report)

  const names = namesOf(value, options, report)
  platformNames(names, at(value, 'platforms'))
  ruleNames(names, value)
  const maps = new Map<string, WrittenMap>()
  for (const [name, map] of entries(at(value, 'reference_maps'))) {
    const read = readMap(file, name, map, report, problems)
    if (read) maps.set(name, read)
  }
  mapValues(names, value, maps)
  const settings = connectorSettings(options.connectors, doc.value, value, dirname(resolve(file)), report)
  return parsed.success ? finished(parsed.data, file, settings, maps, options, report) : null
}

function namesOf(value: unknown, { connectors, checks }: LoadOptions, report: Report): Names {
  const platforms = entries(at(value, 'platforms'))
  return {
    report,
    connectors,
    checks,
    platforms: platforms.map(([name]) => name),
    castRoles: new Set(platforms.map(([, p]) => at(p, 'role')).filter((role) => typeof role === 'string')),
    maps: entries(at(value, 'reference_maps')).map(([name]) => name),
    calendars: entries(at(value, 'calendars')).map(([name]) => name),
  }
}

/** Puts in what comes from elsewhere: files of maps, parsed connector settings, the command line, the environment. */
function finished(
  parsed: ReturnType<typeof configSchema.parse>,
  file: string,
  settings: ReadonlyMap<string, Record<string, unknown>>,
  maps: ReadonlyMap<string, WrittenMap>,
  options: LoadOptions,
  report: Report,
): Config {
  const below = (path: string) => resolve(dirname(file), path)
  const data = options.data ?? (parsed.data === undefined ? undefined : below(parsed.data))
  const url = options.clickhouseUrl ?? options.env['CLICKHOUSE_URL']
  if (url && !URL.canParse(url)) report([], 'CLICKHOUSE_URL is no address; write http://host:8123')
  const clickhouse = url ? { database: 'plumbline', ...parsed.clickhouse, url } : parsed.clickhouse
  return {
    ...parsed,
    ...(data !== undefined && { data }),
    ...(clickhouse && { clickhouse }),
    platforms: Object.fromEntries(
      Object.entries(parsed.platforms).map(([name, p]) => [name, { ...p, config: settings.get(name) ?? p.config }]),
    ),
    reference_maps: Object.fromEntries(
      Object.entries(parsed.reference_maps).map(([name, { owner, about, case_sensitive }]) => [
        name,
        {
          ...(owner !== undefined && { owner }),
          ...(about !== undefined && { about }),
          case_sensitive,
          entries: maps.get(name)?.entries ?? {},
        },
      ]),
    ),
    checks: { ...parsed.checks, folders: parsed.checks.folders.map(below) },
  }
}
