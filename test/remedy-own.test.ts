/** Plans over what Plumbline keeps itself: identities, codes and tickets, each with its before, its approval and its way back. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { layCodes } from '../server/code-actions.ts'
import { checkFile } from './world/check-files.ts'
import { handClock } from './world/clock.ts'
import { desk, remedyWorld, type RemedyWorld } from './world/remedy-world.ts'
import { remedyDoor, type Door, type Name } from './world/remedy-door.ts'
import { receiver, type Receiver } from './world/receivers.ts'
import { startWritePlatform, type WritePlatform } from './world/write-platform.ts'

const clock = handClock('2026-11-27T09:00:00.000Z')
let platform: WritePlatform
let world: RemedyWorld
let door: Door
let hook: Receiver
const tickets: Record<string, unknown>[] = []

beforeAll(async () => {
  platform = await startWritePlatform(() => clock.now())
  hook = await receiver()
  hook.answer = ({ method, body }, response) => {
    const asked = method === 'GET' ? null : (JSON.parse(body) as { ticket: Record<string, unknown> }).ticket
    if (method === 'POST') tickets.push({ id: tickets.length + 7, status: 'new', ...asked })
    else if (asked) tickets.push({ id: 7, ...asked })
    response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({ ticket: tickets[0] }))
  }
  world = await remedyWorld({
    clock,
    checks: [checkFile('customer-master/profile', 'kind: agree\nof: customer\nfields: [segment]')],
    platforms: { crm: desk(platform.url, 'crm', 'crm'), support: desk(platform.url, 'support', 'support') },
    more: {
      reference_maps: { segments: { entries: { support: { KMU: 'smb' } } } },
      channels: {
        zen: { kind: 'zendesk', url: hook.url, user: 'a@example.com', token: 't', allow_private_network: true },
      },
    },
  })
  platform.put('crm', 'S-1', { name: 'Nordwind', domain: 'nordwind.example', segment: 'enterprise', state: 'customer' })
  platform.put('support', 'Z-1', { name: 'Nordwind AG', domain: 'nw.example', segment: 'smb', state: 'customer' })
  await world.read()
  door = remedyDoor(world)
})
afterAll(async () => {
  await world.end()
  await platform.stop()
  await hook.close()
})

interface Plan {
  id: string
  hash: string
  state: string
  irreversible: number
  counts: Record<string, number>
}
type Drafted = { plan: Plan | null; dry_run: { left_out: { why: string }[] } }

/** Drafts as an operator, approves as an approver, applies as the operator; says what came of it. */
async function done(body: unknown, path = '/plans'): Promise<{ plan: Plan; item: Record<string, unknown> }> {
  const call = <T>(as: Name, to: string, what?: unknown) => door.call<T>(as, to, what)
  door.signIn()
  const { plan } = (await call<Drafted>('olga', path, body)).body
  expect((await call('olga', `/plans/${plan!.id}/apply`, { reason: 'too soon' })).status).toBe(403)
  const said = { hash: plan!.hash, reason: 'So it is.', irreversible: plan!.irreversible }
  let after = await call<Plan>('anna', `/plans/${plan!.id}/approve`, said)
  expect(after.body.state).toBe('approved')
  await call('olga', `/plans/${plan!.id}/apply`, { reason: 'now' })
  await door.runtime.desk.worked(plan!.id)
  after = await call<Plan>('olga', `/plans/${plan!.id}`)
  const { items } = (await call<{ items: Record<string, unknown>[] }>('olga', `/plans/${plan!.id}/items`)).body
  return { plan: after.body, item: items[0]! }
}
const entities = async () =>
  new Set(
    (await world.ctx.facts.query<{ e: string }>(`select entity_id as e from plumbline.links final`)).map((r) => r.e),
  ).size

