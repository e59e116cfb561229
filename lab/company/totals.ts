/** Totals: what the invoices of one month add up to on a platform, as its readers see them. */
import { absolute, add, subtract } from '../money.ts'
import type { Company } from './company.ts'

/** What a control total goes by. */
export interface TotalScope {
  /** Month, `2026-08`. */
  period: string
  currency: string
  legal_entity: string
}

/** Not counted: what is not yet an invoice, and what no longer is. */
const UNCOUNTED = new Set(['draft', 'void'])

function totalOn(company: Company, platform: string, scope: TotalScope): string {
  const counted = company.histories
    .get(platform)!
    .records('invoice')
    .filter(
      ({ fields, state, deletedAt }) =>
        deletedAt === undefined &&
        !UNCOUNTED.has(state ?? '') &&
        fields['issued_on']?.slice(0, 7) === scope.period &&
        fields['currency'] === scope.currency &&
        fields['legal_entity'] === scope.legal_entity,
    )
  return counted.reduce((sum, { fields }) => add(sum, fields['total'] ?? '0', scope.currency), '0')
}

/** What two platforms' totals lie apart, whatever the reasons: several faults may lie in one month. */
export const totalsApart = (company: Company, scope: TotalScope, [one, other]: readonly [string, string]): string =>
  absolute(subtract(totalOn(company, one, scope), totalOn(company, other, scope), scope.currency))
