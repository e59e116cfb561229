/** Identity as the API tells it: suggestions with their waterfall, entities with their evidence, decisions. */
import { z } from 'zod'
import type { Explained } from '../identity.ts'
import { iso } from '../clock.ts'
import { IDENTITY_ACTIONS, type IdentityDecision } from '../store/control/identity-decisions.ts'
import type { KeptModel, Suggestion } from '../store/facts/link-suggestions.ts'
import type { RecordSide } from '../store/facts/record-sides.ts'

const sideSchema = z
  .object({
    name: z.string().describe('platform:id'),
    platform: z.string(),
    record_id: z.string(),
    entity_id: z.string(),
    state: z.string().nullable(),
    deleted: z.boolean(),
    created_at: z.string().nullable(),
    changed_at: z.string().nullable(),
    values: z.record(z.string(), z.string()).describe('Field → value as the platform wrote it.'),
    refs: z.record(z.string(), z.string()),
  })
  .meta({ id: 'RecordSide' })

export const suggestionSchema = z
  .object({
    kind: z.string(),
    id: z.string(),
    records: z.array(z.string()).describe('Two records, as platform:id.'),
    entities: z.array(z.string()).describe('The entities they belong to now.'),
    bits: z.number().describe('Weight of all evidence and the prior together, in bits; each bit doubles the odds.'),
    probability: z.number(),
    model: z.string(),
    at: z.string(),
  })
  .meta({ id: 'IdentitySuggestion' })

export const suggestionPage = z
  .object({ suggestions: z.array(suggestionSchema), total: z.number().int() })
  .meta({ id: 'IdentitySuggestionPage' })

export const explainedSchema = suggestionSchema
  .extend({
    prior: z.number().describe('Bits that the waterfall starts from: how rare one thing is among random pairs.'),
    evidence: z.array(
      z.object({
        field: z.string(),
        level: z.string(),
        says: z.string(),
        weight: z.number().describe('Bits of this agreement.'),
        rarity: z.number().describe('Further bits because the shared value is rare, or fewer because it is common.'),
        m: z.number().nullable().describe('Share of pairs that are one thing at this level.'),
        u: z.number().nullable().describe('Share of pairs that are two things at this level.'),
      }),
    ),
    sides: z.array(sideSchema),
  })
  .meta({ id: 'IdentitySuggestionExplained' })

const linkSchema = z.object({
  kind: z.string(),
  platform: z.string(),
  record_id: z.string(),
  entity_id: z.string(),
  rule: z.string().describe('decided, refs, merged, key:<fields>, alone'),
  evidence: z.record(z.string(), z.unknown()),
  rev: z.string(),
  observed_at: z.string(),
})
export const historySchema = z.array(linkSchema).meta({ id: 'IdentityHistory' })

export const decisionSchema = z
  .object({
    id: z.number().int(),
    kind: z.string(),
    action: z.enum(IDENTITY_ACTIONS),
    groups: z.array(z.array(z.string())),
    reason: z.string(),
    actor: z.string(),
    at: z.string(),
    model: z.string().nullable(),
    undone_at: z.string().nullable(),
    undone_by: z.string().nullable(),
    undone_reason: z.string().nullable(),
  })
  .meta({ id: 'IdentityDecision' })

const conflictSchema = z.object({
  key: z.string(),
  records: z.array(z.string()),
  reason: z.string(),
  observed_at: z.string(),
})

export const entitySchema = z
  .object({
    kind: z.string(),
    entity_id: z.string(),
    links: z.array(linkSchema),
    sides: z.array(sideSchema),
    conflicts: z.array(conflictSchema),
    decisions: z.array(decisionSchema),
  })
  .meta({ id: 'IdentityEntity' })

export const entityAtSchema = z
  .object({
    kind: z.string(),
    entity_id: z.string(),
    as_of: z.string(),
    known_at: z.string(),
    records: z.array(
      z.object({
        platform: z.string(),
        record_id: z.string(),
        rule: z.string(),
        evidence: z.record(z.string(), z.unknown()),
        valid_from: z.string(),
        known_from: z.string(),
        deleted: z.boolean(),
      }),
    ),
  })
  .meta({ id: 'IdentityEntityAt' })

const movedSchema = z.object({
  check: z.string(),
  title: z.string(),
  severity: z.string(),
  field: z.string().nullable(),
  verdict: z.string(),
  platform: z.string().nullable(),
  subject: z.array(z.object({ platform: z.string(), kind: z.string(), record_id: z.string() })),
  expected: z.record(z.string(), z.unknown()),
  actual: z.record(z.string(), z.unknown()),
  amount_at_risk: z.string().nullable(),
  currency: z.string().nullable(),
})

export const whatIfSchema = z
  .object({
    appears: z.array(movedSchema),
    vanishes: z.array(movedSchema),
    entities: z.array(z.object({ entity_id: z.string(), records: z.array(z.string()) })),
    records: z.number().int(),
    left_out: z.array(z.string()).describe('Checks that look at more than these entities.'),
  })
  .meta({ id: 'IdentityWhatIf' })

export const modelSchema = z
  .object({
    kind: z.string(),
    version: z.string(),
    prior: z.number(),
    records: z.number().int(),
    compared: z.number().int(),
    trained_at: z.string(),
    skipped: z.array(z.object({ rule: z.string(), keys: z.number().int(), records: z.number().int() })),
    fields: z.array(
      z.object({ name: z.string(), compare: z.string(), m: z.array(z.number()), u: z.array(z.number()) }),
    ),
  })
  .meta({ id: 'LinkModel' })

export const proposedSchema = z
  .object({
    kind: z.string(),
    full: z.boolean(),
    records: z.number().int(),
    compared: z.number().int(),
    proposed: z.number().int(),
    joined: z.number().int(),
    model: z.string(),
  })
  .meta({ id: 'IdentityProposed' })

export const suggestionView = (s: Suggestion): z.output<typeof suggestionSchema> => ({
  kind: s.kind,
  id: s.id,
  records: s.records,
  entities: s.entities,
  bits: s.bits,
  probability: s.probability,
  model: s.model,
  at: s.at,
})

export const explainedView = (s: Explained): z.output<typeof explainedSchema> => ({
  ...suggestionView(s),
  prior: s.judged.prior,
  bits: s.judged.bits,
  probability: s.judged.probability,
  evidence: s.judged.evidence,
  sides: s.sides.map((side: RecordSide) => side),
})

export const decisionView = (d: IdentityDecision): z.output<typeof decisionSchema> => ({
  id: d.id,
  kind: d.kind,
  action: d.action,
  groups: d.groups,
  reason: d.reason,
  actor: d.actor,
  at: iso(d.at),
  model: d.model,
  undone_at: d.undoneAt === null ? null : iso(d.undoneAt),
  undone_by: d.undoneBy,
  undone_reason: d.undoneReason,
})

export const modelView = ({
  kind,
  model,
  records,
  compared,
  skipped,
  trained_at,
}: KeptModel): z.output<typeof modelSchema> => ({
  kind,
  version: model.version,
  prior: model.prior,
  records,
  compared,
  skipped,
  trained_at,
  fields: model.fields.map((f) => ({ name: f.name, compare: f.compare, m: [...f.m], u: [...f.u] })),
})
