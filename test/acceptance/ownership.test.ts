/** Ownership: for each row of the matrix, who speaks and who is at fault; hand-over, scopes, issuers, advisory copies. */
import { afterAll, describe, expect, it } from 'vitest'
import { closeAll, found } from './scenario.ts'

afterAll(closeAll)

describe('who owns what', () => {
  it('every row of the shipped matrix, with its hand-overs', async () => {
    expect(
      await found({
        files: {
          'crm/customers': `record_id,state,legal_name,segment,ship_to.city,health_score,name,email,parent
            C1,customer,B AG,S1,Basel,70,Alder,a@alder.example,
            C2,prospect,C AG,S1,Bern,80,Birch,b@birch.example,C1`,
          'erp/customers': `record_id,refs.crm,state,legal_name,ship_to.city,name,segment,parent
            E1,C1,customer,A AG,Bern,Alder,X9,
            E2,C2,customer,C AG,Bern,Birch,X9,`,
          'billing/customers': `record_id,refs.crm,legal_name,name,email
            B1,C1,B AG,Alder,bills@alder.example
            B2,C2,C AG,Birch two,b@birch.example`,
          'support/customers': `record_id,refs.crm,legal_name,segment,name
            U1,C1,A AG,S2,Alter
            U2,C2,C AG,S1,Birch`,
          'success/customers': `record_id,refs.crm,health_score,segment
            H1,C1,80,S1
            H2,C2,80,S2`,
          'commerce/customers': `record_id,refs.crm,ship_to.city
            M1,C1,Bern
            M2,C2,Bern`,
          'crm/opportunities': `record_id,name,amount,currency
            P1,Deal,100,EUR`,
          'erp/opportunities': `record_id,refs.crm,name,amount,currency
            Q1,P1,Deal,90,EUR`,
          'crm/orders': `record_id,number,state,amount,currency,changed_at
            O1,N1,draft,10,EUR,2026-11-18T08:00:00Z
            O2,N2,draft,20,EUR,2026-11-18T08:00:00Z
            O3,N3,booked,30,EUR,2026-11-18T08:00:00Z
            O4,N4,booked,40,EUR,2026-11-18T08:00:00Z`,
          'erp/orders': `record_id,number,state,amount,currency,changed_at
            X1,N1,draft,11,EUR,2026-11-18T08:00:00Z
            X2,N2,booked,22,EUR,2026-11-18T08:00:00Z
            X3,N3,booked,33,EUR,2026-11-18T08:00:00Z
            X4,N4,blocked,40,EUR,2026-11-20T08:00:00Z`,
          'support/orders': `record_id,number,state
            Y3,N3,fulfilled`,
          'erp/shipments': `record_id,number,state
            S1,SH1,shipped`,
          'commerce/shipments': `record_id,number,state
            S2,SH1,pending`,
          'crm/contracts': `record_id,number,ends_on
            K1,A1,2027-01-01`,
          'billing/contracts': `record_id,number,ends_on
            K2,A1,2027-02-01`,
          'erp/postings': `record_id,account,amount,currency
            G1,4000,5,EUR`,
          'billing/postings': `record_id,refs.erp,account,amount,currency
            G2,G1,4000,6,EUR`,
          'billing/credits': `record_id,number,state,amount,currency
            D1,CR1,posted,7,EUR`,
          'erp/credits': `record_id,number,state,amount,currency
            D2,CR1,approved,8,EUR`,
          'support/cases': `record_id,number,priority
            T1,77,high`,
          'crm/cases': `record_id,number,priority
            T2,77,low`,
          'psa/onboardings': `record_id,milestone,state,due_on
            V1,Go live,done,2026-11-01`,
          'crm/onboardings': `record_id,refs.psa,milestone,state,due_on
            V2,V1,Go live,in_progress,2026-11-01`,
          'crm/renewals': `record_id,amount,currency
            W1,100,EUR`,
          'billing/renewals': `record_id,refs.crm,amount,currency
            W2,W1,110,EUR`,
          'erp/products': `record_id,sku,name
            Z1,SKU-1,Alpha`,
          'crm/products': `record_id,sku,name
            Z2,SKU-1,Beta`,
        },
        config:
          'checks: { disable: [control-totals/orders, control-totals/credits, entitlement/onboarding-late, order-to-cash/order-blocked, invoice-payment/credit-not-posted] }',
      }),
    ).toEqual(
      [
        'mismatch customer.legal_name erp>crm crm:C1 erp:E1 drift open',
        'mismatch customer.legal_name erp>billing billing:B1 erp:E1 drift open',
        'mismatch customer.segment crm>support crm:C1 support:U1 drift open',
        'mismatch customer.segment crm>success crm:C2 success:H2 drift open',
        // Billing's own recipient is information, of low severity.
        'mismatch customer.email crm>billing billing:B1 crm:C1 drift open',
        'mismatch customer.ship_to.city commerce>crm commerce:M1 crm:C1 drift open',
        'mismatch customer.health_score success>crm crm:C1 success:H1 drift open',
        'mismatch customer.name crm>support crm:C1 support:U1 drift open',
        'mismatch customer.parent crm>erp crm:C2 erp:E2 drift open',
        'mismatch customer.state erp>crm crm:C2 erp:E2 drift open',
        'mismatch opportunity.amount crm>erp crm:P1 erp:Q1 drift open =10 EUR',
        'mismatch order.amount crm>erp crm:O1 erp:X1 drift open =1 EUR',
        'mismatch order.amount erp>crm crm:O2 erp:X2 drift open =2 EUR',
        'mismatch order.state erp>crm crm:O2 erp:X2 drift open',
        'mismatch order.amount erp>crm crm:O3 erp:X3 drift open =3 EUR',
        'mismatch order.state erp>support erp:X3 support:Y3 drift open',
        'mismatch order.state erp>crm crm:O4 erp:X4 drift open',
        'mismatch shipment.state erp>commerce commerce:S2 erp:S1 drift open',
        'mismatch contract.ends_on crm>billing billing:K2 crm:K1 drift open',
        'mismatch posting.amount erp>billing billing:G2 erp:G1 drift open =1 EUR',
        'mismatch credit.amount billing>erp billing:D1 erp:D2 drift open =1 EUR',
        'mismatch credit.state billing>erp billing:D1 erp:D2 drift open',
        'mismatch case.priority support>crm crm:T2 support:T1 drift open',
        'mismatch onboarding.state psa>crm crm:V2 psa:V1 drift open',
        'mismatch renewal.amount crm>billing billing:W2 crm:W1 drift open =10 EUR',
        'mismatch product.name erp>crm crm:Z2 erp:Z1 drift open',
        // A draft, booked orders and a shipment under way that have been so for less than they may.
        'transition order.state ->crm crm:O1 in_flight in_flight',
        'transition order.state ->erp erp:X2 in_flight in_flight',
        'transition order.state ->erp erp:X3 in_flight in_flight',
        'transition shipment.state ->erp erp:S1 in_flight in_flight',
      ].sort(),
    )
  }, 240_000)

  it('regional ERPs speak for their own legal entities only, and references follow ids, plain ids and platform:id', async () => {
    expect(
      await found({
        platforms: {
          crm: 'role: crm',
          'erp-eu': 'role: erp, scope: { legal_entity: [DE01, CH01] }',
          'erp-us': 'role: erp, scope: { legal_entity: [US01] }',
          billing: 'role: billing',
        },
        files: {
          'crm/customers': `record_id,legal_entity,payment_terms,state
            C1,DE01,net_30,customer
            C2,US01,net_30,customer
            C3,US01,net_30,customer
            C4,CH01,net_30,customer`,
          'erp-eu/customers': `record_id,refs.crm,legal_entity,payment_terms,state
            100,C1,DE01,net_45,customer`,
          'erp-us/customers': `record_id,refs.crm,legal_entity,payment_terms,state
            100,C2,US01,net_60,customer
            200,C3,US01,net_30,customer`,
          'billing/customers': `record_id,refs.crm,payment_terms
            B1,C1,net_45
            B2,C2,net_45
            B3,C3,net_30
            B4,C4,net_30`,
          'support/cases': `record_id,refs.crm,customer,number
            T1,S1,C1,1
            T2,S2,erp-us:200,2
            T3,,100,3
            T4,,nowhere,4
            T5,,erp-us:999,5
            T6,S6,B2,6`,
          'crm/cases': `record_id,customer,number
            S1,C1,1
            S2,C2,2
            S6,C2,6`,
        },
      }),
    ).toEqual(
      [
        'mismatch customer.payment_terms erp-eu>crm crm:C1 erp-eu:100 drift open',
        'mismatch customer.payment_terms erp-us>crm crm:C2 erp-us:100 drift open',
        'mismatch customer.payment_terms erp-us>billing billing:B2 erp-us:100 drift open',
        'missing customer crm>erp-eu crm:C4 drift open',
        'mismatch case.customer support>crm crm:S2 support:T2 drift open',
        'quality case.customer ->support support:T3 drift open',
        'quality case.customer ->support support:T4 drift open',
        'quality case.customer ->support support:T5 drift open',
      ].sort(),
    )
  }, 240_000)
})
