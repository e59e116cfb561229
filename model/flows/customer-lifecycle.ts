/** Customer lifecycle: from the first lead to a customer that every platform knows; leaving it ends the flow. */
import { defineFlow, HOUR_MS } from '../flow.ts'

export default defineFlow({
  name: 'customer-lifecycle',
  title: 'Lead to customer',
  about:
    'A company that sales has heard of becomes a customer, and the platforms that will sell to it, bill it and serve it learn of it. Up to prospect the CRM decides, from the first order on the ERP.',
  legs: [
    {
      name: 'lead',
      title: 'Known to sales',
      about: 'It has a record in the CRM.',
      kind: 'customer',
      is: { state: ['lead', 'prospect', 'customer', 'churned', 'closed'] },
      ends: { state: ['churned', 'closed'] },
      by: ['crm'],
    },
    {
      name: 'prospect',
      title: 'Qualified',
      about: 'Somebody talks to it.',
      kind: 'customer',
      via: ['same'],
      is: { state: ['prospect', 'customer'] },
      by: ['crm'],
    },
    {
      name: 'customer',
      title: 'Won',
      about: 'It has bought. The legal name must be known by now: it goes on every document.',
      kind: 'customer',
      via: ['same'],
      is: { state: ['customer'] },
      requires: ['legal_name'],
      by: ['crm'],
      handsOver: 'The ERP takes over the state and the legal and financial profile.',
    },
    {
      name: 'ledger',
      title: 'In the ERP',
      about: 'Until the ERP knows it nothing can be ordered, delivered or invoiced.',
      kind: 'customer',
      via: ['same'],
      is: { state: ['customer'] },
      on: ['erp'],
      by: ['erp'],
      withinMs: 4 * HOUR_MS,
    },
    {
      name: 'billing',
      title: 'In billing',
      about: 'Billing can charge it.',
      kind: 'customer',
      via: ['same'],
      is: { state: ['customer'] },
      on: ['billing'],
      by: ['billing'],
      withinMs: HOUR_MS,
    },
  ],
})
