/** Rules of alerts, by themselves: every condition of a route, whom it finds, and when each recipient is told. */
import { describe, expect, test } from 'vitest'
import type { Match, RouteConfig } from '../server/config/alerts-schema.ts'
import { routeSchema } from '../server/config/alerts-schema.ts'
import { recipientSchema } from '../server/config/channels-schema.ts'
import { decide, type Known } from '../server/alert/decide.ts'
import { mismatch } from '../server/alert/match.ts'
import { subjectWith, type Subject } from '../server/alert/subject.ts'
import { titlesIn } from '../server/titles.ts'
import type { Check } from '../server/check/contract.ts'

const NOW = Date.parse('2026-11-20T12:00:00.000Z')
const about: Subject = subjectWith({
  kind: 'issue',
  ref: 'I-7',
  title: 'Cancelled and still billed',
  severity: 'high',
  check: 'invoice-payment/cancelled-still-billed',
  category: 'exception',
  cause: 'never_sent',
  recordKind: 'subscription',
  field: 'bill_to.city',
  from: 'crm',
  to: ['bill'],
  money: '500',
  legalEntities: ['DE01', 'CH02'],
  team: 'finance-ops',
  assignee: 'anna',
  environments: ['production'],
})
const roleOf = (platform: string) => ({ crm: 'crm', bill: 'billing' })[platform] ?? null

const recipients = {
  'finance-ops': { channel: 'mail', address: 'finance@example.com' },
  anna: { channel: 'mail', address: 'anna@example.com' },
  boss: { channel: 'mail', address: 'boss@example.com', digest: '0 8 * * *', timezone: 'Europe/Zurich' },
}
const route = (change: Record<string, unknown>): RouteConfig =>
  routeSchema.parse({ name: 'r', tell: ['boss'], ...change })

function told(routes: RouteConfig[], change: Partial<Known> = {}, of: Partial<Subject> = {}) {
  const known: Known = {
    now: NOW,
    alerts: { routes, own: { tell: [] } as never },
    recipients: Object.fromEntries(Object.entries(recipients).map(([name, r]) => [name, recipientSchema.parse(r)])),
    channels: { mail: { kind: 'folder' } as never },
    silences: [],
    stale: new Map(),
    told: [],
    unsubscribed: new Set(),
    roleOf,
    ...change,
  }
  return decide('new', { ...about, ...of }, known)
}

describe('a route', () => {
  test.each<[Match, string | null]>([
    [{ check: ['invoice-payment/*'] }, null],
    [{ check: ['matching/*'] }, 'its check is invoice-payment/cancelled-still-billed, not matching/*'],
    [{ category: ['exception', 'missing'] }, null],
    [{ category: ['missing'] }, 'its category is exception, not missing'],
    [{ cause: ['never_sent'] }, null],
    [{ cause: ['rounding'] }, 'its cause is never_sent, not rounding'],
    [{ kind: ['invoice'] }, 'its kind is subscription, not invoice'],
    [{ field: ['bill_to.*'] }, null],
    [{ field: ['status'] }, 'its field is bill_to.city, not status'],
    [{ from: ['crm'], to: ['billing'] }, null],
    [{ to: ['erp'] }, 'its platform at fault is bill, billing, not erp'],
    [{ severity: ['critical'] }, 'its severity is high, not critical'],
    [{ money_from: '500' }, null],
    [{ money_from: '500.01' }, 'its money at risk is 500, less than 500.01'],
    [{ legal_entity: ['CH02'] }, null],
    [{ legal_entity: ['US03'] }, 'its legal entity is DE01, CH02, not US03'],
    [{ team: ['finance-ops'] }, null],
    [{ team: ['sales'] }, 'its team is finance-ops, not sales'],
    [{ environment: ['production'] }, null],
    [{ environment: ['staging'] }, 'its environment is production, not staging'],
    [{ issue: ['I-7'] }, null],
    [{ severity: ['high'], team: ['sales'] }, 'its team is finance-ops, not sales'],
  ])('with %j says %s', (match, says) => {
    expect(mismatch(match, about, { roleOf })).toBe(says)
  })

  test('does not hold where a condition is on something unknown', () => {
    const unknown = subjectWith({ kind: 'issue', ref: 'I-8', title: '', severity: 'low' })
    for (const match of [
      { environment: ['production'] },
      { legal_entity: ['DE01'] },
      { team: ['x'] },
      { money_from: '0' },
    ])
      expect(mismatch(match as Match, unknown, { roleOf })).toContain('not known')
  })

  test('finds the owner team and the person apart, and says where there is none', () => {
    const both = [route({ tell: ['owner', 'assignee'] })]
    expect(told(both).map((d) => d.recipient)).toEqual(['finance-ops', 'anna'])
    expect(told(both, {}, { assignee: null }).map((d) => [d.recipient, d.state, d.reason])).toEqual([
      ['finance-ops', 'queued', 'route “r” takes it'],
      ['assignee', 'none', 'route “r” takes it, but it has no assignee'],
    ])
  })

  test('ends the search unless it continues, and nobody is told twice', () => {
    const routes = [
      route({ name: 'a', tell: ['anna'], continue: true }),
      route({ name: 'b', tell: ['anna', 'boss'] }),
      route({ name: 'c', tell: ['owner'] }),
    ]
    expect(told(routes).map((d) => [d.route, d.recipient])).toEqual([
      ['a', 'anna'],
      ['b', 'boss'],
    ])
  })
})

describe('a recipient', () => {
  test('with a digest is told at its next hour, in its own zone, but woken at once for what is critical', () => {
    const [digest] = told([route({})])
    expect(new Date(digest!.notBefore).toISOString()).toBe('2026-11-21T07:00:00.000Z')
    expect(digest!.reason).toContain('collected for the digest')
    expect(told([route({})], {}, { severity: 'critical' })[0]!.notBefore).toBe(NOW)
  })

  test('who left the list is told nothing, with the reason', () => {
    const [d] = told([route({ tell: ['anna'] })], { unsubscribed: new Set(['alerts/r\nanna@example.com']) })
    expect(d).toMatchObject({ state: 'none', reason: 'route “r” takes it, but anna@example.com left this list' })
  })
})

describe('titles', () => {
  const check = { id: 'a/b', title: 'A customer differs', titles: { de: 'Ein Kunde weicht ab' } } as unknown as Check
  const german = titlesIn('de', { checks: [check] })
  test('are those of the reader’s language, with the field where the finding names it', () => {
    const of = { check: 'a/b', kind: 'customer', field: 'legal_name' }
    expect(german.issue({ ...of, title: 'Legal name differs in Stripe' })).toBe('Ein Kunde weicht ab: Firma')
    expect(german.issue({ ...of, title: 'A customer differs' })).toBe('Ein Kunde weicht ab')
    expect(titlesIn('en', { checks: [check] }).issue({ ...of, title: 'Legal name differs in Stripe' })).toBe(
      'Legal name differs in Stripe',
    )
    expect([german.kind('invoice', 1), german.kind('invoice', 2), german.field('invoice', 'due_on')]).toEqual([
      'Rechnung',
      'Rechnungen',
      'Fällig am',
    ])
  })
  test('that nobody translated stay as they are written', () => {
    expect(german.issue({ check: 'own/x', title: 'Our own', kind: 'customer', field: 'name' })).toBe('Our own')
  })
})
