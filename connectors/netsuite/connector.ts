/** NetSuite: customers, orders, invoices, payments, credits, items and the ledger, and the custom records that the configuration names. */
import type { ConnectorContext } from '../contract.ts'
import { ConnectorError, defineConnector } from '../contract.ts'
import { platformClock } from '../cursor.ts'
import { netsuiteActions } from './actions.ts'
import { authorise } from './authorise.ts'
import type { NetSuiteConfig } from './config.ts'
import { baseOf, config } from './config.ts'
import { errors } from './dialect.ts'
import { PATH, suiteql } from './query.ts'
import { receive } from './receive.ts'
import { recordsOf } from './spec.ts'
import { LAG_MS, recordStream } from './stream.ts'

/** Pages of the application, by kind; a line or posting has none of its own. */
const PAGES: Record<string, string> = {
  customer: '/app/common/entity/custjob.nl',
  contact: '/app/common/entity/contact.nl',
  product: '/app/common/item/item.nl',
  case: '/app/crm/support/supportcase.nl',
  ...Object.fromEntries(
    ['order', 'invoice', 'payment', 'credit', 'quote', 'opportunity'].map((kind) => [
      kind,
      '/app/accounting/transactions/transaction.nl',
    ]),
  ),
}

export default defineConnector<NetSuiteConfig>({
  title: 'NetSuite',
  mark: 'NS',
  config,
  base: baseOf,
  authorise,
  ping,
  streams: recordsOf({ records: {}, skip: [], tax_lines: true, accounting_book: 1 }).specs.map(recordStream),
  async discover(ctx) {
    const { specs, missing } = recordsOf(ctx.config)
    if (missing.length)
      throw new ConnectorError(
        'config',
        `${ctx.platform} reads ${missing.join(', ')}, but no canonical kind is named for it.`,
        {
          remedy: `Add kind to config.records.${missing[0]}.`,
        },
      )
    return specs.map(recordStream)
  },
  actions: netsuiteActions({ records: {}, skip: [], tax_lines: true, accounting_book: 1, write: undefined }),
  receive,
  actionsOf: (c) => (c.write ? netsuiteActions(c) : []),
  // Calls are limited by how many run at once, account-wide; the smallest tier allows five.
  limits: { calls: 1200, windowMs: 60_000, concurrency: 2, reserve: 0 },
  errors,
  lagMs: LAG_MS,
  replayDays: null,
  link(c, kind, id) {
    const page = PAGES[kind]
    if (!page || !/^\d+$/.test(id)) return null
    return `https://${c.account.toLowerCase().replaceAll('_', '-')}.app.netsuite.com${page}?id=${id}`
  },
})

async function ping(ctx: ConnectorContext<NetSuiteConfig>) {
  const asked = ctx.clock.now()
  const { reply } = await suiteql(ctx, 'SELECT cu.symbol AS symbol FROM currency cu', 1, 'verify')
  const missingScopes: string[] = []
  const tables = new Set([...recordsOf(ctx.config).specs.map((s) => s.table), 'deletedrecord'])
  for (const table of tables) {
    const json = { q: `SELECT COUNT(*) AS n FROM ${table} x WHERE 1 = 0` }
    const probe = await ctx.http.request({
      method: 'POST',
      url: PATH,
      query: { limit: 1, offset: 0 },
      headers: { prefer: 'transient' },
      json,
      accept: [400, 403],
      priority: 'verify',
    })
    if (probe.status >= 400) missingScopes.push(`read ${table}`)
  }
  return { account: ctx.config.account, missingScopes, clockSkewMs: platformClock(reply, asked) - asked }
}
