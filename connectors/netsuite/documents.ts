/** Documents: the transaction types, which live in one table and are read alike. */
import type { Shipped } from './sources.ts'
import { appliedTo, currencyOf, day, madeFrom, NET, PAID_AT, positive, shown } from './sources.ts'

function document(type: string, more: Pick<Shipped, 'kind' | 'fields' | 'tombstones'> & Partial<Shipped>): Shipped {
  return {
    byDefault: true,
    table: 'transaction',
    alias: 't',
    joins: [
      currencyOf('t'),
      { alias: 'm', table: 'transactionline', on: "m.transaction = t.id AND m.mainline = 'T'" },
      { alias: 'su', table: 'subsidiary', on: 'su.id = m.subsidiary' },
      { alias: 'cf', table: 'transaction', on: 'cf.id = m.createdfrom' },
    ],
    where: [`t.type = '${type}'`],
    id: 't.id',
    changed: 't.lastmodifieddate',
    created: 't.createddate',
    status: { from: 'status', read: (row) => documentStatus(type, row['status']) },
    changedBy: 'lastmodifiedby',
    ...more,
    columns: {
      status: 't.status',
      tranid: 't.tranid',
      entity: 't.entity',
      currency: 'cu.symbol',
      foreigntotal: 't.foreigntotal',
      trandate: day('t.trandate'),
      subsidiary: 'su.name',
      createdfrom: 'm.createdfrom',
      createdfromtype: 'cf.type',
      lastmodifiedby: shown('t.lastmodifiedby'),
      ...more.columns,
    },
    fields: { customer: 'entity', currency: 'currency', ...more.fields },
  }
}

/** Some accounts give the bare letter, some the letter behind the type: one spelling for reference maps. */
function documentStatus(type: string, status: unknown): string | null {
  if (typeof status !== 'string' || status === '') return null
  return status.includes(':') ? status : `${type}:${status}`
}

export const salesorder = document('SalesOrd', {
  kind: 'order',
  columns: { opportunity: 't.opportunity' },
  fields: {
    number: 'tranid',
    amount: NET,
    tax: 'tax',
    ordered_at: 'trandate',
    opportunity: 'opportunity',
    quote: madeFrom('Estimate'),
    legal_entity: 'subsidiary',
  },
  companions: ['tax'],
  tombstones: ['salesorder'],
})

export const invoice = document('CustInvc', {
  kind: 'invoice',
  columns: { duedate: day('t.duedate'), foreignamountunpaid: 't.foreignamountunpaid', closedate: day('t.closedate') },
  fields: {
    number: 'tranid',
    total: 'foreigntotal',
    tax: 'tax',
    amount_due: 'foreignamountunpaid',
    issued_on: 'trandate',
    due_on: 'duedate',
    paid_at: PAID_AT,
    // An invoice is hardly ever made from anything else, whoever may see the order.
    order: madeFrom('SalesOrd', true),
    legal_entity: 'subsidiary',
  },
  companions: ['tax'],
  tombstones: ['invoice'],
})

export const customerpayment = document('CustPymt', {
  kind: 'payment',
  columns: { paymentmethod: shown('t.paymentmethod') },
  fields: { amount: positive('foreigntotal'), received_at: 'trandate', method: 'paymentmethod', invoice: appliedTo },
  companions: ['applied'],
  tombstones: ['customerpayment'],
})

export const creditmemo = document('CustCred', {
  kind: 'credit',
  columns: { memo: 't.memo' },
  fields: { number: 'tranid', amount: positive('foreigntotal'), reason: 'memo', invoice: appliedTo },
  companions: ['applied'],
  tombstones: ['creditmemo'],
})

export const estimate = document('Estimate', {
  kind: 'quote',
  byDefault: false,
  columns: { opportunity: 't.opportunity', duedate: day('t.duedate') },
  fields: { number: 'tranid', amount: NET, opportunity: 'opportunity', valid_until: 'duedate' },
  companions: ['tax'],
  tombstones: ['estimate'],
})

export const opportunity = document('Opprtnty', {
  kind: 'opportunity',
  byDefault: false,
  columns: {
    title: 't.title',
    projectedtotal: 't.projectedtotal',
    expectedclosedate: day('t.expectedclosedate'),
    employee: shown('t.employee'),
  },
  fields: { name: 'title', amount: 'projectedtotal', close_date: 'expectedclosedate', owner: 'employee' },
  tombstones: ['opportunity'],
})
