/**
 * The identify stage: gives every record its entity, and keeps the current state of every entity.
 *
 * Per kind, in the order in which references resolve: take the records that moved since the last run, close the set
 * over everything they share a claim or an entity with, cluster it, write the links that changed, and write the
 * current rows of what moved. Every step is repeatable: a run that was killed is simply run again.
 */
import type { Context } from '../context.ts'
import { KINDS, kindOf, references } from '../../model/kinds.ts'
import { PUBLIC_MAIL } from '../../model/types/public-mail.ts'
import {
  claimContext,
  claimsSql,
  claimWants,
  nodeOf,
  nodeSql,
  nodeWants,
  type ClaimContext,
  type NodeRow,
} from './claims.ts'
import { cluster } from './cluster.ts'
import {
  markDependents,
  neighbours,
  PLAIN_DISTINCT,
  readFrontier,
  rememberClaims,
  type Frontier,
  type Step,
} from './reach.ts'
import { pointSql, withCustomerSql, type ResolveContext } from './resolve.ts'
import { project } from './project.ts'
import { keepersOf, writeConflicts, writeLinks } from './links.ts'

/** Versions taken at a time: bounds the memory of a first load; two million claims of this many records fit in 1 GB. */
const BATCH_VERSIONS = 200_000

export interface IdentifyResult {
  records: number
  linksChanged: number
  entitiesNew: number
  conflicts: number
  projected: number
}

export async function identify(ctx: Context): Promise<IdentifyResult> {
  const total: IdentifyResult = { records: 0, linksChanged: 0, entitiesNew: 0, conflicts: 0, projected: 0 }
  const id = `identify-${ctx.control.next('run')}`
  ctx.control.startRun({ id, stage: 'identify', subject: 'all', startedAt: ctx.clock.now() })
  try {
    let frontier = await readFrontier(ctx.facts)
    for (const kind of KINDS) {
      while (hasMoved(ctx, kind.name, frontier)) {
        ctx.signal.throwIfAborted()
        await identifyBatch(ctx, kind.name, frontier, total)
        // What was written may have moved what refers to it, of this kind and of those that follow.
        frontier = await readFrontier(ctx.facts)
      }
    }
    ctx.control.finishRun(id, 'ok', ctx.clock.now(), { ...total })
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown))
    ctx.control.finishRun(id, 'failed', ctx.clock.now(), { ...total }, { code: 'sql', message: error.message })
    throw thrown
  }
  return total
}

/** How far this kind was identified: its own versions, and the links of the kinds it refers to. */
function done(ctx: Context, kind: string): { seq: bigint; links: bigint } {
  return {
    seq: BigInt(ctx.control.get(`identify.seq.${kind}`) ?? '0'),
    links: BigInt(ctx.control.get(`identify.links.${kind}`) ?? '0'),
  }
}

function linksOf(kind: string, frontier: Frontier): bigint {
  const targets = references(kindOf(kind)).flatMap((f) => f.to ?? [])
  return targets.reduce((most, t) => ((frontier.links.get(t) ?? 0n) > most ? frontier.links.get(t)! : most), 0n)
}

function hasMoved(ctx: Context, kind: string, frontier: Frontier): boolean {
  const { seq, links } = done(ctx, kind)
  return (frontier.versions.get(kind) ?? 0n) > seq || linksOf(kind, frontier) > links
}

/** One window of versions of one kind, and everything that refers to a link that changed. */
async function identifyBatch(ctx: Context, kind: string, frontier: Frontier, total: IdentifyResult): Promise<void> {
  const step = await openStep(ctx, kind, linksOf(kind, frontier))
  if (step.moved > 0) {
    const resolve: ResolveContext = { database: ctx.facts.database, keepers: await keepersOf(ctx.facts, kind) }
    const claims = claimContext(kind, ctx.config.identity[kind]?.keys, rolesOf(ctx), PUBLIC_MAIL)
    await point(ctx, kind, 'moved', resolve)
    await rememberClaims(
      ctx.facts,
      kind,
      claimsSql(claims, withCustomerSql(kind, 'moved', resolve, claimWants(claims))),
    )
    await neighbours(ctx.facts, kind)
    await link(ctx, kind, claims, resolve, total)
    total.records += step.moved
    total.projected += await project(ctx, kind, resolve)
  }
  ctx.control.transaction(() => {
    ctx.control.set(`identify.seq.${kind}`, step.through.toString())
    ctx.control.set(`identify.links.${kind}`, step.linksThrough.toString())
  })
}

