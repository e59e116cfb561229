/** Gathering what a message shows of an issue: the weightiest findings, with names and values that may leave. */
import type { MessageRow } from '../../model/message.ts'
import type { Context } from '../context.ts'
import { customerNames } from '../store/facts/customer-names.ts'
import { weightiestFindings } from '../store/facts/alert-issues.ts'
import { findings, type StoredFinding } from '../store/facts/findings.ts'
import { isMasked, scrubbed } from './mask.ts'
import type { Subject } from './subject.ts'
import type { Pen } from './words/words.ts'

const ROWS = 3
/** A value is shown to be recognised, not to be read. */
const VALUE_MOST = 60

export interface GatherOptions {
  pen: Pen
  origin: string
  /** Whether customers' names leave. */
  names: boolean
}

export async function gather(ctx: Context, s: Subject, options: GatherOptions): Promise<MessageRow[]> {
  if (s.kind !== 'issue') return []
  const ids = await weightiestFindings(ctx.facts, Number(s.ref.slice(2)), ['open', 'in_flight'], ROWS)
  const found = await findings(ctx.facts, { ids }, ROWS)
  const ordered = ids.flatMap((id) => found.find((f) => f.id === id) ?? [])
  const speakers = ctx.landscape.owners('customer', 'name', { state: null, scope: {} })
  const named = options.names
    ? await customerNames(
        ctx.facts,
        ordered.map((f) => f.customer_entity_id || f.entity_id),
        [...speakers],
      )
    : new Map<string, string>()
  return ordered.map((f) => rowOf(ctx, s, f, named.get(f.customer_entity_id || f.entity_id) ?? null, options))
}

function rowOf(
  ctx: Context,
  s: Subject,
  f: StoredFinding,
  name: string | null,
  { pen, origin }: GatherOptions,
): MessageRow {
  const { masked } = ctx.config.alerts
  const hidden = isMasked(masked, f.kind, f.field)
  const titles = (platform: string) => ctx.landscape.platforms.find((p) => p.name === platform)?.title ?? platform
  const held = Object.entries({ ...f.expected, ...f.actual }).map(([platform, value]) =>
    hidden ? `${titles(platform)}: ${pen.words.hidden}` : `${titles(platform)}: ${shown(value)}`,
  )
  const record = f.subject[0]
  return {
    ref: scrubbed(
      name ?? (record ? `${titles(record.platform)} ${record.record_id}` : f.entity_id),
      masked,
      pen.words.hidden,
    ),
    title: '',
    detail: scrubbed(held.join(' | '), hidden ? [] : masked, pen.words.hidden),
    amount: f.amount_at_risk !== null && f.currency !== null ? pen.money(f.amount_at_risk, f.currency) : '',
    url: `${origin}/issues/${s.ref}?finding=${f.id}`,
  }
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return '—'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > VALUE_MOST ? `${text.slice(0, VALUE_MOST)}…` : text
}
