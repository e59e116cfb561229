/** Retention: what has had its time goes, what is needed or held stays, and a removal that was cut off is ended by the next. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RetainedClass } from '../server/config/retention-schema.ts'
import { measureLag } from '../server/measure/lag/measure.ts'
import { preview, retain } from '../server/retain/retain.ts'
import { appendEvents } from '../server/store/facts/events.ts'
import { writeFindingEvents } from '../server/store/facts/finding-events.ts'
import { findings, writeFindings } from '../server/store/facts/findings.ts'
import { entityAt } from '../server/store/facts/past/entity.ts'
import { quarantine, resolveQuarantine, writeQuarantine } from '../server/store/facts/quarantine.ts'
import { stillKept } from '../server/store/kept-since.ts'
import { checkWorld, type CheckWorld } from './world/check-world.ts'
import { controlWorld, type ControlWorld } from './world/control.ts'
import { factsWorld, serverFactsWorld, type FactsWorld } from './world/facts.ts'
import { anEvent, aFinding, aMessage, aNewException, anUnreadable } from './world/retained.ts'

const DAY = 86_400_000
const NOW = Date.parse('2026-11-20T12:00:00.000Z')
const at = (daysAgo: number) => new Date(NOW - daysAgo * DAY).toISOString()
const by = (actor = 'u1') => ({ actor, at: NOW })

const CUSTOMERS = ['free', 'quiet', 'held', 'open', 'stuck', 'merged']
/** Days ago at which every customer but the quiet one said something new. */
const SAID = [700, 600, 500, 30]

