/** Writing to Zendesk: tickets that guard themselves, objects made by external id, and holds by field or tag. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { actionsOf } from '../connectors/action.ts'
import type { Connector } from '../connectors/contract.ts'
import shipped from '../connectors/zendesk/connector.ts'
import { zendesk } from '../lab/platforms/zendesk.ts'
import type { Acting } from './world/acting.ts'
import { acting } from './world/acting.ts'
import type { Simulated } from './world/simulated.ts'
import { simulated } from './world/simulated.ts'

const connector = shipped as unknown as Connector<never>
const [ORG, USER, TICKET, ENTITLEMENT] = ['customer', 'contact', 'case', 'entitlement'].map((kind) =>
  zendesk.id(kind, 1),
) as [string, string, string, string]
let s: Simulated
let a: Acting

beforeAll(async () => {
  s = await simulated(zendesk, connector)
  a = acting(s, connector)
  s.put({
    kind: 'customer',
    id: ORG,
    fields: { name: 'Acme', domain: 'acme.example', segment: 'smb' },
    refs: { salesforce: '001A' },
  })
  s.put({ kind: 'contact', id: USER, state: 'active', fields: { name: 'Ann', customer: ORG } })
  s.put({ kind: 'case', id: TICKET, state: 'open', fields: { customer: ORG, priority: 'normal', number: '7' } })
  s.put({
    kind: 'entitlement',
    id: ENTITLEMENT,
    state: 'active',
    fields: { customer: ORG, sla_tier: 'gold', ends_on: '2026-12-31' },
  })
})
afterAll(() => s.stop())

describe('writing to Zendesk', () => {
  it('sets own and custom fields of each kind', async () => {
    const runs = [
      ['customer', ORG, { name: 'Acme AG', domain: null, segment: 'enterprise', credit_hold: 'true' }, {}],
      ['contact', USER, { phone: '+4930', state: 'suspended' }, {}],
      ['case', TICKET, { priority: 'high', state: 'pending', sla_tier: 'silver' }, {}],
      ['entitlement', ENTITLEMENT, { quantity: '12', ends_on: '2027-01-31' }, {}],
    ] as const
    for (const [kind, recordId, fields] of runs) {
      const { outcome, planned, wire } = await a.run(a.request({ action: 'set_fields', kind, recordId, fields }))
      expect(outcome, kind).toEqual({ status: 'done', recordId })
      expect(wire, kind).toEqual(planned)
    }
    expect((await a.mapped('organizations', ORG)).fields).toMatchObject({
      name: 'Acme AG',
      domain: null,
      segment: 'enterprise',
      credit_hold: true,
    })
    expect((await a.mapped('users', USER)).status).toBe('suspended')
    expect(await a.mapped('tickets', TICKET)).toMatchObject({
      status: 'pending',
      fields: { priority: 'high', sla_tier: 'silver' },
    })
    expect(a.record('entitlement', ENTITLEMENT).fields).toMatchObject({ quantity: '12', ends_on: '2027-01-31' })
  })

  it('makes organizations, users and entitlements once by external id', async () => {
    for (const [kind, fields, refs] of [
      ['customer', { name: 'Neu' }, { salesforce: '001NEU', stripe: 'cus_1' }],
      ['contact', { name: 'Bob', email: 'bob@neu.example', customer: ORG }, { salesforce: '003NEU' }],
      ['entitlement', { sla_tier: 'gold', customer: ORG, state: 'active' }, {}],
    ] as const) {
      const words: Record<string, string> = kind === 'entitlement' ? { state: 'service_active' } : {}
      const wanted = a.request({ action: 'create', kind, fields, refs, words })
      const act = a.action('create', kind)
      const standing = await act.look(s.context(), wanted)
      expect(standing.row, kind).toBeNull()
      const before = a.mutations().length
      let sent = 0
      s.meet(({ method }) => (method !== 'GET' && method !== 'HEAD' && ++sent > 0 ? { kind: 'lost_reply' } : null))
      await expect(act.perform(s.context(), wanted, standing)).rejects.toMatchObject({ code: 'upstream' })
      s.meet(() => null)
      const found = await act.look(s.context(), wanted)
      expect([sent, found.row?.id], kind).toEqual([1, a.mutations().at(-1)!.record])
      expect(a.mutations()).toHaveLength(before + 1)
      await expect(act.perform(s.context(), wanted, standing)).resolves.toMatchObject({ status: 'conflict' })
    }
  })

  it('holds and releases by the configured field, ends entitlements by their status word', async () => {
    for (const [action, held] of [
      ['hold', true],
      ['release', false],
    ] as const) {
      const { planned, wire } = await a.run(a.request({ action, kind: 'customer', recordId: ORG }))
      expect(wire).toEqual(planned)
      expect((await a.mapped('organizations', ORG)).fields['credit_hold']).toBe(held)
    }
    const word = { state: 'service_revoked' }
    await a.run(a.request({ action: 'cancel', kind: 'entitlement', recordId: ENTITLEMENT, words: word }))
    expect(a.record('entitlement', ENTITLEMENT).state).toBe('revoked')
  })

  it('keeps the tags that an organization has when the hold is a tag', async () => {
    const shippedConfig = s.running.platformConfig['config'] as Record<string, unknown>
    const { credit_hold: _, ...fields } = (shippedConfig['organization'] as { fields: Record<string, string> }).fields
    const config = connector.config.parse({
      ...shippedConfig,
      organization: { ...(shippedConfig['organization'] as object), fields },
      write: { hold_tag: 'on_hold' },
    })
    const hold = actionsOf(connector, config).find((x) => x.name === 'hold' && x.kind === 'customer')!
    const row = { id: ORG, value: { tags: ['vip'] }, raw: '' }
    const [call] = hold.calls(config, a.request({ action: 'hold', kind: 'customer', recordId: ORG }), {
      row,
      mark: null,
    })
    expect(call!.body).toEqual({ organization: { tags: ['vip', 'on_hold'] } })
  })

  it('is told by the ticket itself that it moved, and compares everything else', async () => {
    const act = a.action('set_fields', 'case')
    const wanted = a.request({ action: 'set_fields', kind: 'case', recordId: TICKET, fields: { priority: 'urgent' } })
    expect(act.guard).toBe('stamp')
    const standing = await act.look(s.context(), wanted)
    s.set(s.now() + 5_000)
    s.meet(({ method }) => (method === 'PUT' ? { kind: 'conflict' } : null))
    const before = a.mutations().length
    await expect(act.perform(s.context(), wanted, standing)).resolves.toMatchObject({ status: 'conflict' })
    s.meet(() => null)
    await expect(act.perform(s.context(), wanted, standing)).resolves.toMatchObject({ status: 'conflict' })
    expect(a.mutations()).toHaveLength(before)
    const bad = await a.run(
      a.request({ action: 'set_fields', kind: 'case', recordId: TICKET, fields: { priority: 'odd' } }),
    )
    expect(bad.outcome).toMatchObject({ status: 'refused', reason: expect.stringMatching(/RecordInvalid/) as string })
  })

  it('is only read without a write section, and names the scope that writing lacks', async () => {
    const { write: _, ...read } = s.running.platformConfig['config'] as Record<string, unknown>
    expect(actionsOf(connector, connector.config.parse(read))).toEqual([])
    const auth = { ...(read['auth'] as object), scope: 'read' }
    const config = connector.config.parse({ ...read, auth, write: {} })
    expect(await shipped.ping({ ...s.context(), config } as never)).toMatchObject({
      missingScopes: ['scope write (config.auth.scope)'],
    })
  })
})
