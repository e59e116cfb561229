/** A proposal: what the file would be with the draft in it, held against everything that validate knows; nothing is written. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { closePlatforms, openPlatform } from '../collect/platform.ts'
import { loadText, type Loaded } from '../config/load.ts'
import type { Context } from '../context.ts'
import { asError, PlumblineError } from '../errors.ts'
import { examine, type Examined } from '../examine.ts'
import type { SetUpDoor } from './door.ts'
import type { Draft } from './draft.ts'
import { namedFiles, onlyReferences } from './references.ts'
import { written } from './written.ts'

export interface Proposal {
  before: string
  after: string
  /** SHA-256 of the file as it is: what is written must replace exactly this. */
  hash: string
  loaded: Loaded
}

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

export function fileText(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

/** @throws PlumblineError for a draft that names a connector that is none, or holds a secret in plain text */
export function propose(ctx: Context, door: SetUpDoor, draft: Draft): Proposal {
  const before = fileText(door.file)
  for (const p of draft.platforms) {
    const connector = ctx.connectors.get(p.connector)
    if (!connector)
      throw new PlumblineError('not_found', `There is no connector ${p.connector}.`, {
        remedy: 'GET /v1/set-up lists the connectors.',
      })
    onlyReferences(connector, p.config, p.name)
  }
  const after = written(before, draft)
  const allowed = namedFiles(door.secrets)
  const loaded = loadText(door.file, after, {
    env: door.env,
    connectors: ctx.connectors,
    // Those that run, and those that the file switched off and so are not among them.
    checks: [...ctx.checks.map((k) => k.id), ...ctx.config.checks.disable],
    // What the file names already, whoever runs the machine has allowed.
    readSecretFile: (path) => (before.includes(`\${file:${path}}`) ? readFileSync(path, 'utf8') : allowed(path)),
  })
  for (const p of draft.platforms) if (p.seen?.kinds.length) loaded.landscape?.setKeeps(p.name, p.seen.kinds)
  return { before, after, hash: hashOf(before), loaded }
}

/** The doctor for one platform of a draft: what it says, which scopes are missing, which kinds it keeps. */
export async function look(
  ctx: Context,
  door: SetUpDoor,
  draft: Draft,
  name: string,
): Promise<Examined & { kinds: string[] }> {
  const { loaded } = propose(ctx, door, {
    ...draft,
    owners: {},
    roles: {},
    platforms: draft.platforms.filter((p) => p.name === name),
  })
  const { config, landscape, problems } = loaded
  if (!config || !landscape) {
    const [first] = problems.filter((p) => p.level === 'error')
    const says = first ? `${first.path}: ${first.message}` : 'The settings cannot be read.'
    return { ok: false, says, missingScopes: [], remedy: first?.suggestion ?? 'Correct the settings.', kinds: [] }
  }
  // A store of its own to keep connections under: those of a running platform of this name stay as they are.
  const beside: Context = { ...ctx, config, landscape, control: { ...ctx.control } }
  try {
    const examined = await examine(beside, name)
    if (!examined.ok) return { ...examined, kinds: [] }
    const streams = await openPlatform(beside, name).streams()
    const kinds = [...new Set(streams.map((s) => s.kind))]
    if (kinds.length > 0) return { ...examined, kinds }
    const says = `${examined.says}, but there is nothing that it could be read for`
    return { ok: false, says, missingScopes: [], remedy: 'See the connector’s README for what it reads.', kinds }
  } catch (thrown) {
    const { message, remedy } = asError(thrown)
    return { ok: false, says: message, missingScopes: [], remedy: remedy ?? null, kinds: [] }
  } finally {
    closePlatforms(beside.control)
  }
}
