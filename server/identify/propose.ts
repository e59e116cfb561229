/**
 * Proposing: after identification, the linker looks at what moved and keeps a list of pairs that are probably one thing.
 * It proposes; it joins by itself only above a threshold that the configuration names.
 *
 * The first look and every full one take all records and estimate the model anew. In between, only records that moved
 * and those that share a key with them are compared, by the model and the frequencies of the last full look.
 */
import { createHash } from 'node:crypto'
import type { LinkModel } from '../../model/linkage/weights.ts'
import { probabilityOf } from '../../model/linkage/weights.ts'
import { iso } from '../clock.ts'
import type { Context } from '../context.ts'
import { asError } from '../errors.ts'
import { currentTable } from '../store/facts/columns.ts'
import { latestModel, type SuggestionRow } from '../store/facts/link-suggestions.ts'
import { decideAll } from './decide.ts'
import { block } from './linker/pairs.ts'
import { clear, link, scored, type Linked, type Scored } from './linker/linker.ts'
import { LINKED_KINDS, specOf } from './linker/kinds.ts'
import { prepare, remember, scratch } from './linker/prepare.ts'
import { BLOCK_RECORDS_MAX } from './linker/spec.ts'
import { settledPairs } from './settled.ts'

/** Proposals kept of one look: more than people can ever read. */
const PROPOSALS_MAX = 20_000
/** Above this share of all records a full look is cheaper. */
const FULL_SHARE = 0.2

export interface Proposed {
  kind: string
  full: boolean
  records: number
  compared: number
  proposed: number
  /** Joined by the linker itself, above the configured threshold. */
  joined: number
  model: string
}

/** @param options.full estimates anew and looks at everything */
export async function propose(
  ctx: Context,
  options: { full?: boolean; kinds?: readonly string[] } = {},
): Promise<Proposed[]> {
  const results: Proposed[] = []
  for (const kind of options.kinds ?? LINKED_KINDS) {
    if (ctx.config.identity[kind as 'customer']?.linker.propose === false) continue
    const result = await proposeKind(ctx, kind, options.full === true)
    if (result) results.push(result)
  }
  return results
}

const key = (kind: string) => `linker.rev.${kind}`

async function proposeKind(ctx: Context, kind: string, wished: boolean): Promise<Proposed | null> {
  const { facts, control } = ctx
  const db = facts.database
  const table = `${db}.${currentTable(kind)}`
  const from = control.get(key(kind)) ?? '0'
  const [stand] = await facts.query<{ newest: string; all: string; moved: string }>(
    `select toString(max(rev)) as newest, toString(count()) as all, toString(countIf(rev > {from:UInt64})) as moved from ${table}`,
    { from },
  )
  if (stand!.all === '0' || (stand!.moved === '0' && !wished)) return null
  const known = await latestModel(facts, kind)
  const full = wished || known === null || Number(stand!.moved) > Number(stand!.all) * FULL_SHARE
  const settings = ctx.config.identity[kind as 'customer']?.linker
  const least = settings?.propose_at ?? 0.5
  const atLeast = Math.log2(least / (1 - least))
  const linked = full ? await everything(ctx, kind, atLeast) : await whatMoved(ctx, kind, from, known.model, atLeast)
  try {
    const pairs = await scored(facts, specOf(db, kind, null), linked.model, atLeast, PROPOSALS_MAX)
    const proposed = onePerEntities(pairs)
    await write(ctx, kind, proposed, linked.model, full ? '0' : from)
    control.set(key(kind), stand!.newest)
    const joined =
      settings?.link_at === undefined ? 0 : await joinSure(ctx, kind, proposed, settings.link_at, linked.model)
    return {
      kind,
      full,
      records: linked.records,
      compared: linked.compared,
      proposed: proposed.length,
      joined,
      model: linked.model.version,
    }
  } finally {
    await clear(facts)
  }
}

/** All records; a new model where there are enough to learn from, and keys and frequencies for the looks that follow. */
async function everything(ctx: Context, kind: string, atLeast: number): Promise<Linked> {
  const { facts, control } = ctx
  const linked = await link(facts, specOf(facts.database, kind, null), { atLeast })
  const rev = control.next('link model')
  await remember(facts, kind, rev)
  await keepKeys(ctx, kind)
  await facts.insert('link_models', [
    {
      kind,
      version: linked.model.version,
      parameters: JSON.stringify(linked.model),
      records: String(linked.records),
      compared: String(linked.compared),
      skipped: JSON.stringify(linked.skipped),
      rev: String(rev),
      trained_at: iso(ctx.clock.now()),
    },
  ])
  return linked
}

/** Keeps under which keys the prepared records lie. */
async function keepKeys({ facts }: Context, kind: string): Promise<void> {
  await facts.command(
    `insert into ${facts.database}.link_keys (kind, key, platform, record_id)
     select {kind:String}, cityHash64(b.rule, b.key), r.platform, r.record_id from ${scratch(facts, 'blocks')} as b
     inner join ${scratch(facts, 'records')} as r on r.n = b.n`,
    { kind },
  )
}