/** Clusters the closed set and writes what changed. */
async function link(
  ctx: Context,
  kind: string,
  claims: ClaimContext,
  resolve: ResolveContext,
  total: IdentifyResult,
): Promise<void> {
  await point(ctx, kind, 'reach', resolve)
  const db = ctx.facts.database
  const rows = await ctx.facts.query<NodeRow>(
    `select n.platform as platform, n.record_id as record_id, n.refs as refs, n.merged_into as merged_into, n.keys as keys,
       n.country as country, n.customer as customer, n.worth as worth, n.parent as parent, ifNull(l.entity_id, '') as entity from (${nodeSql(claims, withCustomerSql(kind, 'reach', resolve, nodeWants(claims)))}) as n
     left join (select platform, record_id, entity_id from ${db}.links final
       where kind = '${kind}' and (platform, record_id) in (select platform, record_id from ${db}.identify_scratch where step = 'reach')) as l
     on l.platform = n.platform and l.record_id = n.record_id`,
  )
  const nodes = rows.map((r) => nodeOf(r, claims.keys.length))
  const strong = claims.keys.flatMap((k, rank) => (k.strong ? [rank] : []))
  const { assignments, conflicts } = cluster(nodes, { kind, keyNames: claims.keys.map((k) => k.name), strong })
  const changed = assignments.filter((a) => a.node.entity !== a.entity)
  total.linksChanged += changed.length
  total.entitiesNew += new Set(changed.filter((a) => a.node.entity === null).map((a) => a.entity)).size
  total.conflicts += conflicts.length
  await writeLinks(ctx, kind, changed)
  await writeConflicts(ctx, kind, conflicts, nodes)
}

async function point(ctx: Context, kind: string, step: string, resolve: ResolveContext): Promise<void> {
  const sql = pointSql(kind, step, resolve)
  if (sql) await ctx.facts.command(sql)
}

/** Fills scratch step `moved`: records with new versions, and records whose references now mean something else. */
async function openStep(ctx: Context, kind: string, linksThrough: bigint): Promise<Step> {
  const db = ctx.facts.database
  const { seq: from, links: linksFrom } = done(ctx, kind)
  await ctx.facts.command(`truncate table ${db}.identify_scratch`)
  const [top] = await ctx.facts.query<{ seq: string }>(
    `select toString(max(seq)) as seq from (select seq from ${db}.versions_${kind} where seq > {from:UInt64} order by seq limit ${BATCH_VERSIONS})`,
    { from: from.toString() },
  )
  const newest = BigInt(top?.seq ?? '0')
  const through = newest > from ? newest : from
  if (through > from) {
    await ctx.facts.command(
      `insert into ${db}.identify_scratch (step, platform, record_id)
       select distinct 'moved', platform, record_id from ${db}.versions_${kind} where seq > {from:UInt64} and seq <= {through:UInt64} ${PLAIN_DISTINCT}`,
      { from: from.toString(), through: through.toString() },
    )
  }
  if (linksThrough > linksFrom) await markDependents(ctx.facts, kind, linksFrom, linksThrough)
  const [moved] = await ctx.facts.query<{ n: string }>(
    `select toString(uniqExact(platform, record_id)) as n from ${db}.identify_scratch where step = 'moved'`,
  )
  return { through, linksThrough: linksThrough > linksFrom ? linksThrough : linksFrom, moved: Number(moved?.n ?? 0) }
}

function rolesOf(ctx: Context): Map<string, string[]> {
  const roles = new Map<string, string[]>()
  for (const p of ctx.landscape.platforms) roles.set(p.role, [...(roles.get(p.role) ?? []), p.name])
  // A platform may be named like a role; then the name means the platform.
  for (const p of ctx.landscape.platforms) roles.delete(p.name)
  return roles
}
