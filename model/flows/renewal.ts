/** Renewal: an active term comes to its end and is renewed in time, with what hangs on it. */
import { defineFlow } from '../flow.ts'

export default defineFlow({
  name: 'renewal',
  title: 'Active to renewal',
  about: 'A renewal is opened before the term ends, talked over, decided by its day, and the subscription runs on.',
  legs: [
    {
      name: 'opened',
      title: 'Opened',
      about: 'Somebody knows that the term ends.',
      kind: 'renewal',
      is: { state: ['upcoming', 'in_progress', 'renewed', 'lost'] },
      ends: { state: ['lost'] },
      by: ['crm', 'success'],
    },
    {
      name: 'talks',
      title: 'In talks',
      about: 'The customer was asked.',
      kind: 'renewal',
      via: ['same'],
      is: { state: ['in_progress', 'renewed'] },
      by: ['crm', 'success'],
      due: 'due_on',
    },
    {
      name: 'renewed',
      title: 'Renewed',
      about: 'The customer has said yes before the old term ended.',
      kind: 'renewal',
      via: ['same'],
      is: { state: ['renewed'] },
      by: ['crm', 'success'],
      due: 'due_on',
    },
    {
      name: 'runs-on',
      title: 'Subscription runs on',
      about: 'Billing did not stop with the old term.',
      kind: 'subscription',
      via: ['subscription'],
      is: { state: ['trialing', 'active', 'past_due', 'paused'] },
      by: ['billing'],
      due: 'due_on',
      handsOver: 'Billing charges the new term.',
    },
  ],
})