/** What moved since a revision, and what shares a key with it. */
async function whatMoved(ctx: Context, kind: string, from: string, known: LinkModel, atLeast: number): Promise<Linked> {
  const { facts } = ctx
  const db = facts.database
  const moved = `eid in (select eid from ${db}.touched where rev > ${BigInt(from)} and kind = '${kind}') and rev > ${BigInt(from)}`
  const spec = specOf(db, kind, moved)
  await prepare(facts, spec, kind)
  await block(facts, spec)
  await keepKeys(ctx, kind)
  const near = `${db}.linker_near`
  await facts.command(`drop table if exists ${near}`)
  await facts.command(
    `create table ${near} engine = Memory as select distinct platform, record_id from (
       select key, platform, record_id from ${db}.link_keys
       where kind = '${kind}' and key in (select cityHash64(rule, key) from ${scratch(facts, 'blocks')})
       limit ${BLOCK_RECORDS_MAX + 1} by key)`,
  )
  const eids = `select eid from ${db}.links where kind = '${kind}' and (platform, record_id) in (select platform, record_id from ${near})`
  const within = `eid in (${eids}) and (platform, record_id) in (select platform, record_id from ${near})`
  const linked = await link(facts, specOf(db, kind, within), { atLeast, known, stored: kind })
  await facts.command(`drop table if exists ${near}`)
  return linked
}

/** Two entities are proposed once, by their likeliest records. */
function onePerEntities(pairs: readonly Scored[]): Scored[] {
  const seen = new Set<string>()
  return pairs.filter(({ l, r }) => {
    const both = [l.entity, r.entity].sort().join(' ')
    if (l.entity === r.entity || seen.has(both)) return false
    seen.add(both)
    return true
  })
}

const names = ({ l, r }: Scored): [string, string] => {
  const [a, b] = [`${l.platform}:${l.record_id}`, `${r.platform}:${r.record_id}`].sort()
  return [a!, b!]
}

/** The same two records are the same proposal. */
export const suggestionId = (kind: string, records: readonly string[]): string =>
  createHash('sha256')
    .update([kind, ...records].join('\n'))
    .digest('hex')
    .slice(0, 16)

async function write(
  ctx: Context,
  kind: string,
  pairs: readonly Scored[],
  model: LinkModel,
  from: string,
): Promise<void> {
  const { facts } = ctx
  const rev = String(ctx.control.next('link suggestion'))
  const at = iso(ctx.clock.now())
  const rows = pairs.map((p): SuggestionRow & { rev: string; at: string } => {
    const records = names(p)
    return {
      kind,
      id: suggestionId(kind, records),
      records,
      bits: p.bits,
      probability: probabilityOf(p.bits),
      pattern: p.pattern,
      rarities: p.rarities,
      model: model.version,
      state: 'open',
      rev,
      at,
    }
  })
  if (rows.length) await facts.insert('link_suggestions', rows)
  // What was proposed about a record that was looked at again, and is not proposed any more, is withdrawn.
  const looked = `select concat(platform, ':', record_id) from ${facts.database}.${currentTable(kind)} where rev > ${BigInt(from)}`
  await facts.command(
    `insert into ${facts.database}.link_suggestions (kind, id, records, bits, probability, pattern, rarities, model, state, rev, at)
     select kind, id, records, bits, probability, pattern, rarities, model, 'withdrawn', toUInt64(${rev}), parseDateTime64BestEffort({at:String}, 3, 'UTC')
     from ${facts.database}.link_suggestions final
     where kind = {kind:String} and state = 'open' and rev < ${rev} and (records[1] in (${looked}) or records[2] in (${looked}))`,
    { kind, at },
  )
}

/** Pairs above the configured threshold become decisions of the linker, which anybody can take back. */
async function joinSure(
  ctx: Context,
  kind: string,
  pairs: readonly Scored[],
  at: number,
  model: LinkModel,
): Promise<number> {
  const settled = new Set(settledPairs(ctx.control, kind))
  const sure = pairs.filter((p) => p.probability >= at && !settled.has(names(p).join('\n')))
  await decideAll(
    ctx,
    kind,
    sure.map((p) => ({
      action: 'link',
      groups: [names(p)],
      reason: `Probability ${p.probability.toFixed(4)} is at least the configured ${at}.`,
      actor: 'linker',
      model: model.version,
    })),
  )
  return sure.length
}

/** Proposes as a run of its own: what goes wrong here is recorded, and keeps nobody from their findings. */
export async function proposeLinks(ctx: Context, options: { full?: boolean }): Promise<void> {
  const id = `linker-${ctx.control.next('run')}`
  const startedAt = ctx.clock.now()
  try {
    const results = await propose(ctx, options)
    if (results.length === 0) return
    const sum = (pick: (p: Proposed) => number) => results.reduce((n, p) => n + pick(p), 0)
    ctx.control.startRun({ id, stage: 'identify', subject: 'linker', startedAt })
    ctx.control.finishRun(id, 'ok', ctx.clock.now(), {
      records: sum((p) => p.records),
      compared: sum((p) => p.compared),
      proposed: sum((p) => p.proposed),
      joined: sum((p) => p.joined),
    })
  } catch (thrown) {
    if (ctx.signal.aborted) throw thrown
    const { code, message, remedy } = asError(thrown)
    ctx.control.startRun({ id, stage: 'identify', subject: 'linker', startedAt })
    ctx.control.finishRun(id, 'failed', ctx.clock.now(), {}, { code, message, ...(remedy !== undefined && { remedy }) })
    ctx.log.error('links could not be proposed', { code, error: message, remedy })
  }
}
