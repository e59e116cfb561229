/** Links: which entity each record belongs to, with the evidence; and conflicts, which only a person may decide. */
import type { Context } from '../context.ts'
import { iso } from '../clock.ts'
import { numbered } from '../store/numbering.ts'
import type { Assignment, Conflict, Node } from './cluster.ts'

/** Rows an insert carries at most. */
const ROWS_MAX = 50_000

/** Writes changed links and their history under new revisions; tells the last of them, 0 where nothing changed. */
export async function writeLinks(ctx: Context, kind: string, changed: readonly Assignment[]): Promise<bigint> {
  let last = 0n
  for (let at = 0; at < changed.length; at += ROWS_MAX) {
    const part = changed.slice(at, at + ROWS_MAX)
    const observed = iso(ctx.clock.now())
    await numbered(ctx.control, 'rev', 1, async (rev) => {
      const lines = part.map((a) =>
        JSON.stringify({
          kind,
          platform: a.node.platform,
          record_id: a.node.record_id,
          entity_id: a.entity,
          rule: a.rule,
          evidence: JSON.stringify({ claim: a.evidence, before: a.node.entity, decision: a.decision }),
          rev: String(rev),
          observed_at: observed,
        }),
      )
      // History first: a link that is in force without its history would have no past.
      await ctx.facts.insert('link_history', lines.join('\n'))
      await ctx.facts.insert('links', lines.join('\n'))
      last = BigInt(rev)
    })
  }
  return last
}

/** Opens conflicts that were found and closes those of the same records that are gone. */
export async function writeConflicts(
  ctx: Context,
  kind: string,
  conflicts: readonly Conflict[],
  looked: readonly Node[],
): Promise<void> {
  const db = ctx.facts.database
  const open = await ctx.facts.query<{ key: string; records: string[]; reason: string }>(
    `select key, records, reason from ${db}.identity_conflicts final where kind = {kind:String} and state = 'open'`,
    { kind },
  )
  const seen = new Set(looked.map((n) => `${n.platform}:${n.record_id}`))
  const found = new Map(conflicts.map((c) => [`${c.key} ${c.records.join(' ')}`, c]))
  const rows: object[] = []
  const rev = String(ctx.control.next('conflict'))
  const observed_at = iso(ctx.clock.now())
  for (const c of open) {
    // The stored key carries its records: one key may divide several pairs.
    if (!found.has(c.key) && c.records.every((r) => seen.has(r)))
      rows.push({ kind, ...c, state: 'resolved', rev, observed_at })
  }
  for (const [key, c] of found) {
    const known = open.some((o) => o.key === key && o.reason === c.reason)
    if (!known) rows.push({ kind, key, records: c.records, reason: c.reason, state: 'open', rev, observed_at })
  }
  if (rows.length) await ctx.facts.insert('identity_conflicts', rows)
}
