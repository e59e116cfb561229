/** Reading checks: YAML files to checks, with every problem of every file told at once. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Tolerance } from '../../model/landscape.ts'
import { readDocument, type YamlDocument } from '../config/document.ts'
import { durationMs } from '../config/duration.ts'
import { nearest } from '../config/nearest.ts'
import { formatProblems, type Path, type Problem } from '../config/problem.ts'
import type { Config } from '../config/schema.ts'
import { PlumblineError } from '../errors.ts'
import type { AnyKind, Check, CheckKind } from './contract.ts'
import { COMMON_KEYS, commonSchema, type CommonDocument } from './document.ts'
import { CHECK_KINDS } from './kinds.ts'
import { isRunbooks, readRunbooks } from './runbooks.ts'
import { isTitles, readTitles } from './titles.ts'

type CheckConfig = Pick<Config, 'checks'>
type Override = CheckConfig['checks']['override'][string]

export interface ReadChecks {
  checks: Check[]
  problems: Problem[]
}

/** The folder of checks that the product ships: the nearest `checks` above this file that has YAML in it. */
export function shippedChecks(): string {
  for (let at = dirname(fileURLToPath(import.meta.url)); ; at = dirname(at)) {
    const folder = join(at, 'checks')
    if (existsSync(folder) && existsSync(join(at, 'package.json'))) return folder
    if (dirname(at) === at)
      throw new PlumblineError('config', 'The folder of shipped checks is missing.', {
        remedy: 'Install Plumbline again; its folder is incomplete.',
      })
  }
}

/**
 * Checks of all folders, in order of their ids. A file in a later folder replaces one with the same id in an earlier one.
 * @throws PlumblineError config with all problems, if there is any.
 */
export function loadChecks(folders: readonly string[], config: CheckConfig): Check[] {
  const { checks, problems } = readChecks(folders, config)
  const errors = problems.filter((p) => p.level === 'error')
  if (errors.length)
    throw new PlumblineError(
      'config',
      `${errors.length === 1 ? 'A check cannot' : `${errors.length} problems: checks cannot`} be read.\n${formatProblems(errors)}`,
      {
        remedy: 'Correct the files named above; `plumbline validate` looks again.',
        file: errors[0]!.file,
        line: errors[0]!.line,
      },
    )
  return checks
}

/** The same without throwing: for `plumbline validate`, which tells all problems of everything together. */
export function readChecks(folders: readonly string[], config: CheckConfig): ReadChecks {
  const problems: Problem[] = []
  const byId = new Map<string, Check>()
  for (const folder of folders) {
    if (!existsSync(folder)) {
      problems.push({
        level: 'error',
        file: folder,
        line: 1,
        column: 1,
        path: '',
        message: 'this folder of checks does not exist',
      })
      continue
    }
    for (const file of yamlFiles(folder)) {
      const id = relative(folder, file).slice(0, -'.yaml'.length).split(sep).join('/')
      const read = readCheck(file, id, readFileSync(file, 'utf8'), config.checks.override[id])
      problems.push(...read.problems)
      if (read.check) byId.set(id, read.check)
    }
    readTitles(folder, byId, problems)
    readRunbooks(folder, byId, problems)
  }
  problems.push(...unknownIds(config, byId))
  const disabled = new Set(config.checks.disable)
  const checks = [...byId.values()].filter((c) => !disabled.has(c.id)).sort((a, b) => (a.id < b.id ? -1 : 1))
  return { checks, problems }
}

/** One file. `override` is what the configuration says about this check. */
export function readCheck(
  file: string,
  id: string,
  text: string,
  override: Override | undefined,
): { check: Check | null; problems: Problem[] } {
  const problems: Problem[] = []
  const doc = readDocument(file, text, problems)
  if (problems.length) return { check: null, problems }
  const value = doc.value as Record<string, unknown>
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    doc.report([], 'a check is a list of keys and values')
    return { check: null, problems: problems }
  }
  const kind = kindNamed(value['kind'], doc)
  if (!kind) return { check: null, problems: problems }
  const own = Object.fromEntries(Object.entries(value).filter(([key]) => !COMMON_KEYS.includes(key)))
  const shared = Object.fromEntries(Object.entries(value).filter(([key]) => COMMON_KEYS.includes(key)))
  const keys = [...COMMON_KEYS, ...keysOf(kind)]
  const common = parse(commonSchema, shared, doc, keys)
  if (override?.on && !('on' in own)) doc.report([], 'it has no `on` that the configuration could override')
  const params = parse(kind.params, 'on' in own && override?.on ? { ...own, on: override.on } : own, doc, keys)
  if (!common || params === null) return { check: null, problems: problems }
  const check = build(file, id, text, common, params, kind, override, doc)
  for (const p of kind.problems?.(check) ?? []) doc.report(p.path, p.says)
  checkExamples(check, doc)
  return { check: problems.length ? null : check, problems: problems }
}

