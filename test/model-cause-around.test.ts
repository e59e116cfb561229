/** Truth table of what lies around a change: who was down when, what was new just before, and for which causes it speaks. */
import { describe, expect, it } from 'vitest'
import { blame, sureOf } from '../model/cause.ts'
import { downtimes, evidenceAround, type Around } from '../model/cause-around.ts'
import type { Cause } from '../model/verdict.ts'
import type { RecordedEvent } from '../model/event.ts'
import { delivery, event, facts, h, side } from './world/cause-facts.ts'

const on = (type: RecordedEvent['type'], platform: string, hour: number, more: Partial<RecordedEvent> = {}) =>
  event(type, hour, { from_platform: null, to_platform: platform, kind: null, record_id: null, ...more })
const outage = (platform: string, from: number, to?: number) => [
  on('outage_began', platform, from),
  ...(to === undefined ? [] : [on('outage_ended', platform, to)]),
]
const around = (...happened: RecordedEvent[]): Around => ({ happened, carriers: ['bus'] })
const way = { from: 'erp', to: 'crm', at: h(8) }
const title = (name: string) => name.toUpperCase()

describe('downtimes', () => {
  it('are put together from beginnings and ends, in whatever order they are told', () => {
    const told = [...outage('crm', 2, 3), ...outage('crm', 5), ...outage('erp', 1, 4), on('outage_ended', 'bus', 6)]
    const found = downtimes([...told].reverse()).map((d) => [d.platform, (d.from - h(0)) / 3_600_000, d.until])
    expect(found).toEqual([
      ['erp', 1, h(4)],
      ['crm', 2, h(3)],
      ['crm', 5, null],
    ])
  })

  it('of which the beginning is told twice are one, and maintenance is apart from outages', () => {
    const told = [on('outage_began', 'crm', 1), on('outage_began', 'crm', 2), on('outage_ended', 'crm', 3)]
    expect(downtimes(told)).toHaveLength(1)
    const both = [...outage('crm', 1, 5), on('maintenance_began', 'crm', 2), on('maintenance_ended', 'crm', 3)]
    expect(downtimes(both).map((d) => d.what)).toEqual(['outage', 'maintenance'])
  })
})

describe('a downtime speaks for a cause', () => {
  it.each<[string, Cause, RecordedEvent[], string | null]>([
    ['the follower was down', 'never_sent', outage('crm', 7, 9), 'CRM was down'],
    ['the follower was down, nobody tells until when', 'never_sent', outage('crm', 7), 'CRM was down'],
    ['it was sent then', 'not_acknowledged', outage('crm', 7, 9), 'CRM was down'],
    ['it was confirmed then', 'not_applied', outage('crm', 7, 9), 'CRM was down'],
    ['the carrier was down', 'never_sent', outage('bus', 7, 9), 'BUS was down'],
    ['the owner was down', 'never_sent', outage('erp', 7, 9), 'ERP was down'],
    ['it went down two minutes later', 'not_acknowledged', outage('crm', 8.03, 9), 'CRM was down'],
    ['several were down: the follower is named', 'never_sent', [...outage('bus', 7, 9), ...outage('crm', 7, 9)], 'CRM'],
    [
      'maintenance was announced',
      'never_sent',
      [on('maintenance_began', 'crm', 7), on('maintenance_ended', 'crm', 9)],
      'CRM was under maintenance',
    ],
    ['it was over before', 'never_sent', outage('crm', 5, 7), null],
    ['it began an hour later', 'never_sent', outage('crm', 9, 10), null],
    ['its end was forgotten days ago', 'never_sent', outage('crm', -72), null],
    ['another platform was down', 'never_sent', outage('billing', 7, 9), null],
    ['a person wrote over the value', 'overwritten', outage('crm', 7, 9), null],
    ['a code that nobody maps', 'unmapped_code', outage('crm', 7, 9), null],
  ])('%s', (_, cause, happened, says) => {
    const told = evidenceAround(cause, way, around(...happened), title)
    if (says === null) return expect(told).toEqual([])
    expect(told).toHaveLength(1)
    expect(told[0]).toMatchObject({ strength: 'supporting', for: 'cause' })
    expect(told[0]!.says).toContain(says)
    expect(told[0]!.disproved_by).toMatch(/took or sent/)
  })
})

describe('something new just before speaks for a cause', () => {
  it.each<[RecordedEvent['type'], Cause, number, string | null]>([
    ['key_rotated', 'not_acknowledged', 6, 'a key was rotated'],
    ['key_rotated', 'never_sent', 6, 'a key was rotated'],
    ['key_rotated', 'rounding', 6, null],
    ['deployed', 'not_applied', 6, 'a release was deployed'],
    ['deployed', 'time_zone', 6, 'a release was deployed'],
    ['deployed', 'overwritten', 6, null],
    ['mapping_changed', 'rounding', 6, 'a mapping was changed'],
    ['mapping_changed', 'never_sent', 6, null],
    ['schema_changed', 'not_applied', 6, 'the schema was changed'],
    ['deployed', 'not_applied', 9, null],
    ['deployed', 'not_applied', -30, null],
  ])('%s, %s, hour %i', (type, cause, hour, says) => {
    const told = evidenceAround(cause, way, around(on(type, 'bus', hour, { release: 'v7' })), title)
    if (says === null) return expect(told).toEqual([])
    expect(told).toMatchObject([{ strength: 'weak', for: 'cause' }])
    expect(told[0]!.says).toContain(says)
    expect(told[0]!.says).toContain('(v7)')
  })

  it('the latest of several', () => {
    const told = evidenceAround('not_applied', way, around(on('deployed', 'bus', 2), on('deployed', 'crm', 6)), title)
    expect(told.map((e) => e.says.slice(0, 3))).toEqual(['CRM'])
  })
})

describe('the cause of a difference', () => {
  const said = (more: Parameters<typeof facts>[0]) => {
    const { cause, evidence } = blame(facts(more))
    return `${cause} ${sureOf(evidence)}`
  }
  /** The follower was written later, by the integration; what was written is not known. */
  const unclear = { follower: side('crm', [['net_30', 9, 'sync']]) }

  it('that nobody knows becomes never sent, where somebody was down when the owner changed', () => {
    expect(said(unclear)).toBe('unknown possible')
    expect(said({ ...unclear, around: around(...outage('crm', 7, 8.5)) })).toBe('never_sent likely')
    expect(said({ ...unclear, around: around(...outage('crm', 5, 6)) })).toBe('unknown possible')
  })

  it('stays what the deliveries tell; the outage is beside it, at the instant of the delivery', () => {
    const sent = { events: delivery('t', 'net_60', { sent: 12 }) }
    const { cause, evidence } = blame(facts({ ...sent, around: around(...outage('crm', 11, 13)) }))
    expect(cause).toBe('not_acknowledged')
    expect(evidence.at(-1)!.says).toMatch(/^CRM was down .* the change of 2026-11-20T12:00:00.000Z/)
    expect(blame(facts({ ...sent, around: around(...outage('crm', 7, 9)) })).evidence).toHaveLength(1)
  })
})
