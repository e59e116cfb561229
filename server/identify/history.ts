/**
 * Identity over time, in both of its times. Valid time is when records were one thing: from the change that made them
 * so, or always, where a person said that they were. Knowledge time is when this product knew it.
 *
 * The link history has the knowledge; the versions have the changes. A link is valid from the change time of the newest
 * version that was known when it was written; a link that a decision moved is valid as long as its record exists.
 */
import type { Facts } from '../store/facts/facts.ts'
import { versionsTable } from '../store/facts/columns.ts'
import { ident } from '../store/facts/ident.ts'

export interface Instant {
  /** Epoch ms: the moment that is asked about. */
  asOf: number
  /** Epoch ms: what was known by then counts. */
  knownAt: number
}

export interface MemberAt {
  platform: string
  record_id: string
  entity_id: string
  rule: string
  evidence: Record<string, unknown>
  /** When the link came to hold, and when it became known. */
  valid_from: string
  known_from: string
  /** The record was deleted by then. */
  deleted: boolean
}

export interface EntityAt {
  kind: string
  entity_id: string
  records: MemberAt[]
}

interface Row extends Omit<MemberAt, 'evidence' | 'deleted'> {
  evidence: string
  deleted: number
}

/** Records that were this entity at an instant, as known at another. */
export async function entityAt(facts: Facts, kind: string, entityId: string, at: Instant): Promise<EntityAt> {
  const db = facts.database
  const members = `select distinct platform, record_id from ${db}.link_history where kind = {kind:String} and entity_id = {entity:String}`
  const rows = await facts.query<Row>(
    `with
       toDateTime64({as_of:Float64} / 1000, 3, 'UTC') as as_of,
       toDateTime64({known_at:Float64} / 1000, 3, 'UTC') as known_at,
       seen as (
         select platform, record_id, observed_at, coalesce(changed_at, observed_at) as changed, created_at, deleted, seq
         from ${db}.${ident(versionsTable(kind))}
         where (platform, record_id) in (${members}) and observed_at <= known_at
       ),
       born as (select platform, record_id, min(least(coalesce(created_at, changed), changed)) as at from seen group by platform, record_id),
       state as (select platform, record_id, argMax(deleted, seq) as deleted from seen where changed <= as_of group by platform, record_id),
       links as (
         select h.platform as platform, h.record_id as record_id, any(h.entity_id) as entity_id, h.rev as rev, any(h.rule) as rule,
           any(h.evidence) as evidence, any(h.observed_at) as observed_at,
           argMaxIf(s.changed, s.seq, s.observed_at <= h.observed_at) as changed
         from ${db}.link_history as h
         left join seen as s on s.platform = h.platform and s.record_id = h.record_id
         where h.kind = {kind:String} and (h.platform, h.record_id) in (${members}) and h.observed_at <= known_at
         group by h.platform, h.record_id, h.rev
       ),
       first as (select platform, record_id, min(rev) as rev from links group by platform, record_id),
       valid as (
         select l.platform as platform, l.record_id as record_id, l.entity_id as entity_id, l.rule as rule, l.evidence as evidence,
           l.observed_at as observed_at, l.rev as rev, if(l.rev = f.rev or JSONHas(l.evidence, 'decision'), b.at, greatest(b.at, coalesce(l.changed, b.at))) as valid_from
         from links as l
         inner join first as f on f.platform = l.platform and f.record_id = l.record_id
         inner join born as b on b.platform = l.platform and b.record_id = l.record_id
       ),
       then as (
         select platform, record_id, argMax(tuple(entity_id, rule, evidence, observed_at, valid_from), rev) as link
         from valid where valid_from <= as_of group by platform, record_id
       )
     select toString(t.platform) as platform, t.record_id as record_id, t.link.1 as entity_id, toString(t.link.2) as rule,
       t.link.3 as evidence, t.link.4 as known_from, t.link.5 as valid_from, ifNull(s.deleted, 0) as deleted
     from then as t
     left join state as s on s.platform = t.platform and s.record_id = t.record_id
     where t.link.1 = {entity:String}
     order by platform, record_id`,
    { kind, entity: entityId, as_of: at.asOf, known_at: at.knownAt },
  )
  return {
    kind,
    entity_id: entityId,
    records: rows.map((r) => ({
      ...r,
      evidence: JSON.parse(r.evidence || '{}') as MemberAt['evidence'],
      deleted: r.deleted === 1,
    })),
  }
}
