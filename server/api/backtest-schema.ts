/** The back-test as the API tells it. */
import { z } from 'zod'

const figures = z
  .object({
    fired: z.number().int(),
    findings: z.number().int(),
    customers: z.number().int(),
    alerts: z.number().int(),
    money: z.record(z.string(), z.string()),
    without_amount: z.number().int(),
    still_open: z.number().int(),
    healed: z.number().int(),
    healed_median_s: z.number().nullable(),
    healed_p90_s: z.number().nullable(),
    only_in_flight: z.number().int(),
    only_undecided: z.number().int(),
  })
  .meta({ id: 'BacktestFigures' })

const finding = z
  .object({
    id: z.string(),
    title: z.string(),
    entity_id: z.string(),
    customer_entity_id: z.string(),
    customer: z.string().nullable(),
    platform: z.string().nullable(),
    amount: z.string().nullable(),
    currency: z.string().nullable(),
    opened_at: z.string(),
    closed_at: z.string().nullable(),
    times: z.number().int(),
  })
  .meta({ id: 'BacktestFinding' })

const result = z
  .object({
    check: z.string(),
    title: z.string(),
    version: z.string(),
    live_version: z.string().nullable(),
    from: z.string(),
    to: z.string(),
    instants: z.number().int(),
    cell_s: z.number().nullable().describe('Null: every instant at which something moved was looked at.'),
    grid_s: z.number().nullable(),
    took_ms: z.number(),
    figures,
    live: figures.nullable(),
    compared: z
      .object({
        added: z.number().int(),
        removed: z.number().int(),
        same: z.number().int(),
        alerts_added: z.number().int(),
        alerts_removed: z.number().int(),
      })
      .nullable(),
    findings: z.array(finding),
    added: z.array(finding),
    removed: z.array(finding),
    days: z.array(
      z.object({
        day: z.string(),
        opened: z.number().int(),
        alerts: z.number().int(),
        live_opened: z.number().int().nullable(),
        live_alerts: z.number().int().nullable(),
      }),
    ),
  })
  .meta({ id: 'BacktestResult' })

export const backtestSchema = z
  .object({
    id: z.string(),
    check: z.string(),
    state: z.enum(['running', 'done', 'failed', 'stopped']),
    started_at: z.string(),
    done: z.number().int().describe('Instants looked at.'),
    of: z.number().int().describe('Instants known so far.'),
    at: z.string().nullable().describe('The instant that was looked at last.'),
    error: z.object({ code: z.string(), message: z.string(), remedy: z.string().optional() }).nullable(),
    result: result.nullable(),
  })
  .meta({ id: 'Backtest' })
