/** Money at risk of a field that differs. Unknown is null, never zero. */
import { abs, format, subtract } from '../../../model/decimal.ts'
import type { Field } from '../../../model/fields.ts'
import type { Cell } from './agree-sql.ts'
import type { Holder } from './holders.ts'

export interface AtRisk {
  amount_at_risk: string | null
  currency: string | null
}

const UNKNOWN: AtRisk = { amount_at_risk: null, currency: null }

/** Invoices in these states ask for nothing more: whoever still shows them otherwise acts on the whole total. */
const SETTLED: ReadonlySet<string> = new Set(['paid', 'void', 'credited', 'uncollectible'])

/** The absolute difference of two amounts; the total of an invoice that is paid or void on one side only. */
export function amountAtRisk(kind: string, field: Field, owner: Holder, ownerCell: Cell, follower: Cell): AtRisk {
  if (field.type === 'money' && ownerCell.value !== null) {
    const currency = ownerCell.currency ?? follower.currency
    return { amount_at_risk: format(abs(subtract(ownerCell.value, follower.value ?? '0'))), currency }
  }
  if (kind === 'invoice' && field.name === 'state') {
    const oneSided = SETTLED.has(ownerCell.value ?? '') !== SETTLED.has(follower.value ?? '')
    if (oneSided && owner.worth !== null) return { amount_at_risk: format(owner.worth), currency: owner.worth_currency }
  }
  return UNKNOWN
}
