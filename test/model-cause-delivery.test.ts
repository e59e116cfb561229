/** Truth tables of the causes that recorded deliveries tell, and of absence: how far a change or a record came on its way. */
import { describe, expect, it } from 'vitest'
import { blameAbsence, blameOrphan, type AbsenceFacts, type OrphanFacts } from '../model/cause-absent.ts'
import { sureOf } from '../model/cause.ts'
import { NOTHING_AROUND } from '../model/cause-around.ts'
import type { DifferenceFacts } from '../model/cause-facts.ts'
import { deliveriesInto, progress } from '../model/delivery.ts'
import type { EventType } from '../model/event.ts'
import { cause, delivery, event, h, LOG, side } from './world/cause-facts.ts'

describe('what recorded deliveries tell', () => {
  const sent = delivery('t', 'net_60', { sent: 8.01 })
  const confirmed = delivery('t', 'net_60', { sent: 8.01, acknowledged: 8.1 })
  const refused = delivery('t', 'net_60', { sent: 8.01, rejected: 8.1 })
  const applied = delivery('t', 'net_60', { sent: 8.01, acknowledged: 8.1, applied: 8.2 })
  const older = delivery('o', 'net_30', { sent: 7, applied: 9 })
  it.each<[string, Partial<DifferenceFacts>, string]>([
    ['nothing was sent, and all deliveries are told of', { log: LOG }, 'never_sent certain'],
    [
      'nothing was sent, and the log ends before the change',
      { log: { since: h(0), through: h(8) } },
      'never_sent likely',
    ],
    [
      'nothing was sent, and the log begins after the change',
      { log: { since: h(9), through: h(24) } },
      'never_sent likely',
    ],
    [
      'only an older value was sent',
      { events: delivery('o', 'net_30', { sent: 1, applied: 2 }), log: LOG },
      'never_sent certain',
    ],
    ['it was sent, and nobody answered', { events: sent, log: LOG }, 'not_acknowledged certain'],
    ['it was sent, without saying what', { events: delivery('t', null, { sent: 8.01 }) }, 'not_acknowledged certain'],
    [
      'what was sent was another field',
      { events: [event('sent', 8.01, { detail: { fields: ['name'] } })], log: LOG },
      'never_sent certain',
    ],
    ['it was sent before the change', { events: delivery('t', null, { sent: 7 }), log: LOG }, 'never_sent certain'],
    ['it was confirmed and not written', { events: confirmed }, 'not_applied certain'],
    ['it was refused', { events: refused }, 'not_applied certain'],
    [
      'it was refused and then accepted, and is not to be seen',
      { events: [...refused, event('applied', 8.5, { correlation_id: 't' })] },
      'not_applied likely',
    ],
    [
      'only other fields of it were written',
      { events: [...confirmed, event('applied', 8.2, { correlation_id: 't', detail: { fields: ['name'] } })] },
      'not_applied certain',
    ],
    ['it was written, and another value is there', { events: applied }, 'not_applied likely'],
    [
      'it was changed on its way',
      { events: delivery('t', 'net_99', { sent: 8.01, applied: 8.2 }) },
      'not_applied likely',
    ],
    ['an older change was written after it', { events: [...applied, ...older] }, 'stale_event certain'],
    [
      'an older change was written before it',
      { events: [...applied, ...delivery('o', 'net_30', { sent: 7, applied: 8.15 })] },
      'not_applied likely',
    ],
    [
      'it was written, then a person wrote',
      { events: applied, follower: side('crm', [['net_90', 12, 'k.albers']]) },
      'overwritten likely',
    ],
    [
      'it was written, then a person was seen to write',
      {
        events: applied,
        follower: side('crm', [
          ['net_10', 2],
          ['net_90', 12, 'k.albers'],
        ]),
      },
      'overwritten certain',
    ],
    [
      'it was written, then somebody wrote whom no delivery explains',
      { events: applied, follower: side('crm', [['net_90', 12]]) },
      'overwritten likely',
    ],
    [
      'it was written, and nobody says when the record last changed',
      { events: applied, follower: side('crm', [['net_90', 12]], { trail: [], recordChangedAt: null }) },
      'overwritten possible',
    ],
    [
      'it was written, then another delivery wrote',
      {
        events: [...applied, event('applied', 12, { detail: { fields: ['name'] } })],
        follower: side('crm', [['net_90', 12]]),
      },
      'not_applied likely',
    ],
    [
      'the owner’s record changed later, by a delivery of another field',
      {
        owner: side('erp', [['net_60', 10]]),
        events: [
          ...delivery('t', null, { sent: 8.01, applied: 8.2 }),
          event('sent', 10.01, { detail: { fields: ['name'] } }),
        ],
        log: LOG,
      },
      'not_applied likely',
    ],
    [
      'the owner’s record changed later, and nothing was sent',
      { owner: side('erp', [['net_60', 10]]), events: delivery('t', null, { sent: 8.01, applied: 8.2 }), log: LOG },
      'never_sent likely',
    ],
  ])('%s', (_, more, expected) => expect(cause(more)).toBe(expected))

  it('a follower that sent the value itself and was written again was overwritten', () => {
    const back = delivery('b', 'net_60', { sent: 8, applied: 8.1 }).map((e) => ({
      ...e,
      from_platform: 'crm',
      to_platform: 'erp',
    }))
    const more = { owner: side('erp', [['net_60', 8.1]]), events: back, log: LOG }
    expect(cause({ ...more, follower: side('crm', [['net_90', 12, 'k.albers']]) })).toBe('overwritten likely')
    expect(cause({ ...more, follower: side('crm', [['net_90', 7, 'k.albers']]) })).toBe('never_sent likely')
  })

  it('the order in which events are told, and telling them twice, change nothing', () => {
    const all = [...applied, ...older]
    expect(cause({ events: [...all].reverse() })).toBe(cause({ events: all }))
    expect(cause({ events: [...all, ...all] })).toBe(cause({ events: all }))
  })
})

