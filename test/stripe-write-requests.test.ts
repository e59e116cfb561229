/** Every write to Stripe, held against the vendor's own specification: path, method, and the parameters of its form. */
import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { ActionRequest } from '../connectors/action.ts'
import { stripeActions } from '../connectors/stripe/actions.ts'
import { configSchema } from '../connectors/stripe/config.ts'

const FOLDER = new URL('../../shared/vendor-data/stripe/openapi/', import.meta.url)
type Operation = { requestBody?: { content: Record<string, { schema: { properties?: Record<string, unknown> } }> } }

describe.runIf(existsSync(FOLDER))('writes to Stripe', () => {
  it('go to paths of the specification with parameters that it names', () => {
    const { paths } = JSON.parse(gunzipSync(readFileSync(new URL('spec3-2022-03.json.gz', FOLDER))).toString()) as {
      paths: Record<string, Record<string, Operation>>
    }
    const config = configSchema.parse({ key: 'k', refs: { crm: 'crm_id' }, write: {} })
    const values: Record<string, string> = {
      tax_id: 'DE136695976',
      tax_exempt: 'true',
      language: 'de',
      quantity: '3',
      ends_on: '2027-01-31',
      auto_renew: 'false',
      amount: '30',
      currency: 'EUR',
      interval: 'month',
      started_on: '2026-01-01',
      total: '119',
      tax: '19',
      due_on: '2027-01-01',
      price: '9.99',
      state: 'active',
    }
    const rows = [
      { status: 'draft', items: { data: [{ id: 'si_1' }] }, name: 'A' },
      { status: 'open', items: { data: [{ id: 'si_1' }] }, name: 'A' },
    ]
    const wrong: string[] = []
    let checked = 0
    for (const action of stripeActions(config))
      for (const value of rows) {
        const fields = Object.fromEntries(
          action.fields.map((f) => [
            f,
            f === 'state' && action.kind === 'invoice'
              ? value.status === 'draft'
                ? 'open'
                : 'paid'
              : (values[f] ?? 'x'),
          ]),
        )
        if (value.status === 'open') delete fields['due_on']
        const request: ActionRequest = {
          action: action.name,
          kind: action.kind,
          recordId: action.name === 'create' ? null : 'id_1',
          fields,
          references:
            action.name === 'create' && action.kind !== 'customer' && action.kind !== 'product'
              ? { customer: 'cus_1', ...(action.kind === 'subscription' && { product: 'prod_1' }) }
              : {},
          refs: action.name === 'attach_ref' ? { crm: '1' } : {},
          key: 'k',
        }
        for (const call of action.calls(config, request, { row: { id: 'id_1', value, raw: '' }, mark: null })) {
          checked++
          const parts = call.path.split('/')
          const path = Object.keys(paths).find((p) => {
            const named = p.split('/')
            return (
              named.length === parts.length &&
              paths[p]![call.method.toLowerCase()] &&
              named.every((part, i) => part === parts[i] || (part.startsWith('{') && /_1$/.test(parts[i]!)))
            )
          })
          const known = Object.values(paths[path ?? '']?.[call.method.toLowerCase()]?.requestBody?.content ?? {})[0]
            ?.schema.properties
          if (!path) wrong.push(`${call.method} ${call.path}`)
          for (const name of Object.keys(call.body ?? {})) {
            const top = name.split('[')[0]!
            // Younger than the specification that is at hand.
            if (top !== 'default_price_data' && !(top in (known ?? {})))
              wrong.push(`${call.method} ${call.path} ${name}`)
          }
        }
      }
    expect(wrong).toEqual([])
    expect(checked).toBeGreaterThan(30)
  })
})