describe.each([
  ['the embedded engine', () => factsWorld()],
  ['a ClickHouse server', () => serverFactsWorld()],
])('retention on %s', (engine, make: () => Promise<FactsWorld>) => {
  /** A case in which the engine is asked nothing that another case does not ask it. */
  const once = (name: string, work: () => Promise<void> | void) => {
    if (engine === 'the embedded engine') it(name, work)
  }
  let facts: FactsWorld
  let store: ControlWorld
  let world: CheckWorld

  beforeAll(async () => {
    facts = await make()
    store = controlWorld()
    world = checkWorld({
      facts: facts.facts,
      control: store.control,
      platforms: { crm: { role: 'crm' }, erp: { role: 'erp' } },
      checks: [],
      at: at(700),
      config: { retention: { versions: '365d', findings: '365d', events: '365d', payloads: '90d', messages: '90d' } },
    })
    const record = (name: string, ago: number, entity = name) => ({
      ...{ platform: 'crm', kind: 'customer', record_id: `crm-${name}`, entity, changed_at: at(ago) },
      ...{ name: `${name} ${ago}`, created_at: at(800) },
    })
    for (const ago of SAID) {
      world.clock.set(NOW - ago * DAY)
      const talking = ago === 700 ? CUSTOMERS : CUSTOMERS.filter((c) => c !== 'quiet')
      await world.place(...talking.map((c) => record(c, ago, c === 'merged' && ago === 30 ? 'survivor' : c)))
    }
    world.clock.set(NOW)
    world.read()
  })
  afterAll(async () => {
    store?.end()
    await facts?.end()
  })

  const versions = async () => {
    const rows = await facts.facts.query<{ record_id: string; n: string }>(
      'select record_id, count() as n from plumbline.versions_customer group by record_id',
    )
    return Object.fromEntries(rows.map((r) => [r.record_id, Number(r.n)]))
  }
  const run = (of?: RetainedClass) => retain(world.ctx, { actor: 'plumbline', ...(of && { class: of }) })
  const audited = (word: string) => store.control.auditEntries(0, 10_000).filter((e) => e.action.includes(word))

  describe('earlier values of records', () => {
    it('go by rule, but never what is current, held, or needed by an open finding or exception', async () => {
      await writeFindings(facts.facts, store.control, [aFinding('f-open', 1, { entity_id: 'open', state: 'open' })])
      store.control.putExceptions([aNewException('stuck')], NOW)
      store.control.placeHold({ scope: 'customer', subject: 'held', reason: 'a lawsuit' }, by())
      // Held by the name it had: its records have since been joined with another customer.
      const merged = store.control.placeHold({ scope: 'customer', subject: 'merged', reason: 'a lawsuit' }, by())
      const seen = await preview(world.ctx, 'versions')
      expect(seen).toMatchObject({ rows: 2, needed: 8, oldest: NOW - 700 * DAY, newest: NOW - 600 * DAY })
      expect(seen!.bytes).toBeGreaterThan(0)
      const then = await Promise.all([300, 29].map((ago) => entityAt(facts.facts, 'free', NOW - ago * DAY)))
      expect(await run()).toEqual([{ class: 'versions', rows: 2, bytes: seen!.bytes }])
      expect(await versions()).toEqual({
        ...{ 'crm-held': 4, 'crm-open': 4, 'crm-stuck': 4, 'crm-merged': 4 },
        ...{ 'crm-free': 2, 'crm-quiet': 1 },
      })
      // Everything within the term is told as before, to the letter.
      expect(await Promise.all([300, 29].map((ago) => entityAt(facts.facts, 'free', NOW - ago * DAY)))).toEqual(then)
      expect(() => stillKept(world.ctx, NOW - 366 * DAY)).toThrow('was removed by its rule')
      expect(stillKept(world.ctx, NOW - 365 * DAY)).toBe(NOW - 365 * DAY)
      expect(await run()).toEqual([])
      expect(audited('remov').map((e) => [e.action, e.object, e.actor])).toEqual([
        ['removal began', 'retention versions', 'plumbline'],
        ['removed', 'retention versions', 'plumbline'],
      ])
      store.control.liftHold(merged.id, 'settled', by())
      expect((await preview(world.ctx, 'versions'))!.rows).toBe(2)
    })

    once('leaves what was measured of them as it was', async () => {
      const lag = () =>
        facts.facts.query(
          'select change, changed_at, outcome from plumbline.lag final where gone = 0 order by change, follower',
        )
      await facts.facts.command(
        `insert into plumbline.lag (eid, kind, part, owner, follower, change, entity_id, changed_at, due_at, agreed_at, outcome, rev, gone)
       select cityHash64('free'), 'customer', 'profile', 'crm', 'erp', 1, 'free', {at:DateTime64(3, 'UTC')}, {at:DateTime64(3, 'UTC')}, {at:DateTime64(3, 'UTC')}, 'in_time', 1, 0`,
        { at: at(600) },
      )
      expect((await measureLag(world.ctx, { full: true })).error).toBeNull()
      expect(await lag()).toContainEqual({ change: '1', changed_at: at(600), outcome: 'in_time' })
    })

    once('is ended by the next run where it was cut off, and waits for another process', async () => {
      const cut = { ...facts.facts, command: () => Promise.reject(new Error('the power went')) }
      await expect(retain({ ...world.ctx, facts: cut }, { actor: 'plumbline', class: 'versions' })).rejects.toThrow(
        'the power went',
      )
      expect(store.control.removals({ open: true, limit: 9 })).toMatchObject([{ class: 'versions', rows: 2 }])
      const control = store.reopen()
      world.ctx.control = control
      const lease = control.acquireLease('retention removal', 'another', NOW + DAY, NOW)!
      control.set('retention.holder.removal', `another ${lease.fence} 1`)
      await expect(run()).rejects.toThrow('Another process is removing')
      control.releaseLease('retention removal', 'another', lease.fence)
      expect(await run()).toMatchObject([{ class: 'versions', rows: 2 }])
      expect(control.removals({ open: true, limit: 9 })).toEqual([])
      expect((await versions())['crm-merged']).toBe(2)
    })

    once('does not go while everything is under legal hold, whoever asks', async () => {
      const { control } = store
      const hold = control.placeHold({ scope: 'everything', subject: '', reason: 'an inquiry' }, by())
      expect(() => control.placeHold({ scope: 'everything', subject: '', reason: 'again' }, by())).toThrow('already')
      world.clock.set(NOW + 400 * DAY)
      expect(await preview(world.ctx, 'versions')).toMatchObject({ rows: 0, everythingHeld: true })
      expect(await run()).toEqual([])
      const removal = { class: 'versions', keptFor: 1, cutoff: 1, rows: 1, oldest: 1, newest: 1, bytes: 1, actor: 'u1' }
      expect(() => control.beginRemoval({ ...removal, reason: 'x', beganAt: 1 })).toThrow('under legal hold')
      expect(control.liftHold(hold.id, 'it ended', by('u2'))).toMatchObject({
        liftedBy: 'u2',
        liftedReason: 'it ended',
      })
      expect(control.liftHold(hold.id, 'again', by())).toBeNull()
      world.clock.set(NOW)
      expect(
        audited('legal hold').map((e) => `${e.actor} ${e.action} ${e.object}: ${String(e.detail['reason'])}`),
      ).toEqual([
        'u1 legal hold placed customer held: a lawsuit',
        'u1 legal hold placed customer merged: a lawsuit',
        'u1 legal hold lifted customer merged: settled',
        'u1 legal hold placed everything: an inquiry',
        'u2 legal hold lifted everything: it ended',
      ])
    })
  })

  describe('findings', () => {
    it('go with their transitions when their whole issue was resolved long ago; none comes back to life', async () => {
      const resolved = (id: string, issue: number, ago: number, over = {}) =>
        aFinding(id, issue, {
          state: 'resolved',
          resolved_at: at(ago),
          first_seen_at: at(ago + 9),
          transition: 2,
          ...over,
        })
      const all = [
        resolved('f1', 11, 500),
        resolved('f2', 12, 500, { customer_entity_id: 'held' }),
        resolved('f3', 13, 100),
        resolved('f4', 14, 500),
        aFinding('f5', 14, { state: 'open' }),
        resolved('f6', 15, 500),
      ]
      // Open first, in a part of its own: what was replaced must not show again.
      await writeFindings(
        facts.facts,
        store.control,
        all.map((f) => ({ ...f, state: 'open', resolved_at: null, issue: 'I-99' })),
      )
      await writeFindings(facts.facts, store.control, all)
      for (const f of all)
        await writeFindingEvents(facts.facts, [
          {
            id: f.id,
            transition: 1,
            at: f.first_seen_at,
            from_state: null,
            to_state: 'open',
            verdict: 'drift',
            cause: 'unknown',
            run_id: 'r',
            reason: 'x',
            detail: {},
          },
        ])
      const hold = store.control.placeHold({ scope: 'issue', subject: 'I-15', reason: 'an audit' }, by())
      expect(await preview(world.ctx, 'findings')).toMatchObject({ rows: 2, needed: 2, oldest: NOW - 509 * DAY })
      await run('findings')
      const left = await findings(facts.facts, {})
      expect(left.map((f) => `${f.id} ${f.issue} ${f.state}`)).toEqual([
        'f-open I-1 open',
        'f2 I-12 resolved',
        'f3 I-13 resolved',
        'f4 I-14 resolved',
        'f5 I-14 open',
        'f6 I-15 resolved',
      ])
      const events = await facts.facts.query<{ id: string }>(
        'select id from plumbline.finding_events final order by id',
      )
      expect(events.map((e) => e.id)).toEqual(['f2', 'f3', 'f4', 'f5', 'f6'])
      store.control.liftHold(hold.id, 'it ended', by())
    })
  })

  describe('events, payloads and messages', () => {
    it('keeps what an open exception hangs on, and proves nothing by silence any more', async () => {
      await appendEvents(facts.facts, store.control, [
        anEvent('e1', at(500)),
        anEvent('e2', at(500), { correlation_id: 'c-stuck' }),
        anEvent('e3', at(500), { kind: 'customer', record_id: 'crm-held' }),
        anEvent('e4', at(10)),
      ])
      expect(await preview(world.ctx, 'events')).toMatchObject({ rows: 1, needed: 2 })
      await run('events')
      const left = await facts.facts.query<{ id: string }>('select id from plumbline.events final order by id')
      expect(left.map((e) => e.id)).toEqual(['e2', 'e3', 'e4'])
      const since = await facts.facts.query<{ since: string }>('select min(since) as since from plumbline.event_spans')
      expect(since).toEqual([{ since: at(365) }])
    })

    it('drops bytes of what is closed, and keeps that it happened', async () => {
      const { control } = store
      control.putExceptions([aNewException('done'), aNewException('held')], NOW - 200 * DAY)
      const [stuck, ...closed] = control
        .exceptions({ limit: 9 })
        .sort((a, b) => Number(a.entityId !== 'stuck') - Number(b.entityId !== 'stuck'))
      for (const x of closed) control.workException(x.id, { state: 'resolved', resolvedAt: NOW - 100 * DAY })
      const rows = ['read', 'waits'].map((id) => anUnreadable(id, at(200)))
      await writeQuarantine(facts.facts, control, rows)
      await resolveQuarantine(facts.facts, control, { platform: 'crm', stream: 'customer', record_ids: ['read'] })
      expect(await preview(world.ctx, 'payloads')).toMatchObject({ rows: 2, needed: 1 })
      await run('payloads')
      expect(Object.fromEntries(control.exceptions({ limit: 9 }).map((x) => [x.entityId, x.payload !== null]))).toEqual(
        {
          stuck: true,
          done: false,
          held: true,
        },
      )
      expect(stuck!.state).toBe('open')
      expect((await quarantine(facts.facts, {})).map((q) => `${q.record_id} ${q.state}`)).toEqual(['waits open'])
    })

    once('blanks what was said, keeps who was told, and sends it no more', () => {
      const { control } = store
      const file = control.keepAttachment(new Uint8Array([1, 2]), NOW)
      control.addOutbox([aMessage('m1', 'I-13', NOW - 200 * DAY, file), aMessage('m2', 'I-1', NOW - 200 * DAY)])
      const claimed = control.claimOutbox({ channel: 'mail', holder: 'h', now: NOW, until: NOW + 1, limit: 9 })
      for (const row of claimed)
        control.finishOutbox(row, {
          at: NOW - 199 * DAY,
          outcome: 'sent',
          status: null,
          answer: 'ok',
          ms: 1,
          nextAt: null,
        })
      expect(control.messagesOver(NOW - 90 * DAY, ['I-1'])).toMatchObject({ rows: 1, needed: 1 })
      expect(control.removeMessages(NOW - 90 * DAY, ['I-1'])).toBe(1)
      expect(control.removeMessages(NOW - 90 * DAY, ['I-1'])).toBe(0)
      const said = Object.fromEntries(
        control
          .outbox({ limit: 9 })
          .map((r) => [r.dedupe, [r.address, r.message.lines.length, control.deliveriesOf(r.id).length]]),
      )
      expect(said).toEqual({ m1: ['a@example.com', 0, 1], m2: ['a@example.com', 1, 1] })
      expect(control.attachment(file)).toBeNull()
      expect(control.redeliver({ ids: claimed.map((r) => r.id) }, NOW)).toBe(1)
    })
  })
})
