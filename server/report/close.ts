/** Period close: the store's counts put together into what keeps each month of each legal entity from being closed. */
import { compare, format } from '../../model/decimal.ts'
import { periods, type Period, type PeriodDocuments } from '../../model/period-close.ts'
import { speaksFor } from '../../model/whereabouts.ts'
import type { Context } from '../context.ts'
import { documentsByPeriod, findingsByPeriod, type DocumentsOfPeriod } from '../store/facts/periods.ts'

/** Kinds whose streams must have been read through the end of a period. */
const CLOSING = ['invoice', 'payment', 'credit', 'posting']

/** Periods from a month (`2026-11`) on, newest first. */
export async function periodsToClose(
  ctx: Pick<Context, 'landscape' | 'facts' | 'control' | 'clock' | 'checks'>,
  from: string,
): Promise<Period[]> {
  const { landscape, facts, control, clock } = ctx
  const owners = landscape.owners('invoice', 'existence', { state: null, scope: {} })
  const order = [...new Set([...owners, ...landscape.platforms.map((p) => p.name)])]
  const documents = await documentsByPeriod(facts, from, order)
  const titles = new Map(ctx.checks.map((c) => [c.id, c.title]))
  const findings = (await findingsByPeriod(facts, from)).map((f) => ({
    ...f,
    title: titles.get(f.check) ?? f.title,
    findings: Number(f.findings),
    amounts: clean(f.amounts),
  }))
  const known = new Map<string, { period: string; legal_entity: string; documents: number }>()
  for (const d of documents) {
    const key = `${d.period} ${d.legal_entity}`
    const before = known.get(key)
    known.set(key, {
      period: d.period,
      legal_entity: d.legal_entity,
      documents: (before?.documents ?? 0) + Number(d.documents),
    })
  }
  for (const f of findings)
    if (!known.has(`${f.period} ${f.legal_entity}`))
      known.set(`${f.period} ${f.legal_entity}`, { period: f.period, legal_entity: f.legal_entity, documents: 0 })
  return periods({
    findings,
    documents: documents.flatMap(undone),
    streams: control
      .streams()
      .filter((s) => CLOSING.includes(s.kind))
      .map(({ platform, kind, completeThrough }) => ({ platform, kind, completeThrough })),
    known: [...known.values()],
    speaks: (name, entity) => {
      const platform = landscape.platforms.find((p) => p.name === name)
      return platform !== undefined && speaksFor(platform, entity === '' ? {} : { legal_entity: entity })
    },
    now: clock.now(),
  })
}

function undone(d: DocumentsOfPeriod): PeriodDocuments[] {
  const base = { period: d.period, legal_entity: d.legal_entity, kind: d.kind }
  return [
    { ...base, what: 'draft' as const, documents: Number(d.drafts), amounts: clean(d.draft_amounts) },
    { ...base, what: 'unposted' as const, documents: Number(d.unposted), amounts: clean(d.unposted_amounts) },
  ].filter((x) => x.documents > 0)
}

/** Without currencies of which nothing is known or nothing is left. */
function clean(all: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(all)
      .filter(([currency, value]) => currency !== '' && compare(value, '0') !== 0)
      .map(([currency, value]) => [currency, format(value)]),
  )
}