function build(
  file: string,
  id: string,
  text: string,
  common: CommonDocument,
  params: unknown,
  kind: CheckKind<unknown, unknown>,
  override: Override | undefined,
  doc: YamlDocument,
): Check {
  const window = override?.window ?? common.window
  const tolerance = override?.tolerance ?? common.tolerance
  const read = tolerance === undefined ? null : toleranceOf(tolerance)
  if (tolerance !== undefined && !read) doc.report(['tolerance'], 'write a tolerance as 0.01, 2% or 1d')
  return {
    id,
    file,
    title: common.title,
    why: common.why,
    fix: common.fix,
    kind: common.kind,
    severity: override?.severity ?? common.severity,
    category: common.category ?? kind.category,
    owner: override?.owner ?? common.owner,
    windowMs: window === undefined ? null : durationMs(window),
    tolerance: read,
    remedy: common.remedy ?? null,
    money: common.money ?? null,
    params,
    examples: common.examples,
    version: createHash('sha256')
      .update(text)
      .update(JSON.stringify(override ?? {}))
      .digest('hex')
      .slice(0, 16),
  }
}

/** `0.01`, `2%`, `1d`. */
export function toleranceOf(text: string): Tolerance | null {
  const match = /^(\d{1,12}(?:\.\d{1,9})?)(%|d)?$/.exec(text.trim())
  if (!match) return null
  if (match[2] === '%') return { kind: 'percent', percent: match[1]! }
  if (match[2] === 'd') return /^\d+$/.test(match[1]!) ? { kind: 'days', days: Number(match[1]) } : null
  return { kind: 'absolute', amount: match[1]! }
}

function kindNamed(name: unknown, doc: YamlDocument): CheckKind<unknown, unknown> | null {
  const kind = typeof name === 'string' ? CHECK_KINDS.get(name) : undefined
  // Each check is only ever given to its own kind, whose parameters it passed.
  if (kind) return kind as AnyKind as unknown as CheckKind<unknown, unknown>
  const known = [...CHECK_KINDS.keys()]
  const meant = typeof name === 'string' ? nearest(name, known) : undefined
  doc.report(
    ['kind'],
    `there is no such check kind; use one of ${known.join(', ')}`,
    meant === undefined ? {} : { suggestion: meant },
  )
  return null
}

function keysOf(kind: CheckKind<unknown, unknown>): string[] {
  return kind.params instanceof z.ZodObject ? Object.keys(kind.params.shape as Record<string, unknown>) : []
}

function parse<T>(schema: z.ZodType<T>, value: unknown, doc: YamlDocument, keys: readonly string[]): T | null {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  for (const issue of result.error.issues) {
    const path = issue.path.map((p) => (typeof p === 'symbol' ? String(p) : p))
    if (issue.code === 'unrecognized_keys')
      for (const key of issue.keys) {
        const meant = nearest(key, keys)
        doc.report([...path, key], 'unknown key', { on: 'key', ...(meant !== undefined && { suggestion: meant }) })
      }
    else doc.report(path, sentence(issue.message, value, path))
  }
  return null
}

function sentence(message: string, value: unknown, path: Path): string {
  let at: unknown = value
  for (const step of path) at = (at as Record<string | number, unknown> | undefined)?.[step]
  if (at === undefined && path.length) return 'this key is missing'
  return message.charAt(0).toLowerCase() + message.slice(1)
}

/** An example that cannot tell right from wrong proves nothing: both kinds must be there. */
function checkExamples(check: Check, doc: YamlDocument): void {
  if (!check.examples.some((e) => e.findings.length === 0))
    doc.report(['examples'], 'give an example that finds nothing')
  if (!check.examples.some((e) => e.findings.length > 0))
    doc.report(['examples'], 'give an example that finds something')
  check.examples.forEach((example, i) =>
    example.records.forEach((record, j) => {
      for (const key of ['platform', 'kind', 'record_id'])
        if (typeof record[key] !== 'string') doc.report(['examples', i, 'records', j], `${key} is missing`)
      if (typeof record['platform'] === 'string' && !(record['platform'] in example.platforms))
        doc.report(
          ['examples', i, 'records', j, 'platform'],
          'this platform is not listed under platforms of the example',
        )
    }),
  )
}

function unknownIds(config: CheckConfig, known: ReadonlyMap<string, Check>): Problem[] {
  const named = [
    ...config.checks.disable.map((id) => ({ id, path: 'checks.disable' })),
    ...Object.keys(config.checks.override).map((id) => ({ id, path: `checks.override.${id}` })),
  ]
  return named
    .filter(({ id }) => !known.has(id))
    .map(({ id, path }) => {
      const meant = nearest(id, known.keys())
      return {
        level: 'error' as const,
        file: 'plumbline.yaml',
        line: 1,
        column: 1,
        path,
        message: `there is no check ${JSON.stringify(id)}`,
        ...(meant !== undefined && { suggestion: meant }),
      }
    })
}

/** YAML files below a folder, sorted, so that the order never depends on the disk. */
function yamlFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return yamlFiles(path)
      return entry.isFile() && entry.name.endsWith('.yaml') && !isTitles(entry.name) && !isRunbooks(entry.name)
        ? [path]
        : []
    })
}
