/**
 * The identify stage: gives every record its entity, and keeps the current state of every entity.
 *
 * Per kind, in the order in which references resolve: take the records that moved since the last run, close the set of
 * those that say something else about themselves over everything they share a claim or an entity with, cluster it, write
 * the links that changed, and write the current rows of what moved. Every step is repeatable: a run that was killed is simply run again.
 */
import type { Context } from '../context.ts'
import { KINDS, kindOf, references } from '../../model/kinds.ts'
import { PUBLIC_MAIL } from '../../model/types/public-mail.ts'
import { claimContext, claimsSql, nodeOf, nodeSql, nodeWants, type ClaimContext, type NodeRow } from './claims.ts'
import { cluster, type Assignment } from './cluster.ts'
import { carriedOut, causedBy, decidedOf, markDecided, waiting } from './decide-step.ts'
import {
  allFresh,
  anyMoved,
  markDependents,
  markRehomed,
  MOVED,
  neighbours,
  readFrontier,
  rememberClaims,
  type Frontier,
  type Step,
} from './reach.ts'
import { keepNodes, learned, markStirred, readingOf, recallGrown } from './nodes.ts'
import { throughDocuments } from '../store/facts/reference-sql.ts'
import { inStep, resolvedSql, resolveReferences, type ResolveContext } from './resolve.ts'
import { project } from './project.ts'
import { writeConflicts, writeLinks } from './links.ts'

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
    const frontier = await readFrontier(ctx.facts)
    for (const kind of KINDS) {
      // A kind of which nothing was ever read has nothing that could refer to what moved.
      if ((frontier.versions.get(kind.name) ?? 0n) === 0n) continue
      while (hasMoved(ctx, kind.name, frontier)) {
        ctx.signal.throwIfAborted()
        const rev = await identifyBatch(ctx, kind.name, frontier, total)
        // What was written may have moved what refers to it, of this kind and of those that follow.
        if (rev > 0n) frontier.links.set(kind.name, rev)
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

/**
 * How far this kind was identified: its own versions, the links of the kinds it refers to, and the revisions in which
 * documents that it finds its customer through went to another customer.
 */
function done(ctx: Context, kind: string): { seq: bigint; links: bigint; rehomed: bigint } {
  const at = (what: string) => BigInt(ctx.control.get(`identify.${what}.${kind}`) ?? '0')
  return { seq: at('seq'), links: at('links'), rehomed: at('rehomed') }
}

/** Newest revision in which an entity of this kind went to another customer. */
const rehomedAt = (ctx: Context, kind: string) => BigInt(ctx.control.get(`identify.rehomed_at.${kind}`) ?? '0')

/** The same of all documents through which records of this kind find their customer. */
function rehomedOf(ctx: Context, kind: string): bigint {
  const revs = throughDocuments(kind).flatMap((f) => f.to!.map((t) => rehomedAt(ctx, t)))
  return revs.reduce((most, rev) => (rev > most ? rev : most), 0n)
}

function linksOf(kind: string, frontier: Frontier): bigint {
  const targets = references(kindOf(kind)).flatMap((f) => f.to ?? [])
  return targets.reduce((most, t) => ((frontier.links.get(t) ?? 0n) > most ? frontier.links.get(t)! : most), 0n)
}

function hasMoved(ctx: Context, kind: string, frontier: Frontier): boolean {
  const { seq, links, rehomed } = done(ctx, kind)
  return (
    (frontier.versions.get(kind) ?? 0n) > seq ||
    linksOf(kind, frontier) > links ||
    rehomedOf(ctx, kind) > rehomed ||
    waiting(ctx, kind)
  )
}

/**
 * One window of versions of one kind, and everything that refers to a link that changed.
 * @returns revision of the newest link it wrote, 0 where none changed
 */
async function identifyBatch(ctx: Context, kind: string, frontier: Frontier, total: IdentifyResult): Promise<bigint> {
  const step = await openStep(ctx, kind, frontier)
  let rev = 0n
  let rehomed = 0n
  if (step.moved) {
    const { database } = ctx.facts
    const fresh = step.through > step.after && (await allFresh(ctx.facts))
    const resolve: ResolveContext = { database, keepers: frontier.keepers, window: step, fresh }
    const claims = claimContext(kind, ctx.config.identity[kind]?.keys, rolesOf(ctx), PUBLIC_MAIL)
    const reading = readingOf(claims)
    await understand(ctx, kind, 'moved', claims, resolve)
    const stirred = (await markStirred(ctx.facts, kind, reading)) > 0
    if (stirred) {
      await rememberClaims(
        ctx.facts,
        kind,
        claimsSql(claims, `select * from ${database}.identify_nodes where ${inStep(database, 'stirred')}`),
      )
      const grown = await neighbours(ctx.facts, kind, isFirst(step.after, kind, frontier))
      if (grown > 0 && (await recallGrown(ctx.facts, kind, reading)))
        await understand(ctx, kind, 'unknown', claims, { ...resolve, fresh: false })
    }
    const linked = stirred ? await link(ctx, kind, claims, total) : NOTHING_LINKED
    rev = linked.rev
    const projected = await project(ctx, kind, resolve, linked.first)
    if (stirred) await keepNodes(ctx.facts, kind, learned(database), { reading, rev: ctx.control.next('node') })
    total.records += projected.moved
    total.projected += projected.written
    rehomed = projected.rehomed
  }
  ctx.control.transaction(() => {
    ctx.control.set(`identify.seq.${kind}`, step.through.toString())
    ctx.control.set(`identify.links.${kind}`, step.linksThrough.toString())
    ctx.control.set(`identify.rehomed.${kind}`, step.rehomedThrough.toString())
    ctx.control.set(`identify.keepers.${kind}`, keepersText(kind, frontier))
    carriedOut(ctx, kind, step.decidedThrough)
    if (rehomed > 0n) ctx.control.set(`identify.rehomed_at.${kind}`, rehomed.toString())
  })
  return rev
}

/** Nothing of this kind was identified before. */
const isFirst = (after: bigint, kind: string, frontier: Frontier) => after === 0n && !frontier.links.has(kind)

/** No record says anything else about itself: nobody has left anything. */
const NOTHING_LINKED = { rev: 0n, first: true }

/** What the records of a step refer to, and who they say they are: narrow rows, so that the wide ones are read once. */
async function understand(
  ctx: Context,
  kind: string,
  step: string,
  claims: ClaimContext,
  resolve: ResolveContext,
): Promise<void> {
  await resolveReferences(ctx.facts, kind, step, resolve)
  await ctx.facts.command(
    `insert into ${resolve.database}.identify_nodes (platform, record_id, refs, merged_into, keys, country, customer, worth, parent)
     ${nodeSql(claims, resolvedSql(kind, step, resolve, nodeWants(claims)))}`,
  )
}

/** Clusters the closed set and writes what changed; tells the revision of the newest link, and whether all of them are the first. */
async function link(
  ctx: Context,
  kind: string,
  claims: ClaimContext,
  total: IdentifyResult,
): Promise<{ rev: bigint; first: boolean }> {
  const db = ctx.facts.database
  const rows = await ctx.facts.query<NodeRow>(
    `select toString(n.platform) as platform, n.record_id as record_id, n.refs as refs, n.merged_into as merged_into, n.keys as keys,
       n.country as country, n.customer as customer, n.worth as worth, n.parent as parent, ifNull(l.entity_id, '') as entity from ${db}.identify_nodes as n
     left join (select platform, record_id, entity_id from ${db}.links final
       where kind = '${kind}' and ${inStep(db, 'reach')}) as l
     on l.platform = n.platform and l.record_id = n.record_id
     where ${inStep(db, 'reach', 'n')}`,
  )
  const nodes = rows.map((r) => nodeOf(r, claims.keys.length))
  const strong = claims.keys.flatMap((k, rank) => (k.strong ? [rank] : []))
  const { assignments, conflicts } = cluster(nodes, {
    kind,
    keyNames: claims.keys.map((k) => k.name),
    strong,
    decided: decidedOf(ctx, kind),
  })
  const caused = causedBy(ctx, kind)
  const changed = assignments.filter((a) => a.node.entity !== a.entity).map((a) => ({ ...a, ...decisionOf(caused, a) }))
  total.linksChanged += changed.length
  const known = new Set(nodes.map((n) => n.entity))
  total.entitiesNew += new Set(changed.map((a) => a.entity).filter((e) => !known.has(e))).size
  total.conflicts += conflicts.length
  const rev = await writeLinks(ctx, kind, changed)
  await writeConflicts(ctx, kind, conflicts, nodes)
  return { rev, first: known.size === 1 && known.has(null) }
}

/**
 * Fills scratch steps `fresh`, records with new versions, and `moved`, those and the ones whose references now mean
 * something else. What moved is also where `write` begins; `asked` are those that people decided about.
 */
async function openStep(ctx: Context, kind: string, frontier: Frontier): Promise<Step> {
  const { facts } = ctx
  const db = facts.database
  const before = done(ctx, kind)
  const linksNow = linksOf(kind, frontier)
  const rehomedThrough = rehomedOf(ctx, kind)
  for (const table of ['scratch', 'references', 'nodes']) await facts.command(`truncate table ${db}.identify_${table}`)
  const through = await windowEnd(ctx, kind, before.seq, frontier.versions.get(kind) ?? 0n)
  if (through > before.seq)
    await facts.command(
      `insert into ${db}.identify_scratch (step, platform, record_id)
       select distinct arrayJoin(['fresh', ${MOVED}]), platform, record_id from ${db}.versions_${kind} where seq > {from:UInt64} and seq <= {through:UInt64}`,
      { from: before.seq.toString(), through: through.toString() },
    )
  if (linksNow > before.links && !isFirst(before.seq, kind, frontier)) {
    // A platform that keeps records of a kind for the first time reads its references with other eyes.
    const same = ctx.control.get(`identify.keepers.${kind}`) === keepersText(kind, frontier)
    await markDependents(facts, kind, before.links, linksNow, same ? frontier.keepers : new Map())
  }
  const decidedThrough = await markDecided(ctx, kind)
  if (rehomedThrough > before.rehomed) await markRehomed(facts, kind, before.rehomed, rehomedThrough)
  return {
    after: before.seq,
    through,
    linksThrough: linksNow > before.links ? linksNow : before.links,
    rehomedThrough,
    decidedThrough,
    moved: through > before.seq || (await anyMoved(facts)),
  }
}

function decisionOf(caused: ReadonlyMap<string, number>, { node }: Assignment): { decision?: number } {
  const decision = caused.get(`${node.platform}:${node.record_id}`)
  return decision === undefined ? {} : { decision }
}

/** The last version that this batch takes. */
async function windowEnd({ facts }: Context, kind: string, from: bigint, newest: bigint): Promise<bigint> {
  // Versions of all kinds are numbered together: there are never more than numbers.
  if (newest - from <= BigInt(BATCH_VERSIONS)) return newest > from ? newest : from
  const [top] = await facts.query<{ seq: string }>(
    `select toString(max(seq)) as seq from (select seq from ${facts.database}.versions_${kind} where seq > {from:UInt64} order by seq limit ${BATCH_VERSIONS})`,
    { from: from.toString() },
  )
  return BigInt(top!.seq)
}

const keepersText = (kind: string, { keepers }: Frontier) =>
  JSON.stringify(references(kindOf(kind)).map((f) => f.to!.map((t) => keepers.get(t) ?? [])))

function rolesOf(ctx: Context): Map<string, string[]> {
  const roles = new Map<string, string[]>()
  for (const p of ctx.landscape.platforms) roles.set(p.role, [...(roles.get(p.role) ?? []), p.name])
  // A platform may be named like a role; then the name means the platform.
  for (const p of ctx.landscape.platforms) roles.delete(p.name)
  return roles
}
