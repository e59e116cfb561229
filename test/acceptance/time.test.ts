/** Time: in flight, drift, undecided; what heals, what comes back, what vanishes; increments and incremental runs. */
import { afterAll, expect, it } from 'vitest'
import { closeAll, lines, world } from './scenario.ts'

afterAll(closeAll)

it('a difference is in flight within its window, drift after it, undecided while the follower was not read that far', async () => {
  const changed = '2026-11-20T11:50:00Z'
  const w = await world({
    files: {
      'erp/customers': `record_id,payment_terms,credit_hold,changed_at
        E1,net_30,false,${changed}
        E2,net_60,true,${changed}`,
      'crm/customers': `record_id,refs.erp,payment_terms,credit_hold,changed_at
        C1,E1,net_30,false,2026-11-01T08:00:00Z
        C2,E2,net_30,false,2026-11-01T08:00:00Z`,
      'erp/products': `record_id,sku,name,changed_at
        P1,S-1,Alpha,2026-11-20T00:00:00Z`,
      'crm/products': `record_id,sku,name,changed_at
        Q1,S-1,Beta,2026-11-01T00:00:00Z`,
      'erp/invoices': `record_id,number,state,total,currency,changed_at
        I1,1,paid,100,EUR,2026-11-20T11:40:00Z
        I2,2,paid,50,EUR,2026-11-20T11:50:00Z
        I3,3,open,70,EUR,2026-11-20T11:10:00Z`,
      'crm/invoices': `record_id,number,state,total,currency,changed_at
        J1,1,open,100,EUR,2026-11-01T00:00:00Z
        J2,2,open,50,EUR,2026-11-01T00:00:00Z`,
    },
    config: 'checks: { disable: [control-totals/invoices] }',
  })
  expect(lines(await w.round())).toEqual(
    [
      'mismatch customer.credit_hold erp>crm crm:C2 erp:E2 drift open',
      'mismatch customer.payment_terms erp>crm crm:C2 erp:E2 in_flight in_flight',
      'mismatch invoice.state erp>crm crm:J1 erp:I1 drift open =100 EUR',
      'mismatch invoice.state erp>crm crm:J2 erp:I2 in_flight in_flight =50 EUR',
      'mismatch product.name erp>crm crm:Q1 erp:P1 in_flight in_flight',
      'missing invoice erp>crm erp:I3 in_flight in_flight =70 EUR',
    ].sort(),
  )
  // Two hours later nothing was read again: windows have ended, and what we hold does not reach that far.
  w.clock.set(Date.parse('2026-11-20T14:00:00Z'))
  await w.round({ asOf: '2026-11-20T14:00:00Z' })
  const later = lines((await w.all()).filter((f) => f.state !== 'resolved'))
  expect(later).toEqual(
    [
      'mismatch customer.credit_hold erp>crm crm:C2 erp:E2 drift open',
      'mismatch customer.payment_terms erp>crm crm:C2 erp:E2 undecided undecided',
      'mismatch invoice.state erp>crm crm:J1 erp:I1 drift open =100 EUR',
      'mismatch invoice.state erp>crm crm:J2 erp:I2 undecided undecided =50 EUR',
      'mismatch product.name erp>crm crm:Q1 erp:P1 in_flight in_flight',
      'missing invoice erp>crm erp:I3 undecided undecided =70 EUR',
    ].sort(),
  )
  await w.close()
}, 240_000)

it('findings resolve on evidence, come back as regressed, and a full look finds what the incremental one found', async () => {
  const erp = (terms: string) => `record_id,payment_terms,legal_name,changed_at
    E1,${terms},Alpha AG,2026-11-10T08:00:00Z
    E2,net_30,Beta AG,2026-11-10T08:00:00Z
    E3,net_30,Gamma AG,2026-11-10T08:00:00Z`
  const crm = (at: string, terms: string, more = '') => `record_id,refs.erp,payment_terms,legal_name,changed_at
    C1,E1,${terms},Alpha AG,${at}
    C2,E2,net_30,Beta AG,2026-11-01T08:00:00Z
    ${more}`
  const c3 = 'C3,E3,net_30,Gamma AG,2026-11-01T08:00:00Z'
  const w = await world({
    files: {
      'erp/customers-2026-11-19': erp('net_45'),
      'crm/customers-2026-11-19': crm('2026-11-01T08:00:00Z', 'net_30', c3),
    },
    asOf: '2026-11-19T12:00:00Z',
  })
  const [first] = await w.round()
  expect(first).toMatchObject({ field: 'payment_terms', state: 'open', regressed: false })
  // The same files again: the same finding, nothing more.
  const again = await w.round()
  expect(again.map((f) => f.id)).toEqual([first!.id])

  w.clock.set(Date.parse('2026-11-20T12:00:00Z'))
  w.put({
    'crm/customers-2026-11-20': crm('2026-11-20T06:00:00Z', 'net_45', c3),
    'erp/customers-2026-11-20': erp('net_45'),
  })
  expect(await w.round()).toEqual([])
  expect(await w.all()).toMatchObject([{ id: first!.id, state: 'resolved' }])

  // A bad line never becomes "missing"; a record that is gone does.
  w.clock.set(Date.parse('2026-11-21T12:00:00Z'))
  w.put({
    'crm/customers-2026-11-21': crm(
      '2026-11-21T06:00:00Z',
      'net_30',
      'C3,E3,net_30,Gamma AG,2026-11-01T08:00:00Z,one,too,many',
    ),
    'erp/customers-2026-11-21': erp('net_45'),
  })
  const third = await w.round({ quiet: true })
  // The CRM holds another value than its owner, and it was the CRM that wrote it.
  const wrote = 'authority customer.payment_terms erp>crm crm:C1 erp:E1 drift open'
  expect(lines(third)).toEqual([
    wrote,
    'mismatch customer.payment_terms erp>crm crm:C1 erp:E1 drift open',
    'quality customer ->crm crm:C3 drift open',
  ])
  expect(third.find((f) => f.category === 'mismatch')).toMatchObject({ id: first!.id, regressed: true })

  w.clock.set(Date.parse('2026-11-22T12:00:00Z'))
  w.put({
    'crm/customers-2026-11-22': crm('2026-11-21T06:00:00Z', 'net_30'),
    'erp/customers-2026-11-22': erp('net_45'),
  })
  const fourth = await w.round()
  const full = await w.round({ full: true })
  expect(lines(full)).toEqual(lines(fourth))
  expect(full.map((f) => f.id).sort()).toEqual(fourth.map((f) => f.id).sort())
  expect(lines(full)).toEqual([
    wrote,
    'mismatch customer.payment_terms erp>crm crm:C1 erp:E1 drift open',
    'missing customer erp>crm crm:C3 erp:E3 drift open',
  ])
  await w.close()
}, 300_000)
