/** Exceptions: credit holds, deadlines, control totals and what each puts at risk. */
import { afterAll, expect, it } from 'vitest'
import { closeAll, found } from './scenario.ts'

afterAll(closeAll)

it('credit holds, deadlines and totals', async () => {
  const old = '2026-11-01T08:00:00Z'
  expect(
    await found({
      files: {
        'crm/customers': `record_id,state,changed_at
          C1,customer,${old}
          C2,customer,${old}
          C3,prospect,${old}`,
        'erp/customers': `record_id,refs.crm,state,credit_hold,changed_at
          E1,C1,customer,false,${old}
          E2,C2,customer,true,2026-11-10T08:00:00Z`,
        'crm/opportunities': `record_id,customer,state,amount,currency,changed_at
          P1,C3,won,900,EUR,2026-11-19T08:00:00Z
          P2,C1,won,100,EUR,2026-11-19T08:00:00Z`,
        'crm/orders': `record_id,customer,number,state,amount,currency,ordered_at,changed_at
          O1,C1,N1,booked,100,EUR,2026-11-02T08:00:00Z,2026-11-02T08:00:00Z
          O2,C1,N2,booked,200,EUR,2026-11-19T08:00:00Z,2026-11-19T08:00:00Z
          O3,C2,N3,booked,300,EUR,2026-11-19T08:00:00Z,2026-11-19T08:00:00Z`,
        'erp/orders': `record_id,customer,number,state,amount,currency,ordered_at,changed_at
          X1,E1,N1,booked,100,EUR,2026-11-02T08:00:00Z,2026-11-02T08:00:00Z
          X2,E1,N2,booked,200,EUR,2026-11-19T08:00:00Z,2026-11-19T08:00:00Z
          X3,E2,N3,booked,300,EUR,2026-11-19T08:00:00Z,2026-11-19T08:00:00Z`,
        'erp/invoices': `record_id,number,state,total,currency,issued_on,legal_entity,order
          I1,1,open,50,EUR,2026-10-05,DE01,
          I2,2,void,70,EUR,2026-10-06,DE01,`,
        'crm/invoices': `record_id,number,state,total,currency,issued_on,legal_entity
          J1,1,open,40,EUR,2026-10-05,DE01
          J2,2,void,70,EUR,2026-10-06,DE01`,
      },
    }),
  ).toEqual(
    [
      'exception customer ->erp erp:E2 erp:X3 drift open =300 EUR',
      'deadline order ->erp erp:X1 drift open =100 EUR',
      'deadline order ->erp erp:X2 in_flight in_flight =200 EUR',
      'deadline order ->erp erp:X3 in_flight in_flight =300 EUR',
      'deadline opportunity crm>erp crm:P1 drift open =900 EUR',
      'mismatch invoice.total erp>crm crm:J1 erp:I1 drift open =10 EUR',
      'total invoice.total erp>crm  2026-10/EUR/DE01 drift open =10 EUR',
      // Booked for less than they may be before they are fulfilled.
      ...['erp:X1', 'erp:X2', 'erp:X3'].map((at) => `transition order.state ->erp ${at} in_flight in_flight`),
    ].sort(),
  )
}, 240_000)
