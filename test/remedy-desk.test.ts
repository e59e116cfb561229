/** The desk over HTTP: from a finding to a plan, approval by somebody else, the write, the proof, and what it taught. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkFile } from './world/check-files.ts'
import { handClock } from './world/clock.ts'
import { desk, remedyWorld, type RemedyWorld } from './world/remedy-world.ts'
import { remedyDoor, type Door, type Name } from './world/remedy-door.ts'
import { startWritePlatform, type WritePlatform } from './world/write-platform.ts'

const clock = handClock('2026-11-27T09:00:00.000Z')
let platform: WritePlatform
let world: RemedyWorld
let runtime: Door['runtime']
let door: Door
const HOUR = 3_600_000

beforeAll(async () => {
  platform = await startWritePlatform(() => clock.now())
  world = await remedyWorld({
    clock,
    checks: [checkFile('customer-master/profile', 'kind: agree\nof: customer\nfields: [segment]')],
    platforms: {
      crm: desk(platform.url, 'crm', 'crm'),
      support: desk(platform.url, 'support', 'support'),
    },
    remedy: {
      automations: {
        segments: {
          checks: ['customer-master/profile'],
          fields: ['segment'],
          why_safe: 'A segment is a label that nobody bills by.',
        },
      },
    },
  })
  door = remedyDoor(world)
  runtime = door.runtime
})
afterAll(async () => {
  await world.end()
  await platform.stop()
})

const call: Door['call'] = (as, path, body) => door.call(as, path, body)
const signIn = (...names: Name[]) => door.signIn(...names)

interface Plan {
  id: string
  number: number
  state: string
  hash: string
  waits_for: { wanted: number; why: string }[]
  counts: Record<string, number>
}
type Drafted = { plan: Plan | null; dry_run: { vanish: number; appear: number; left_out: { why: string }[] } }

/** Both platforms know the customer; the segment in support differs from the CRM, which owns it. */
async function drift(id: string): Promise<void> {
  platform.put('crm', `S-${id}`, { name: id, domain: `${id}.example`, segment: 'enterprise', state: 'customer' })
  platform.put('support', `Z-${id}`, { name: id, domain: `${id}.example`, segment: 'smb', state: 'customer' })
  await clock.turn(48 * HOUR)
  signIn()
  await world.read()
  await runtime.check({ checks: ['customer-master/profile'], full: true })
}
const issue = async () =>
  (await call<{ issues: { number: number; findings: number; state: string }[] }>('olga', '/issues?q=is:unresolved'))
    .body.issues[0]!

