/** The field tables against their history: a field's position is its bit in stored masks, so fields are only ever appended. */
import { describe, expect, it } from 'vitest'
import { column, keyColumn } from '../model/fields.ts'
import { KINDS } from '../model/kinds.ts'
import { READ } from '../model/read.ts'

/** Kind → fields in bit order, as released. Append a new field to the end of its line; never move or drop one. */
const RELEASED: Record<string, string> = {
  customer:
    'state name legal_name domain email phone tax_id registration_number parent legal_entity role type owner segment bill_to.line1 bill_to.line2 bill_to.city bill_to.region bill_to.postal_code bill_to.country ship_to.line1 ship_to.line2 ship_to.city ship_to.region ship_to.postal_code ship_to.country currency payment_terms credit_limit credit_hold tax_exempt language health_score renewal_readiness',
  contact: 'state customer name email phone role',
  product: 'state code sku plan_code name category price currency',
  opportunity: 'state customer name amount currency close_date owner approval',
  quote: 'state customer opportunity number amount currency valid_until approved_at accepted_at',
  contract: 'state customer number value currency starts_on ends_on signed_at renewal_term',
  order: 'state customer quote opportunity number amount tax currency ordered_at approved_at block_reason legal_entity',
  shipment: 'state order number shipped_at delivered_at',
  subscription:
    'state customer order contract product number quantity amount currency interval mrr started_on ends_on renews_on auto_renew amendment cancelled_at',
  invoice:
    'state customer order subscription number total tax amount_due currency issued_on due_on posted_at paid_at disputed legal_entity',
  payment: 'state customer invoice amount currency received_at method failure_reason',
  entitlement: 'state customer subscription contract product sla_tier quantity starts_on ends_on activated_at',
  case: 'state customer entitlement number priority sla_tier opened_at escalated_at resolved_at',
  credit: 'state customer invoice case number amount currency reason approved_at posted_at',
  tenant: 'state customer subscription plan seats activated_at',
  onboarding: 'state customer order subscription milestone due_on completed_on',
  renewal: 'state customer subscription amount currency due_on readiness',
  line: 'state document_kind document product quantity unit_price amount currency period_start period_end',
  posting: 'state invoice account period amount currency posted_on',
}

describe('field tables', () => {
  it.each(KINDS.map((kind) => [kind.name, kind] as const))(
    '%s keeps the position of every released field',
    (name, kind) => {
      expect(kind.fields.map((f) => f.name).join(' ')).toBe(RELEASED[name])
    },
  )

  it('number their bits by position and stay within the 64 bits of a mask', () => {
    for (const kind of KINDS) {
      expect(kind.fields.map((f) => f.bit)).toEqual(kind.fields.map((_, i) => i))
      expect(kind.fields.length).toBeLessThanOrEqual(64)
    }
  })

  it('have no kind that was dropped', () => {
    expect(KINDS.map((k) => k.name).sort()).toEqual(Object.keys(RELEASED).sort())
  })

  it('give every field a column of its own, also beside the key columns', () => {
    for (const kind of KINDS) {
      const columns = kind.fields.flatMap((f) => [...new Set([column(f), keyColumn(f)])])
      expect(new Set(columns).size).toBe(columns.length)
    }
  })

  it('name only references to kinds that exist and currencies that are fields', () => {
    const names = new Set(KINDS.map((k) => k.name))
    for (const kind of KINDS) {
      for (const field of kind.fields) {
        for (const to of field.to ?? []) expect(names).toContain(to)
        if (field.type === 'money') expect(kind.fields.find((f) => f.name === field.currency)?.type).toBe('currency')
        expect(READ).toHaveProperty(field.type)
      }
    }
  })

  it('require only existing fields in transitions between existing states', () => {
    for (const kind of KINDS) {
      const names = kind.fields.map((f) => f.name)
      for (const move of kind.transitions) {
        expect(kind.states).toContain(move.from)
        expect(kind.states).toContain(move.to)
        for (const field of move.requires ?? []) expect(names).toContain(field)
      }
    }
  })
})
