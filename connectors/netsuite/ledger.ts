/** Lines of documents, and what the ledger made of them. */
import type { Shipped } from './sources.ts'
import { currencyOf, day, ofSale } from './sources.ts'

export const transactionline: Shipped = {
  kind: 'line',
  byDefault: true,
  table: 'transactionline',
  alias: 'l',
  id: 'l.uniquekey',
  changed: 't.lastmodifieddate',
  joins: [{ alias: 't', table: 'transaction', on: 't.id = l.transaction', required: true }, currencyOf('t')],
  where: ["t.type IN ('SalesOrd', 'CustInvc', 'CustCred')", "l.mainline = 'F'", "l.taxline = 'F'"],
  columns: {
    type: 't.type',
    transaction: 'l.transaction',
    item: 'l.item',
    quantity: 'l.quantity',
    rate: 'l.rate',
    foreignamount: 'l.foreignamount',
    currency: 'cu.symbol',
  },
  fields: {
    document_kind: {
      from: ['type'],
      read: (row) =>
        ({ SalesOrd: 'order', CustInvc: 'invoice', CustCred: 'credit' })[String(row['type'])] ?? row['type'],
    },
    document: 'transaction',
    product: 'item',
    quantity: ofSale('quantity'),
    unit_price: 'rate',
    amount: ofSale('foreignamount'),
    currency: 'currency',
  },
}

export const posting: Shipped = {
  kind: 'posting',
  byDefault: true,
  table: 'transactionaccountingline',
  alias: 'a',
  id: 'l.uniquekey',
  changed: 't.lastmodifieddate',
  joins: [
    { alias: 't', table: 'transaction', on: 't.id = a.transaction', required: true },
    {
      alias: 'l',
      table: 'transactionline',
      on: 'l.transaction = a.transaction AND l.id = a.transactionline',
      required: true,
    },
    { alias: 'ac', table: 'account', on: 'ac.id = a.account' },
    { alias: 'p', table: 'accountingperiod', on: 'p.id = t.postingperiod' },
    { alias: 'su', table: 'subsidiary', on: 'su.id = l.subsidiary' },
    // Ledgers are kept in the currency of the subsidiary, whatever the document says.
    { alias: 'cu', table: 'currency', on: 'cu.id = su.currency' },
  ],
  where: ["t.type = 'CustInvc'", 'a.account IS NOT NULL'],
  columns: {
    transaction: 'a.transaction',
    account: 'ac.acctnumber',
    period: "TO_CHAR(p.startdate, 'YYYY-MM')",
    amount: 'a.amount',
    currency: 'cu.symbol',
    trandate: day('t.trandate'),
    posting: 'a.posting',
    voided: 't.voided',
  },
  fields: {
    invoice: 'transaction',
    account: 'account',
    period: 'period',
    amount: 'amount',
    currency: 'currency',
    posted_on: 'trandate',
    state: {
      from: ['posting', 'voided'],
      read: (row) => (row['voided'] === 'T' ? 'reversed' : row['posting'] === 'T' ? 'posted' : 'draft'),
    },
  },
}
