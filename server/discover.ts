/** Discovery: connectors and checks are found by where they lie. Nothing else in the product changes when one is added. */
import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Connector } from '../connectors/contract.ts'
import { hasKind, KINDS, kindOf } from '../model/kinds.ts'
import { nearest } from './config/nearest.ts'
import { PlumblineError } from './errors.ts'

/** Plug-in folders of `PLUMBLINE_PLUGINS` (separated like PATH); each may hold `connectors/` and `checks/`. */
export function pluginFolders(text: string | undefined): string[] {
  return (text ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => resolve(folder))
}

/** Folders to look in: the shipped one first, then those of the plug-ins that have it. @throws if a plug-in folder does not exist. */
export function foldersOf(what: 'connectors' | 'checks', plugins: readonly string[] = []): string[] {
  for (const folder of plugins)
    if (!existsSync(folder))
      throw new PlumblineError('config', `The plug-in folder ${folder} does not exist.`, {
        file: folder,
        remedy: 'Correct PLUMBLINE_PLUGINS.',
      })
  return [shipped(what), ...plugins.map((folder) => join(folder, what))].filter((folder) => existsSync(folder))
}

/** Beside `server/`; compiled, checks stay in the checkout above `dist/` unless they were copied. */
function shipped(what: string): string {
  const candidates = ['..', '../..'].map((up) => fileURLToPath(new URL(`${up}/${what}`, import.meta.url)))
  return candidates.find((folder) => existsSync(folder)) ?? candidates[0]!
}

/** Name → connector, in order of names. @throws PlumblineError `config` that names the file of a plug-in that is not right. */
export async function discoverConnectors(folders: readonly string[]): Promise<Map<string, Connector<never>>> {
  const found = new Map<string, { connector: Connector<never>; file: string }>()
  for (const folder of folders)
    for (const name of readdirSync(folder).sort()) {
      const file = connectorFile(join(folder, name))
      if (!file) continue
      const other = found.get(name)
      if (other) throw bad(file, `has the same name as ${other.file}`, 'Give the folder of the plug-in another name.')
      if (!/^[a-z][a-z0-9-]*$/.test(name))
        throw bad(
          file,
          `lies in a folder whose name is not lower-case letters, digits and hyphens`,
          'Rename the folder.',
        )
      found.set(name, { file, connector: asConnector(file, await load(file)) })
    }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, { connector }]) => [name, connector]))
}

/** Compiled code takes the compiled connector, sources the source; a plug-in may have either. */
function connectorFile(folder: string): string | undefined {
  const endings = import.meta.url.endsWith('.ts') ? ['ts', 'js'] : ['js', 'ts']
  return endings.map((ending) => join(folder, `connector.${ending}`)).find((file) => existsSync(file))
}

async function load(file: string): Promise<unknown> {
  try {
    const module = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as { default?: unknown }
    return module.default
  } catch (cause) {
    const unknownEnding = (cause as NodeJS.ErrnoException).code === 'ERR_UNKNOWN_FILE_EXTENSION'
    const remedy = unknownEnding
      ? 'This Node cannot run TypeScript: compile it to connector.js, or use Node 24.'
      : 'Correct the file; its own tests should have shown this.'
    throw bad(file, `cannot be loaded: ${(cause as Error).message}`, remedy, cause)
  }
}

/** The shape that the rest of the product relies on. A connector is code of somebody else: it is looked at once, here. */
function asConnector(file: string, value: unknown): Connector<never> {
  if (value === null || typeof value !== 'object')
    throw bad(file, 'has no default export', 'Write export default defineConnector({ … }).')
  const c = value as Partial<Connector<never>>
  const wrong = [
    typeof c.title !== 'string' && 'title (text)',
    typeof c.config?.safeParse !== 'function' && 'config (a zod schema)',
    typeof c.ping !== 'function' && 'ping (a function)',
    !Array.isArray(c.streams) && typeof c.discover !== 'function' && 'streams (a list) or discover (a function)',
    (typeof c.limits !== 'object' || c.limits === null) && 'limits',
    typeof c.lagMs !== 'number' && 'lagMs (milliseconds)',
  ].filter((problem) => problem !== false)
  if (wrong.length > 0) throw bad(file, `is no connector: it lacks ${wrong.join(', ')}`, 'See connectors/contract.ts.')
  checkStreams(file, c.streams ?? [])
  return value as Connector<never>
}

function checkStreams(file: string, streams: Connector<never>['streams']): void {
  const names = new Set<string>()
  for (const { name, kind, holds } of streams) {
    if (names.has(name)) throw bad(file, `has two streams named ${name}`, 'Rename one of them.')
    names.add(name)
    if (!hasKind(kind))
      throw bad(
        file,
        `stream ${name}: there is no kind "${kind}"${meant(
          kind,
          KINDS.map((k) => k.name),
        )}`,
        'See model/kinds/.',
      )
    const fields = kindOf(kind).fields.map((f) => f.name)
    for (const field of holds)
      if (!fields.includes(field))
        throw bad(
          file,
          `stream ${name}: ${kind} has no field "${field}"${meant(field, fields)}`,
          `See model/kinds/${kind}.ts.`,
        )
  }
}

function meant(written: string, names: string[]): string {
  const found = nearest(written, names)
  return found === undefined ? '' : `; did you mean "${found}"?`
}

function bad(file: string, problem: string, remedy: string, cause?: unknown): PlumblineError {
  return new PlumblineError('config', `${file} ${problem}${/[.?]$/.test(problem) ? '' : '.'}`, {
    file,
    remedy,
    ...(cause !== undefined && { cause }),
  })
}
