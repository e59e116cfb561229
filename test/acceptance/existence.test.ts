/** Existence: where each kind must exist, from which state on, who is at fault, and what is no fault at all. */
import { afterAll, describe, expect, it } from 'vitest'
import { closeAll, found, lines, world } from './scenario.ts'

afterAll(closeAll)

describe('a live record that must exist on several platforms', () => {
  it('customers, orders and contracts: missing, orphaned, deleted, or rightly in one place only', async () => {
    const w = await world({
      files: {
        'crm/customers': `record_id,state,name,deleted
          C1,customer,Alder,
          C2,customer,Birch,
          C3,lead,Cedar,
          C4,prospect,Douglas,
          C6,churned,Fir,
          C8,customer,Hazel,
          C9,customer,Ivy,
          C10,closed,Juniper,
          C12,customer,Larch,true
          C13,customer,Maple,
          C14,customer,Nutmeg,true`,
        'erp/customers': `record_id,refs.crm,state
          E1,C1,customer
          E6,C6,churned
          E8,C8,customer
          E9,C9,customer
          E11,,customer
          E13,C13,customer`,
        'billing/customers': `record_id,refs.crm,merged_into,deleted
          B1,C1,,
          B2,C2,,
          B9,C9,,
          B11,,,
          B12,C12,,
          B13,C13,B13b,true
          B13b,,,`,
        'support/customers': `record_id,refs.crm,deleted,refs.erp,refs.billing
          U1,C1,,,
          U2,C2,,,
          U6,C6,,,
          U7,,,,
          U9,C9,true,,
          U11,,,E11,B11
          U13,C13,,,`,
        'crm/orders': `record_id,number,state,amount,currency,changed_at
          O1,N1,booked,100.00,EUR,2026-11-18T10:00:00Z
          O2,N2,draft,100.00,EUR,2026-11-18T10:00:00Z
          O5,N5,pending_approval,50,USD,2026-11-18T10:00:00Z
          O6,N6,booked,60,USD,2026-11-18T10:00:00Z
          O7,N7,booked,,USD,2026-11-18T10:00:00Z`,
        'erp/orders': `record_id,number,state,amount,currency,changed_at
          X3,N3,booked,30,EUR,2026-11-18T10:00:00Z
          X6,N6,booked,60,USD,2026-11-18T10:00:00Z`,
        'crm/contracts': `record_id,number,state,value,currency
          K1,A1,signed,1000,EUR
          K2,A2,draft,1000,EUR`,
        'erp/contracts': 'record_id,number,state',
        'support/contracts': `record_id,number,state
          L3,A3,active`,
      },
    })
    const findings = await w.round({ full: true })
    expect(lines(findings)).toEqual(
      [
        'missing customer crm>erp crm:C2 drift open',
        'missing customer crm>billing crm:C6 drift open',
        'missing customer crm>billing crm:C8 drift open',
        'missing customer crm>support crm:C8 drift open',
        'missing customer crm>support crm:C9 support:U9 drift open',
        'missing customer erp>crm erp:E11 drift open',
        'orphan customer crm>billing billing:B12 crm:C12 drift open',
        'orphan customer crm>support support:U7 drift open',
        'missing order crm>erp crm:O1 drift open =100 EUR',
        'missing order crm>erp crm:O5 drift open =50 USD',
        // It has waited for approval for two days of the seven that it may.
        'exception order ->crm crm:O5 in_flight in_flight =50 USD',
        'missing order crm>erp crm:O7 drift open',
        'missing order erp>crm erp:X3 drift open =30 EUR',
        'missing contract crm>erp crm:K1 drift open =1000 EUR',
        'missing contract crm>support crm:K1 drift open =1000 EUR',
        'orphan contract crm>support support:L3 drift open',
        // Drafts and booked orders that have been so for less than they may.
        ...['crm:O1', 'crm:O2', 'crm:O7', 'erp:X3', 'erp:X6'].map(
          (at) => `transition order.state ->${at.slice(0, 3)} ${at} in_flight in_flight`,
        ),
      ].sort(),
    )
    const issues = (id: string) => new Set(findings.filter((f) => f.subject[0]!.record_id === id).map((f) => f.issue))
    expect(issues('C8').size).toBe(1)
    expect(findings.find((f) => f.subject.some((s) => s.record_id === 'U9'))!.cause).toBe('deleted')
    await w.close()
  }, 240_000)

  it('subscriptions, with provisioning that keeps customers', async () => {
    expect(
      await found({
        files: {
          'crm/customers': `record_id,state
            C1,customer
            C2,customer`,
          'provisioning/customers': `record_id,refs.crm
            T1,C1`,
          'crm/subscriptions': `record_id,number,state
            Z3,S3,active
            Z4,S4,active`,
          'billing/subscriptions': `record_id,number,state,amount,currency
            S1,S1,active,120,EUR
            S2,S2,pending,120,EUR
            S4,S4,active,10,EUR
            S5,S5,cancelled,10,EUR`,
          'erp/subscriptions': `record_id,number,state
            E4,S4,active`,
        },
        config:
          'checks: { disable: [deadlines/subscription-invoiced, deadlines/tenant-active, deadlines/entitlement-active] }',
      }),
    ).toEqual(
      [
        'missing customer crm>provisioning crm:C2 drift open',
        'missing subscription billing>crm billing:S1 drift open =120 EUR',
        'missing subscription billing>erp billing:S1 drift open =120 EUR',
        'missing subscription billing>crm billing:S5 drift open =10 EUR',
        'missing subscription billing>erp billing:S5 drift open =10 EUR',
        'orphan subscription billing>crm crm:Z3 drift open',
        // Pending for less than it may be.
        'transition subscription.state ->billing billing:S2 in_flight in_flight',
      ].sort(),
    )
  }, 240_000)

  it('invoices, payments and credits go by the issuer of their legal entity', async () => {
    expect(
      await found({
        files: {
          'erp/invoices': `record_id,number,state,total,currency,legal_entity
            E1,I1,open,119.00,EUR,DE01
            E3,I3,draft,5,EUR,DE01
            E4,I4,open,40,EUR,US01
            E5,I5,paid,50,EUR,DE01
            E7,I7,open,70,EUR,DE01`,
          'billing/invoices': `record_id,number,state,total,currency,legal_entity
            B4,I4,paid,40,EUR,US01
            B6,I6,open,60,EUR,US01
            B7,I7,paid,70,EUR,DE01`,
          'crm/invoices': `record_id,number,state,total,currency
            C2,I2,open,20,EUR
            C4,I4,paid,40,EUR
            C5,I5,open,50,EUR
            C7,I7,open,71,EUR`,
          'billing/payments': `record_id,invoice,state,amount,currency
            P1,B4,succeeded,40,EUR
            P2,B6,pending,60,EUR`,
          'erp/payments': `record_id,invoice,state,amount,currency,refs.billing
            Q3,E5,succeeded,50,EUR,`,
          'billing/credits': `record_id,number,state,amount,currency
            D1,G1,approved,7,EUR
            D2,G2,requested,7,EUR`,
          'erp/credits': 'record_id,number,state,amount,currency',
        },
        platforms: { crm: 'role: crm', erp: 'role: erp', billing: 'role: billing' },
        config:
          'issuer: { US01: billing }\nchecks: { disable: [control-totals/invoices, control-totals/payments, control-totals/credits, invoice-payment/credit-not-posted] }',
      }),
    ).toEqual(
      [
        'missing invoice erp>crm erp:E1 drift open =119 EUR',
        'orphan invoice erp>crm crm:C2 drift open',
        'mismatch invoice.state billing>erp billing:B4 erp:E4 drift open =40 EUR',
        'mismatch invoice.state erp>crm crm:C5 erp:E5 drift open =50 EUR',
        'mismatch invoice.state erp>billing billing:B7 erp:E7 drift open =70 EUR',
        'mismatch invoice.total erp>crm crm:C7 erp:E7 drift open =1 EUR',
        'missing invoice billing>crm billing:B6 drift open =60 EUR',
        'missing invoice billing>erp billing:B6 drift open =60 EUR',
        'missing payment billing>erp billing:P1 drift open =40 EUR',
        'missing credit billing>erp billing:D1 drift open =7 EUR',
        // Drafts and pending ones that have been so for less than they may.
        'transition credit.state ->billing billing:D2 in_flight in_flight',
        'transition invoice.state ->erp erp:E3 in_flight in_flight',
        'transition payment.state ->billing billing:P2 in_flight in_flight',
      ].sort(),
    )
  }, 240_000)
})