describe('from a finding to its proof', () => {
  let plan: Plan
  let number = 0

  it('drafts the fix of an issue, with what would vanish, and changes nothing', async () => {
    await drift('nordwind')
    number = (await issue()).number
    const drafted = await call<Drafted>('olga', '/plans', {
      issue: `I-${number}`,
      reason: 'Support shows the wrong segment.',
    })
    expect(drafted.status).toBe(200)
    plan = drafted.body.plan!
    expect(drafted.body.dry_run).toMatchObject({ vanish: 1, appear: 0, left_out: [] })
    expect(plan).toMatchObject({ state: 'waiting', waits_for: [{ wanted: 1 }] })
    const items = await call<{ items: unknown[] }>('olga', `/plans/P-${plan.number}/items`)
    expect(items.body.items).toMatchObject([
      {
        platform: 'support',
        action: 'set_fields',
        before: { segment: 'smb' },
        after: { segment: 'enterprise' },
        source: { platform: 'crm' },
      },
    ])
    expect(platform.ledger).toEqual([])
  })

  it('is approved by an approver who is not the requester, with a fresh proof, and by nobody else', async () => {
    const say = { hash: plan.hash, reason: 'The CRM is right.' }
    for (const who of ['olga', 'adam', 'vera'] as const)
      expect((await call(who, `/plans/${plan.id}/approve`, say)).status).toBe(403)
    expect((await call('anna', `/plans/${plan.id}/approve`, { ...say, hash: '0'.repeat(64) })).status).toBe(409)
    expect((await call('olga', `/plans/${plan.id}/apply`, { reason: 'now' })).status).toBe(403)
    await clock.turn(6 * 60_000)
    expect((await call('anna', `/plans/${plan.id}/approve`, say)).status).toBe(403)
    signIn('anna')
    const approved = await call<Plan>('anna', `/plans/${plan.id}/approve`, say)
    expect(approved.body).toMatchObject({ state: 'approved', waits_for: [] })
    expect((await call('anna', `/plans/${plan.id}/approve`, say)).status).toBe(409)
  })

  it('is applied, read back, and closes its finding on that evidence alone', async () => {
    expect((await call('olga', `/plans/${plan.id}/apply`, { reason: 'now' })).status).toBe(403)
    signIn('olga')
    expect((await call('olga', `/plans/${plan.id}/apply`, { reason: 'now' })).status).toBe(200)
    await runtime.desk.worked(plan.id)
    const done = await call<Plan>('olga', `/plans/${plan.id}`)
    expect(done.body).toMatchObject({ state: 'done', counts: { verified: 1 } })
    expect(platform.records.get('support')!.get('Z-nordwind')!.fields['segment']).toBe('enterprise')
    const after = await call<{ issue: { state: string } }>('olga', `/issues/${number}`)
    expect(after.body.issue.state).toBe('resolved')
    const rates = await call<unknown[]>('olga', '/runbooks/rates')
    expect(rates.body).toMatchObject([
      { check: 'customer-master/profile', action: 'set_fields', held: 1, failed: 0, first_fix_rate: 1 },
    ])
  })

  it('opens again with its history when the fix does not hold', async () => {
    platform.move('support', 'Z-nordwind', { segment: 'smb' })
    await clock.turn(48 * HOUR)
    signIn('olga')
    await world.read()
    await runtime.check({ checks: ['customer-master/profile'], full: true })
    const rates = await call<unknown[]>('olga', '/runbooks/rates')
    expect(rates.body).toMatchObject([{ held: 0, failed: 1 }])
    const detail = await call<{ activity: { what: string }[] }>('olga', `/issues/${number}`)
    expect(detail.body.activity.map((a) => a.what)).toContain('fix_did_not_hold')
  })

  it('takes back what it wrote only where nobody has changed it since', async () => {
    const undo = await call<Drafted>('olga', `/plans/${plan.id}/undo`, { reason: 'We want it back.' })
    expect(undo.body.plan).toBeNull()
    expect(undo.body.dry_run.left_out.map((l) => l.why)).toEqual(['It is as wanted already.'])
  })

  it('expires plans, and cancels and rejects them with a reason', async () => {
    // Another cause, and so another issue.
    number = (await issue()).number
    const drafted = async () =>
      (await call<Drafted>('olga', '/plans', { issue: `I-${number}`, reason: 'Once more.' })).body.plan!
    const [a, b, c] = [await drafted(), await drafted(), await drafted()]
    expect((await call<Plan>('olga', `/plans/${a.id}/cancel`, { reason: 'Not needed.' })).body.state).toBe('cancelled')
    expect((await call<Plan>('anna', `/plans/${b.id}/reject`, { reason: 'Wrong way round.' })).status).toBe(401)
    signIn('anna')
    expect((await call<Plan>('anna', `/plans/${b.id}/reject`, { reason: 'Wrong way round.' })).body.state).toBe(
      'rejected',
    )
    await clock.turn(25 * HOUR)
    signIn('olga')
    await runtime.desk.tick()
    expect((await call<Plan>('olga', `/plans/${c.id}`)).body.state).toBe('expired')
  })

  it('in shadow mode only says what a standing remediation would have done', async () => {
    const [standing] = (
      await call<{ mode: string; did: { says: string; plan: null; items: number }[] }[]>(
        'olga',
        '/standing/automations',
      )
    ).body
    expect(standing).toMatchObject({ mode: 'shadow', did: [{ plan: null, items: 1 }] })
    expect(standing!.did).toHaveLength(1)
  })

  it('ticks the steps of the runbook and keeps who did it', async () => {
    const book = await call<{ steps: { number: number }[] }>('olga', `/runbooks/I-${number}`)
    expect(book.body.steps.length).toBeGreaterThan(0)
    const ticked = await call('olga', `/runbooks/I-${number}/steps/1`, { done: true, note: 'asked sales' })
    expect(ticked.body).toMatchObject({
      steps: expect.arrayContaining([
        expect.objectContaining({ number: 1, done_by: 'olga@kranich.example', note: 'asked sales' }),
      ]),
    })
    expect((await call('vera', `/runbooks/I-${number}/steps/1`, { done: false })).status).toBe(401)
  })

  it('keeps every act in an unbroken audit trail', () => {
    const { control } = world.ctx
    expect(control.verifyAudit().broken).toBeNull()
    const actions = new Set(control.auditEntries(0, 10_000).map((e) => e.action))
    for (const a of [
      'plan.drafted',
      'plan.approval',
      'plan.approved',
      'plan.applied',
      'write.begun',
      'write.sent',
      'plan.done',
      'plan.expired',
    ])
      expect(actions).toContain(a)
  })
})

