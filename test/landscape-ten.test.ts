/** Ten platforms at once: the company's customers in every role, read over their own dialects, and every planted fault found. */
import { expect, it } from 'vitest'
import { scoreLandscape } from '../server/commands/lab.ts'

const TEN = [
  'salesforce',
  'netsuite',
  'stripe',
  'zendesk',
  'provisioning',
  'planhat',
  'gainsight',
  'shopify',
  'servicenow',
  'zuora',
]

it('are reconciled without a fault missed or a false alarm', { timeout: 600_000 }, async () => {
  const options = { seed: 'ten', customers: 25, days: 60, faults: 1, decoys: 1, platforms: TEN }
  const result = await scoreLandscape(options, 3)
  if (process.env['SHOW']) console.log(JSON.stringify(result, null, 1).slice(0, 20_000))
  expect(result.total).toMatchObject({ missed: 0, false: 0 })
})
