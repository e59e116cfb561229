/** Maintenance of a follower: while it is down on purpose nobody can expect it to follow, so its windows end later. */
import { describe, expect, it } from 'vitest'
import { landscapeVersion } from '../server/check/landscape-version.ts'
import { loadText } from '../server/config/load.ts'
import { formatProblems } from '../server/config/problem.ts'
import { configSchema } from '../server/config/schema.ts'
import { measureVersion } from '../server/measure/lag/version.ts'
import { landscape, roles } from './world/small-landscape.ts'

const utc = (text: string) => Date.parse(text)
const HOUR = 3_600_000

type Maintenance = Record<string, unknown>[]

/** End of a window of so many hours on a way to the CRM, which is down at these times. */
function end(from: string, hours: number, maintenance: Maintenance, more: Record<string, unknown> = {}): string {
  const platforms = roles('crm', 'erp') as Record<string, Record<string, unknown>>
  platforms['crm'] = { ...platforms['crm'], maintenance }
  const l = landscape({
    platforms,
    edges: [{ fields: ['customer'], window: `${hours}h`, ...(more['edge'] as object) }],
    ...(more['config'] as object),
  })
  return new Date(l.windowEnd(l.edge('customer', 'legal_name', 'erp', 'crm'), utc(from))).toISOString()
}

const ONCE = [{ from: '2026-11-20T10:00:00Z', to: '2026-11-20T12:00:00Z' }]
const SUNDAYS = [{ days: ['sun'], hours: '02:00-04:00', timezone: 'Europe/Zurich' }]

describe('the window of a follower that is down on purpose', () => {
  it.each([
    ['stops while it is down', '2026-11-20T09:30:00Z', 1, '2026-11-20T12:30:00.000Z'],
    ['begins when it is back', '2026-11-20T11:00:00Z', 1, '2026-11-20T13:00:00.000Z'],
    ['that ends before does not care', '2026-11-20T08:00:00Z', 1, '2026-11-20T09:00:00.000Z'],
    ['that ends exactly when it goes down does not wait', '2026-11-20T09:00:00Z', 1, '2026-11-20T10:00:00.000Z'],
  ])('%s', (_, from, hours, expected) => {
    expect(end(from, hours, ONCE)).toBe(expected)
  })

  it('is longer only towards that platform', () => {
    const platforms = roles('crm', 'erp', 'support') as Record<string, Record<string, unknown>>
    platforms['crm'] = { ...platforms['crm'], maintenance: ONCE }
    const l = landscape({ platforms })
    const at = utc('2026-11-20T10:30:00Z')
    const to = (follower: string) => l.windowEnd(l.edge('customer', 'legal_name', 'erp', follower), at) - at
    expect([to('crm'), to('support')]).toEqual([2.5 * HOUR, HOUR])
  })

  it('comes again every week in its own zone', () => {
    expect(end('2026-11-22T00:30:00Z', 1, SUNDAYS)).toBe('2026-11-22T03:30:00.000Z')
    expect(end('2026-11-21T00:30:00Z', 1, SUNDAYS)).toBe('2026-11-21T01:30:00.000Z')
  })

  it('covers both of the hours that come twice when clocks go back', () => {
    // 02:00 to 04:00 on 25 October 2026 lasts three hours in Zurich: 00:00Z to 03:00Z.
    expect(end('2026-10-24T23:30:00Z', 1, SUNDAYS)).toBe('2026-10-25T03:30:00.000Z')
  })

  it('covers only the hour that is there when they go forward', () => {
    // 02:00 to 04:00 on 28 March 2027 is 03:00 to 04:00 summer time: 01:00Z to 02:00Z.
    expect(end('2027-03-28T00:30:00Z', 1, SUNDAYS)).toBe('2027-03-28T02:30:00.000Z')
  })

  it('stands beside the hours of the edge’s calendar, which may lie in another zone', () => {
    const office = {
      timezone: 'America/New_York',
      hours: Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri'].map((d) => [d, ['09:00-17:00']])),
    }
    const more = { edge: { calendar: 'office' }, config: { calendars: { office } } }
    // Friday 15:00 in New York; down until 16:00 there: one hour is left on Friday, the other is Monday's first.
    const down = [{ days: ['fri'], hours: '20:00-22:00', timezone: 'Europe/Zurich' }]
    expect(end('2026-11-20T20:00:00Z', 2, down, more)).toBe('2026-11-23T15:00:00.000Z')
  })

  it('takes the platform’s zone where the entry names none', () => {
    const platforms = roles('crm', 'erp') as Record<string, Record<string, unknown>>
    const maintenance = [{ days: ['sun'], hours: '02:00-04:00' }]
    platforms['crm'] = { ...platforms['crm'], timezone: 'Asia/Tokyo', maintenance }
    const l = landscape({ platforms })
    const from = utc('2026-11-21T17:30:00Z')
    expect(l.windowEnd(l.edge('customer', 'legal_name', 'erp', 'crm'), from)).toBe(utc('2026-11-21T20:00:00Z'))
  })
})

describe('in the configuration', () => {
  const text = (maintenance: string) =>
    `platforms:\n  crm:\n    connector: files\n    role: crm\n    maintenance:\n${maintenance}`
  const problems = (maintenance: string) =>
    loadText('plumbline.yaml', text(maintenance), { env: {}, connectors: new Map() })
      .problems.map((p) => p.message)
      .filter((m) => !m.includes('connector'))

  it('names what is wrong: the order of times, a zone that is none, a week without an hour left', () => {
    expect(problems('      - { from: 2026-11-20T12:00:00Z, to: 2026-11-20T10:00:00Z }')).toEqual([
      'ends before it begins',
    ])
    expect(problems('      - { days: [sun], hours: 04:00-02:00 }').join()).toContain('write a night as two entries')
    expect(problems('      - { days: [sun], hours: 02:00-04:00, timezone: Europe/Zurch }').join()).toContain(
      'no time zone',
    )
    expect(problems('      - { days: [mon, tue, wed, thu, fri, sat, sun], hours: 00:00-24:00 }').join()).toContain(
      'covers the whole week',
    )
    expect(problems('      - { days: [sun], hours: 02:00-04:00, reason: Weekly release }')).toEqual([])
  })

  it('makes every check and every lag be judged anew', () => {
    const config = (maintenance: Maintenance) =>
      configSchema.parse({ platforms: { crm: { connector: 'files', role: 'crm', maintenance } } }) as never
    expect(landscapeVersion(config(ONCE), [])).not.toBe(landscapeVersion(config(SUNDAYS), []))
    const version = (times: Maintenance) => measureVersion({ config: config(times), checks: [] }, [])
    expect(version(ONCE)).not.toBe(version(SUNDAYS))
  })
})

describe('objectives in the configuration', () => {
  it('are refused with every mistake named', () => {
    const yaml = `platforms:
  crm: { connector: files, role: crm }
objectives:
  targets: { critical: 1.5 }
  edges:
    - { from: crn, fields: [invoise.state], target: 0.9 }
  exclude:
    - { begin: 2026-11-20T12:00:00Z, end: 2026-11-20T10:00:00Z, reason: Outage }
`
    const text = formatProblems(loadText('plumbline.yaml', yaml, { env: {}, connectors: new Map() }).problems)
    expect(text).toContain('must be less than 1')
    expect(text).toContain('"crn"')
    expect(text).toContain('invoise')
    expect(text).toContain('ends before it begins')
  })
})
