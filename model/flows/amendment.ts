/** Amendment: a change of a running subscription that was asked for and must take effect. */
import { DAY_MS, defineFlow } from '../flow.ts'

export default defineFlow({
  name: 'amendment',
  title: 'Amendment',
  about:
    'More seats, another price: asked for, then applied in billing. Until then the old terms are delivered and billed. Only changes under way are listed; one that was applied is a change of the subscription like any other.',
  legs: [
    {
      name: 'asked',
      title: 'Asked for',
      about: 'The change waits, or has failed.',
      kind: 'subscription',
      is: { amendment: ['pending', 'failed'], state: ['trialing', 'active', 'past_due', 'paused'] },
      by: ['crm', 'billing'],
    },
    {
      name: 'applied',
      title: 'Applied',
      about: 'Billing has it, and the customer gets what it asked for.',
      kind: 'subscription',
      via: ['same'],
      is: { amendment: ['none'] },
      by: ['billing'],
      withinMs: 7 * DAY_MS,
    },
  ],
})
