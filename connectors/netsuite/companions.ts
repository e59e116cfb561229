/** What stands beside the rows of a page in other tables: tax by document, and the invoices that money is applied to. */
import type { ConnectorContext } from '../contract.ts'
import { abs, format } from '../../model/decimal.ts'
import type { NetSuiteConfig } from './config.ts'
import { listed } from './query.ts'
import type { Row } from './sources.ts'
import type { RecordSpec } from './spec.ts'
import { isId } from './suiteql.ts'

/** Oracle takes a thousand values in one list. */
const IN_MAX = 1000

/** Puts `tax` and `applied` into the rows, with one question for each thousand of them. */
export async function accompany(
  ctx: ConnectorContext<NetSuiteConfig>,
  spec: RecordSpec,
  rows: readonly Row[],
  priority: 'verify' | 'read' | 'sweep',
): Promise<void> {
  if (!spec.companions?.length) return
  const ids = rows.map((row) => row['id']).filter(isId)
  for (let from = 0; from < ids.length; from += IN_MAX) {
    const some = ids.slice(from, from + IN_MAX)
    if (spec.companions.includes('tax')) await putTax(ctx, rows, some, priority)
    if (spec.companions.includes('applied')) await putApplied(ctx, rows, some, priority)
  }
}

async function putTax(
  ctx: ConnectorContext<NetSuiteConfig>,
  rows: readonly Row[],
  ids: string[],
  priority: 'verify' | 'read' | 'sweep',
): Promise<void> {
  const q = `SELECT l.transaction AS id, SUM(l.foreignamount) AS tax FROM transactionline l WHERE l.taxline = 'T' AND l.transaction IN (${ids.join(', ')}) GROUP BY l.transaction ORDER BY l.transaction`
  const taxes = new Map((await listed(ctx, q, priority)).map((row) => [row['id'], row['tax']]))
  for (const row of rows) {
    if (!ids.includes(row['id'] as string)) continue
    const tax = taxes.get(row['id'])
    // A document without tax lines bears no tax; signs follow the side of the ledger.
    row['tax'] =
      tax === undefined || tax === null
        ? '0'
        : typeof tax === 'string' && /^[+-]?\d+(\.\d+)?$/.test(tax)
          ? format(abs(tax))
          : tax
  }
}

async function putApplied(
  ctx: ConnectorContext<NetSuiteConfig>,
  rows: readonly Row[],
  ids: string[],
  priority: 'verify' | 'read' | 'sweep',
): Promise<void> {
  const q = `SELECT k.nextdoc AS id, k.previousdoc AS invoice FROM nexttransactionlinelink k WHERE k.previoustype = 'CustInvc' AND k.nextdoc IN (${ids.join(', ')}) ORDER BY k.nextdoc, k.previousdoc`
  const applied = new Map<unknown, Set<string>>()
  for (const link of await listed(ctx, q, priority)) {
    const invoices = applied.get(link['id']) ?? new Set<string>()
    invoices.add(String(link['invoice']))
    applied.set(link['id'], invoices)
  }
  for (const row of rows) row['applied'] ??= [...(applied.get(row['id']) ?? [])]
}
