/** Publishing: a draft becomes a file of the configuration's own checks folder, and the live version from the next round on. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Context } from '../context.ts'
import { PlumblineError } from '../errors.ts'
import type { Check } from './contract.ts'
import { readCheck } from './read.ts'

/** Key under which the control store knows that a version was back-tested. */
export const backtestedKey = (version: string) => `check.backtested.${version}`

/** A SELECT that somebody wrote is reviewed as a file, never run from a text box. @throws PlumblineError forbidden */
export function writtenHere(check: Check): Check {
  if (check.kind !== 'sql') return check
  throw new PlumblineError('forbidden', 'A check of kind sql is not tried or published from here.', {
    remedy: 'Put it as a file into a folder of checks, where it is reviewed.',
  })
}

export interface Publishing {
  /** User id. */
  by: string
  /** Why, in a sentence; its history and the audit trail keep it. */
  reason: string
  /** It is taken back to a text that was live before, which takes no back-test. */
  back?: boolean
}

/**
 * Writes the file, whole or not at all, and puts the check in the place of the live one. The text it replaces is kept.
 * @throws PlumblineError config where it cannot be read or no folder is configured, conflict where it was not back-tested
 */
export function publishCheck(ctx: Context, id: string, yaml: string, { by, reason, back = false }: Publishing): string {
  if (!/^[a-z0-9][a-z0-9-]{0,60}\/[a-z0-9][a-z0-9-]{0,60}$/.test(id))
    throw new PlumblineError('schema', `"${id}" is no id of a check.`, {
      remedy: 'Write family/name in small letters, digits and dashes.',
    })
  const [folder] = ctx.config.checks.folders
  if (folder === undefined)
    throw new PlumblineError('config', 'The configuration has no folder of checks to write to.', {
      remedy: 'Add `checks: { folders: [./checks] }` to plumbline.yaml, or keep it as a draft.',
    })
  const file = join(folder, `${id}.yaml`)
  const { check, problems } = readCheck(file, id, yaml, ctx.config.checks.override[id])
  if (!check)
    throw new PlumblineError('config', `The check cannot be read: ${problems[0]?.message ?? 'unknown'}.`, {
      remedy: 'Correct what the editor names.',
    })
  writtenHere(check)
  const tried = readCheck(file, id, yaml, undefined).check!.version
  if (!back && check.kind !== 'fresh' && ctx.control.get(backtestedKey(tried)) === null)
    throw new PlumblineError('conflict', 'This version was not back-tested.', {
      remedy: 'Run the back-test of exactly this text first: it says how many alerts it would have raised.',
    })
  const at = ctx.clock.now()
  keepFirst(ctx, id, at)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(`${file}.new`, yaml, { mode: 0o640 })
  renameSync(`${file}.new`, file)
  ctx.control.addCheckVersion({ id, version: check.version, yaml, author: by, at, reason })
  // The one place where the list of live checks changes while the product runs.
  const live = ctx.checks as Check[]
  const place = live.findIndex((c) => c.id >= id)
  if (place === -1) live.push(check)
  else live.splice(place, live[place]!.id === id ? 1 : 0, check)
  return file
}

/** What was shipped, or written by hand, is the first version that one can go back to. */
function keepFirst({ checks, control }: Context, id: string, at: number): void {
  const was = checks.find((c) => c.id === id)
  if (!was || !existsSync(was.file)) return
  const yaml = readFileSync(was.file, 'utf8')
  if (control.checkVersions(id, 1)[0]?.yaml === yaml) return
  control.addCheckVersion({ id, version: was.version, yaml, author: null, at, reason: null })
}
