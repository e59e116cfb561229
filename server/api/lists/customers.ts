/** The list of customers as a table, and its search: words find people, terms find what is wrong with them. */
import { VOCABULARIES } from '../../../model/vocabularies.ts'

import type { Context } from '../../context.ts'
import { customersAtRisk, searchCustomers } from '../../store/facts/customers.ts'
import { customersThat, type CustomerTerm } from '../../store/facts/customer-query.ts'
import { customerViews, weightsOf } from '../customer-views.ts'
import { boundValues, partsOf } from '../search.ts'
import { amountsText, type List } from './list.ts'

const IS: Record<string, readonly string[]> = {
  unresolved: ['open', 'undecided', 'in_flight'],
  open: ['open'],
  undecided: ['undecided'],
  'in-flight': ['in_flight'],
  fine: ['open', 'undecided', 'in_flight'],
}

/** @throws PlumblineError('schema') naming the part that is not understood */
export function customerTerms(q: string): CustomerTerm[] {
  return partsOf(q, VOCABULARIES.customers).map((part): CustomerTerm => {
    if (part.in === 'words') return { key: 'text', values: part.words, not: false }
    if (part.in === 'is')
      return { key: 'state', values: IS[part.word]!, not: part.word === 'fine' ? !part.not : part.not }
    if (part.in === 'value') return { key: part.key as CustomerTerm['key'], values: part.values, not: part.not }
    return { key: part.key as CustomerTerm['key'], values: boundValues(part.bound), not: part.not }
  })
}

/** Customers that a query means. Words alone also find exact ids, mail addresses and domains, those first. */
export async function customerPage(
  ctx: Context,
  q: string,
  offset: number,
  limit: number,
): Promise<{ entities: string[]; total: number }> {
  const terms = customerTerms(q)
  if (terms.length === 1 && terms[0]!.key === 'text') {
    const found = await searchCustomers(ctx.facts, q.replace(/^"|"$/g, ''))
    if (found.length > 0 || terms[0]!.values.length === 1)
      return { entities: found.slice(offset, offset + limit), total: found.length }
  }
  if (terms.length === 0) return await customersAtRisk(ctx.facts, weightsOf(ctx), offset, limit)
  return await customersThat(ctx.facts, terms, weightsOf(ctx), offset, limit)
}

export const customerList: List = {
  title: 'Customers',
  first: 'is:unresolved',
  async read({ ctx }, { q, limit }) {
    const { entities, total } = await customerPage(ctx, q, 0, limit)
    return {
      total,
      columns: [
        ...['Customer', 'Id', 'Known to', 'Open', 'Worst', 'In flight', 'Undecided', 'At risk'],
        ...[`At risk in ${ctx.landscape.reportingCurrency}`, 'Health', 'Next step'],
      ],
      rows: (await customerViews(ctx, entities)).map((c) => ({
        href: `/customers/${encodeURIComponent(c.entity_id)}`,
        cells: [
          ...[c.name, c.entity_id, c.records.map((r) => `${r.platform.title} ${r.record_id}`).join(', ') || null],
          ...[String(c.open), c.worst, String(c.in_flight), String(c.undecided), amountsText(c.exposure.amounts)],
          ...[c.exposure.known, c.health ?? c.readiness, c.next_step],
        ],
      })),
    }
  },
}
