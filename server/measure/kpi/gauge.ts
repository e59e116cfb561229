/** The gauge of the key figures: `plumbline_kpi{kpi,scope}` on the metrics page, as last measured. What is not known is left out. */
import { metrics } from '@opentelemetry/api'
import { iso } from '../../clock.ts'
import type { Context } from '../../context.ts'
import { latestKpis } from '../../store/facts/kpis.ts'

/** Figures older than this are not shown as if they were of now. */
const STALE_MS = 2 * 3_600_000

export function observeKpis(ctx: Pick<Context, 'facts' | 'clock'>): void {
  const gauge = metrics.getMeter('plumbline').createObservableGauge('plumbline_kpi', {
    description: 'Key figures as last measured; docs/kpis.md says what each means. Scope is empty for the total.',
  })
  gauge.addCallback(async (result) => {
    const now = ctx.clock.now()
    for (const row of await latestKpis(ctx.facts, iso(now), iso(now - STALE_MS)))
      if (row.value !== null) result.observe(Number(row.value), { kpi: row.kpi, scope: row.scope })
  })
}