describe('exceptions', () => {
  const push = (id: string, more: Record<string, unknown> = {}) => ({
    ...{ id, reason: 'Account 4711 not found', status: 404, platform: 'crm', target: 'support', kind: 'customer' },
    ...{ event_id: id, occurred_at: new Date(clock.now() - HOUR).toISOString(), record_id: 'Z-x', ...more },
  })

  it('are taken once, sorted, masked, and folded by fingerprint', async () => {
    const bodies = [
      push('d1', { payload: { email: 'a@b.example', token: 'x', name: 'N' } }),
      push('d2', { reason: 'Account 4712 not found', record_id: 'Z-y' }),
    ]
    expect((await call('olga', '/exceptions', bodies)).body).toEqual({ taken: 2, new: 2 })
    expect((await call('olga', '/exceptions', bodies)).body).toEqual({ taken: 2, new: 0 })
    const { groups } = (
      await call<{ groups: { class: string; waiting: number; business: boolean }[] }>('olga', '/exceptions/groups')
    ).body
    expect(groups).toMatchObject([{ class: 'missing_reference', business: true, waiting: 2 }])
    const list = await call<{ exceptions: Record<string, unknown>[] }>('olga', '/exceptions')
    expect(list.body.exceptions.at(-1)).toMatchObject({
      ...{ class: 'missing_reference', state: 'retrying', way: 'replay', closing: false },
      payload: { email: 'a…', token: '[secret]' },
    })
    expect((await call('vera', '/exceptions', bodies)).status).toBe(401)
  })

  it('are sent again by a plan: superseded and outdated ones are left out, and the id is kept', async () => {
    const at = (h: number) => new Date(clock.now() - h * HOUR).toISOString()
    await call('olga', '/exceptions', [
      push('d3', { record_id: 'Z-x', occurred_at: at(0.5) }),
      push('d4', { record_id: 'Z-old', occurred_at: at(24 * 4) }),
    ])
    const replay = await call<Drafted & { matched: number; superseded: number; too_old: number }>('olga', '/replays', {
      reason: 'The mapping is mended.',
    })
    expect(replay.body).toMatchObject({ matched: 4, superseded: 1, too_old: 1 })
    const { plan } = replay.body
    signIn('anna')
    await call('anna', `/plans/${plan!.id}/approve`, { hash: plan!.hash, reason: 'Yes.', irreversible: 2 })
    await call('olga', `/plans/${plan!.id}/apply`, { reason: 'Send them.' })
    const worked = runtime.desk.worked(plan!.id)
    for (let i = 0; i < 20; i++) await clock.turn(1_000)
    await worked
    // Two customers: only the events of one keep their order.
    expect(platform.events.map((e) => e.id).sort()).toEqual(['d2', 'd3'])
  })

  it('are warned of before the source forgets the event, and switch from replay to repair after', async () => {
    await clock.turn(55 * HOUR)
    signIn('olga')
    await runtime.desk.tick()
    const of = async () =>
      (
        await call<{ exceptions: { event_id: string; way: string; closing: boolean }[] }>('olga', '/exceptions')
      ).body.exceptions.find((e) => e.event_id === 'd3')
    expect(await of()).toMatchObject({ way: 'replay', closing: true })
    await clock.turn(24 * HOUR)
    signIn('olga')
    expect(await of()).toMatchObject({ way: 'repair', closing: false })
  })

  it('are mended by the owner’s value once their source has forgotten the event, and close on its evidence', async () => {
    await drift('repair')
    await clock.turn(80 * HOUR)
    signIn()
    const occurred_at = new Date(clock.now() - 79 * HOUR).toISOString()
    await call('olga', '/exceptions', [
      push('d5', { record_id: 'Z-repair', occurred_at }),
      push('d6', { record_id: 'Z-nobody', occurred_at }),
    ])
    const taken = world.ctx.control.exceptions({ limit: 50 })
    const [d5, d6] = ['d5', 'd6'].map((id) => taken.find((e) => e.eventId === id))
    const replay = await call<Drafted & { too_old: number; repaired: number }>('olga', '/replays', {
      ...{ reason: 'It is too late to send it.', ids: [d5!.id, d6!.id] },
    })
    expect(replay.body).toMatchObject({ too_old: 2, repaired: 1 })
    expect(replay.body.dry_run.left_out.map((l) => l.why)).toEqual([
      'The source no longer has the event, and no check sees a difference that could be repaired instead.',
    ])
    const plan = replay.body.plan!
    const { items } = (await call<{ items: unknown[] }>('olga', `/plans/${plan.id}/items`)).body
    expect(items).toMatchObject([
      { action: 'set_fields', platform: 'support', before: { segment: 'smb' }, after: { segment: 'enterprise' } },
    ])
    await call('anna', `/plans/${plan.id}/approve`, { hash: plan.hash, reason: 'The CRM is right.' })
    await call('olga', `/plans/${plan.id}/apply`, { reason: 'Mend it.' })
    const worked = runtime.desk.worked(plan.id)
    for (let i = 0; i < 10; i++) await clock.turn(1_000)
    await worked
    await runtime.desk.tick()
    expect(world.ctx.control.exceptions({ ids: [d5!.id], limit: 1 })).toMatchObject([
      { state: 'resolved', resolvedBy: 'evidence' },
    ])
    expect(platform.events.map((e) => e.id)).not.toContain('d5')
  })
})
