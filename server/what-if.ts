/**
 * What if: which drift would appear and which would vanish if records were joined or kept apart. Nothing is written to
 * the real stores: the entities in question and all that hangs on them are copied into a database beside the real one,
 * identified and checked there by the very code that would do it, once as things are and once as decided.
 */
import type { IdentityDecision } from './store/control/identity-decisions.ts'
import { openControl } from './store/control/sqlite.ts'
import type { ControlStore } from './store/control/control.ts'
import { copyEntities, emptied, highWater } from './store/facts/copied.ts'
import { findings, type StoredFinding } from './store/facts/findings.ts'
import { linksNamed } from './store/facts/links.ts'
import { runChecks } from './check/run.ts'
import { prepared, type Wish } from './identify/decide.ts'
import { identify } from './identify/identify.ts'
import type { Context } from './context.ts'
import type { Subject } from '../model/record.ts'
import { inTurn } from './store/turns.ts'

export interface Moved {
  check: string
  title: string
  severity: string
  field: string | null
  verdict: string
  platform: string | null
  subject: Subject[]
  expected: Record<string, unknown>
  actual: Record<string, unknown>
  amount_at_risk: string | null
  currency: string | null
}

export interface WhatIf {
  /** Drift that would appear, and drift that would vanish. */
  appears: Moved[]
  vanishes: Moved[]
  /** Entities after the decision: which records each would have. */
  entities: { entity_id: string; records: string[] }[]
  /** Records that were copied and looked at. */
  records: number
  /** Checks that could not be evaluated here, because they look at more than these entities. */
  left_out: string[]
}

/** Kinds of check that look at whole streams or populations: a few entities say nothing about them. */
const POPULATIONS: ReadonlySet<string> = new Set(['fresh', 'total', 'sql'])

export async function whatIf(ctx: Context, wish: Wish): Promise<WhatIf> {
  const decision = await prepared(ctx, wish)
  return await inTurn(ctx.control, 'what-if', async () => {
    const facts = await ctx.facts.beside(`${ctx.facts.database}_what_if`)
    const control = openControl(':memory:')
    try {
      await emptied(facts)
      const records = await copyEntities(ctx.facts, facts, [...new Set(Object.values(decision.before))])
      await carryOver(ctx, control)
      const checks = ctx.checks.filter((c) => !POPULATIONS.has(c.kind))
      const beside: Context = { ...ctx, facts, control, checks }
      const before = await look(beside, true)
      control.decideIdentity(decision)
      // Only what the decision moved is looked at again.
      const after = await look(beside, false)
      return {
        appears: beyond(after, before),
        vanishes: beyond(before, after),
        entities: await groupsOf(beside, decision),
        records,
        left_out: ctx.checks.filter((c) => POPULATIONS.has(c.kind)).map((c) => c.id),
      }
    } finally {
      control.close()
      await emptied(facts)
    }
  })
}

async function look(ctx: Context, full: boolean): Promise<StoredFinding[]> {
  await identify(ctx)
  const results = await runChecks(ctx, { full })
  const failed = results.find((r) => r.error)
  if (failed?.error) throw failed.error
  return (await findings(ctx.facts, {})).filter((f) => f.state === 'open')
}

/** What judging goes by beside the records: how far streams were read, what was decided, numbers above those in use. */
async function carryOver(ctx: Context, control: ControlStore): Promise<void> {
  for (const s of ctx.control.streams()) {
    control.declareStream(s.platform, s.stream, s.kind)
    const { platform: _, stream: __, kind: ___, ...state } = s
    control.commitStream(s.platform, s.stream, state)
  }
  const paces = ctx.control.get('measure.paces')
  if (paces !== null) control.set('measure.paces', paces)
  for (const d of ctx.control.identityDecisions({ inForce: true })) control.decideIdentity(d)
  const high = await highWater(ctx.facts)
  control.next('version', high.version + 1)
  control.next('rev', high.rev + 1)
}

/** Findings say the same when they are about the same records and field; their entities may have changed. */
function keyOf(f: StoredFinding): string {
  const subject = f.subject.map((s) => `${s.platform}:${s.kind}:${s.record_id}`).sort()
  return JSON.stringify([f.check, f.field, f.platform, f.verdict, subject])
}

function beyond(these: readonly StoredFinding[], those: readonly StoredFinding[]): Moved[] {
  const known = new Set(those.map(keyOf))
  return these
    .filter((f) => !known.has(keyOf(f)))
    .map((f) => ({
      check: f.check,
      title: f.title,
      severity: f.severity,
      field: f.field,
      verdict: f.verdict,
      platform: f.platform,
      subject: f.subject,
      expected: f.expected,
      actual: f.actual,
      amount_at_risk: f.amount_at_risk,
      currency: f.currency,
    }))
}

async function groupsOf(
  ctx: Context,
  decision: Pick<IdentityDecision, 'kind' | 'before'>,
): Promise<WhatIf['entities']> {
  const rows = await linksNamed(ctx.facts, decision.kind, Object.keys(decision.before))
  const groups = new Map<string, string[]>()
  for (const l of rows) groups.set(l.entity_id, [...(groups.get(l.entity_id) ?? []), `${l.platform}:${l.record_id}`])
  return [...groups].map(([entity_id, records]) => ({ entity_id, records }))
}