describe('why a record is missing', () => {
  const absent = (more: Partial<AbsenceFacts>) => {
    const said = blameAbsence({
      kind: 'customer',
      platform: 'crm',
      title: 'CRM',
      owner: 'erp',
      ownerTitle: 'ERP',
      since: h(8),
      grave: null,
      named: null,
      events: [],
      log: null,
      doubt: null,
      around: NOTHING_AROUND,
      titleOf: (name) => name.toUpperCase(),
      ...more,
    })
    return `${said.cause} ${sureOf(said.evidence)}`
  }
  const grave = { record_id: 'C1', merged_into: null, at: h(9), by: 'k.albers' }
  it.each<[string, Partial<AbsenceFacts>, string]>([
    ['it was deleted there', { grave }, 'deleted certain'],
    ['it was merged there', { grave: { ...grave, merged_into: 'C2' } }, 'merged certain'],
    [
      'it was deleted after it had been written',
      { grave, events: delivery('t', null, { sent: 8, applied: 8.1 }) },
      'deleted certain',
    ],
    ['a record names it there', { named: 'C1' }, 'not_applied certain'],
    ['it was sent and nobody answered', { events: delivery('t', null, { sent: 8 }) }, 'not_acknowledged certain'],
    [
      'it was sent twice, and the second was confirmed',
      { events: [...delivery('t', null, { sent: 8 }), ...delivery('u', null, { sent: 9, acknowledged: 9.1 })] },
      'not_applied certain',
    ],
    ['it was refused', { events: delivery('t', null, { sent: 8, rejected: 8.1 }) }, 'not_applied certain'],
    [
      'it is said to have been written',
      { events: delivery('t', null, { sent: 8, applied: 8.1 }) },
      'not_applied likely',
    ],
    [
      'it is said to have been written, and a record names it there',
      { named: 'C1', events: delivery('t', null, { sent: 8, applied: 8.1 }) },
      'deleted likely',
    ],
    ['all deliveries are told of, and it is not among them', { log: LOG }, 'never_sent certain'],
    ['nobody tells of deliveries', {}, 'never_sent likely'],
    ['it may not be one thing', { doubt: 'Contradiction.', grave }, 'identity_in_doubt certain'],
  ])('%s', (_, more, expected) => expect(absent(more)).toBe(expected))
})

describe('why a record is where its owner has none', () => {
  const orphan = (more: Partial<OrphanFacts>) => {
    const said = blameOrphan({
      kind: 'customer',
      platform: 'crm',
      title: 'CRM',
      owner: 'erp',
      ownerTitle: 'ERP',
      owners: ['ERP'],
      grave: null,
      since: h(8),
      maker: null,
      events: [],
      log: null,
      doubt: null,
      ...more,
    })
    return `${said.cause} ${sureOf(said.evidence)}`
  }
  const grave = { record_id: 'E1', merged_into: null, at: h(9), by: null }
  const toOwner = (at: Partial<Record<EventType, number>>) =>
    delivery('t', null, at).map((e) => ({ ...e, from_platform: 'crm', to_platform: 'erp' }))
  it.each<[string, Partial<OrphanFacts>, string]>([
    ['its owner deleted it', { grave }, 'deleted certain'],
    ['its owner merged it', { grave: { ...grave, merged_into: 'E2' } }, 'merged certain'],
    ['a person made it', { maker: 'k.albers' }, 'non_owner_write certain'],
    ['the integration made it', { maker: 'sync' }, 'unknown possible'],
    ['nobody says who made it, and no delivery did', { log: LOG }, 'non_owner_write likely'],
    ['a delivery brought it', { events: delivery('t', null, { sent: 8, applied: 8.1 }), log: LOG }, 'unknown possible'],
    ['it was told to its owner, who did not answer', { events: toOwner({ sent: 8 }) }, 'not_acknowledged certain'],
    [
      'it was told to its owner, who refused it',
      { events: toOwner({ sent: 8, rejected: 8.1 }) },
      'not_applied certain',
    ],
    ['it may not be one thing', { doubt: 'Contradiction.' }, 'identity_in_doubt certain'],
    ['nothing is known', {}, 'unknown possible'],
  ])('%s', (_, more, expected) => expect(orphan(more)).toBe(expected))
})

describe('deliveries', () => {
  it('without a thread, an answer belongs to the latest one that is open', () => {
    const events = [event('sent', 1), event('applied', 2), event('sent', 3), event('acknowledged', 4)]
    expect(deliveriesInto(events, 'crm', 'customer').map((d) => progress(d, null))).toEqual(['applied', 'acknowledged'])
  })

  it('a refusal counts until something better follows', () => {
    const [d] = deliveriesInto(delivery('t', null, { sent: 1, rejected: 2, applied: 3 }), 'crm', 'customer')
    expect(progress(d!, null)).toBe('applied')
    const [e] = deliveriesInto(delivery('t', null, { sent: 1, applied: 2, rejected: 3 }), 'crm', 'customer')
    expect(progress(e!, null)).toBe('rejected')
  })
})