describe('identities', () => {
  const records = ['crm:S-1', 'support:Z-1']

  it('are linked by a plan, and unlinked again by its undo', async () => {
    expect(await entities()).toBe(2)
    const { plan, item } = await done({ link: { records }, reason: 'One company under two domains.' })
    expect(item).toMatchObject({ action: 'link', before: { together: 'false' }, after: { together: 'true' } })
    expect(plan).toMatchObject({ state: 'done', counts: { verified: 1 }, irreversible: 0 })
    expect(await entities()).toBe(1)
    const again = await door.call<Drafted>('olga', '/plans', { link: { records }, reason: 'Once more.' })
    expect(again.body.dry_run.left_out[0]!.why).toBe('It is as wanted already.')
    await done({ reason: 'They are two.' }, `/plans/${plan.id}/undo`)
    expect(await entities()).toBe(2)
    // The undo takes the decision back; it does not add its opposite.
    expect(world.ctx.control.identityDecisions({ inForce: true })).toEqual([])
  })

  it('are kept apart although their keys agree', async () => {
    platform.put('support', 'Z-2', { name: 'Nordwind', domain: 'nordwind.example', segment: 'smb', state: 'customer' })
    await world.read()
    expect(await entities()).toBe(2)
    const { plan } = await done({ unlink: { records: ['crm:S-1', 'support:Z-2'] }, reason: 'A namesake.' })
    expect(plan.state).toBe('done')
    expect(await entities()).toBe(3)
    await done({ reason: 'It is the same after all.' }, `/plans/${plan.id}/undo`)
    expect(await entities()).toBe(2)
  })

  it('leave out records that nobody knows', async () => {
    const unknown = { link: { records: ['crm:S-1', 'support:nobody'] }, reason: 'Typing.' }
    const { body } = await door.call<Drafted>('olga', '/plans', unknown)
    expect(body).toMatchObject({
      plan: null,
      dry_run: { left_out: [{ why: 'plumbline has no such record any more.' }] },
    })
  })
})

describe('entries of reference maps', () => {
  const means = () => world.ctx.config.reference_maps['segments']!.entries['support']!

  it('are added, in force at once and after a restart, and taken out by the undo', async () => {
    const code = { map: 'segments', who: 'support', code: 'GK/1', means: 'enterprise' }
    const { plan, item } = await done({ code, reason: 'Support has a new code.' })
    expect(item).toMatchObject({ action: 'set_code', before: { means: null }, after: { means: 'enterprise' } })
    expect(means()).toEqual({ KMU: 'smb', 'GK/1': 'enterprise' })
    // A configuration as it is read at the next start.
    delete means()['GK/1']
    layCodes(world.ctx)
    expect(means()['GK/1']).toBe('enterprise')
    await done({ reason: 'The code is gone.' }, `/plans/${plan.id}/undo`)
    expect(means()).toEqual({ KMU: 'smb' })
    layCodes(world.ctx)
    expect(means()).toEqual({ KMU: 'smb' })
  })

  it('are refused for a map that does not exist', async () => {
    const code = { map: 'nothing', who: '*', code: 'A', means: 'b' }
    const { body } = await door.call<Drafted>('olga', '/plans', { code, reason: 'Typing.' })
    expect(body.plan).toBeNull()
  })
})

describe('tickets', () => {
  it('are opened once about an issue, and withdrawn by the undo', async () => {
    platform.put('support', 'Z-3', { name: 'Kranich', domain: 'kranich.example', segment: 'smb', state: 'customer' })
    platform.put('crm', 'S-3', { name: 'Kranich', domain: 'kranich.example', segment: 'enterprise', state: 'customer' })
    await clock.turn(48 * 3_600_000)
    await world.read()
    await door.runtime.check({ full: true })
    door.signIn()
    const { issues } = (await door.call<{ issues: { id: string }[] }>('olga', '/issues?q=is:unresolved')).body
    const ticket = { channel: 'zen', issue: issues[0]!.id, text: 'Please ask the account team.' }
    const { plan, item } = await done({ ticket, reason: 'Only they know.' })
    expect(item).toMatchObject({ action: 'open_ticket', before: { ticket: null }, after: { ticket: 'open' } })
    expect(plan.state).toBe('done')
    expect(tickets).toHaveLength(1)
    expect(tickets[0]).toMatchObject({ subject: expect.stringContaining('customer-master/profile') as string })
    expect(JSON.stringify(tickets[0])).toContain('Please ask the account team.')
    const again = await door.call<Drafted>('olga', '/plans', { ticket, reason: 'Once more.' })
    expect(again.body.plan).toBeNull()
    await done({ reason: 'It is solved.' }, `/plans/${plan.id}/undo`)
    expect(tickets).toHaveLength(2)
    expect(JSON.stringify(tickets[1])).toContain('Withdrawn')
  })
})

it('keeps all of it in the audit trail', () => {
  const { control } = world.ctx
  expect(control.verifyAudit().broken).toBeNull()
  const actions = new Set(control.auditEntries(0, 1_000).map((e) => e.action))
  for (const action of ['plan.approved', 'write.begun', 'identity.merge', 'identity.cut'])
    expect(actions).toContain(action)
})
