/** Truth tables of the causes that values and histories tell: what must have been seen for a rule to speak, and what makes it silent. */
import { describe, expect, it } from 'vitest'
import { blame, RULES, sureOf } from '../model/cause.ts'
import type { DifferenceFacts } from '../model/cause-facts.ts'
import { CAUSES } from '../model/verdict.ts'
import { cause, facts, h, side } from './world/cause-facts.ts'

const money = { name: 'amount', type: 'money' } as const
const date = { name: 'due_on', type: 'date' } as const

describe('what the two values show by themselves', () => {
  it.each<[string, Partial<DifferenceFacts>, string]>([
    [
      'a currency that differs',
      {
        field: { name: 'currency', type: 'currency' },
        owner: side('erp', [['EUR', 1]]),
        follower: side('crm', [['USD', 1]]),
      },
      'currency certain',
    ],
    [
      'a cent, said by the comparison',
      { field: money, shown: 'rounding', owner: side('erp', [['100.01', 1]]), follower: side('crm', [['100.00', 1]]) },
      'rounding likely',
    ],
    [
      'the longer number rounded',
      { field: money, owner: side('erp', [['100.456', 1]]), follower: side('crm', [['100.46', 1]]) },
      'rounding likely',
    ],
    [
      'amounts of which one only lost its last zero',
      { field: money, owner: side('erp', [['10.1', 1]]), follower: side('crm', [['10.13', 2]]) },
      'unknown possible',
    ],
    [
      'digits cut off',
      { field: money, owner: side('erp', [['100.456', 1]]), follower: side('crm', [['100.45', 1]]) },
      'rounding likely',
    ],
    [
      'whole numbers that differ',
      { field: money, owner: side('erp', [['100', 1]]), follower: side('crm', [['101', 2]]) },
      'unknown possible',
    ],
    [
      'an offset, said by the comparison',
      {
        field: { name: 'paid_at', type: 'instant' },
        shown: 'time_zone',
        owner: side('erp', [['a', 1]]),
        follower: side('crm', [['b', 1]]),
      },
      'time_zone likely',
    ],
    [
      'days that are neighbours',
      { field: date, owner: side('erp', [['2026-11-20', 1]]), follower: side('crm', [['2026-11-21', 1]]) },
      'time_zone possible',
    ],
    [
      'neighbouring days that a person wrote',
      {
        field: date,
        owner: side('erp', [['2026-11-20', 1]]),
        follower: side('crm', [
          ['2026-11-01', 1],
          ['2026-11-21', 2, 'k.albers'],
        ]),
      },
      'non_owner_write certain',
    ],
    [
      'days further apart',
      { field: date, owner: side('erp', [['2026-11-20', 2]]), follower: side('crm', [['2026-11-22', 1]]) },
      'never_sent likely',
    ],
  ])('%s', (_, more, expected) => expect(cause(more)).toBe(expected))
})

describe('what the histories tell', () => {
  it.each<[string, Partial<DifferenceFacts>, string]>([
    [
      'the follower had the value and a person replaced it',
      {
        follower: side('crm', [
          ['net_60', 9],
          ['net_90', 12, 'k.albers'],
        ]),
      },
      'overwritten certain',
    ],
    [
      'the follower had the value and the integration replaced it',
      {
        follower: side('crm', [
          ['net_60', 9],
          ['net_90', 12, 'sync'],
        ]),
      },
      'overwritten certain',
    ],
    [
      'the integration brought an older value of the owner',
      {
        follower: side('crm', [
          ['net_10', 2],
          ['net_30', 9, 'sync'],
        ]),
      },
      'stale_event certain',
    ],
    [
      'nobody says who brought the older value',
      {
        follower: side('crm', [
          ['net_10', 2],
          ['net_30', 9],
        ]),
      },
      'stale_event certain',
    ],
    [
      'a person wrote an older value of the owner',
      {
        follower: side('crm', [
          ['net_10', 2],
          ['net_30', 9, 'k.albers'],
        ]),
      },
      'non_owner_write certain',
    ],
    [
      'a person wrote another value',
      {
        follower: side('crm', [
          ['net_30', 2],
          ['net_90', 9, 'k.albers'],
        ]),
      },
      'non_owner_write certain',
    ],
    [
      'somebody wrote another value',
      {
        follower: side('crm', [
          ['net_30', 2],
          ['net_90', 9],
        ]),
      },
      'non_owner_write likely',
    ],
    [
      'the integration wrote another value',
      {
        follower: side('crm', [
          ['net_30', 2],
          ['net_90', 9, 'sync'],
        ]),
      },
      'not_applied likely',
    ],
    [
      'the record was written later, the field stayed',
      { follower: side('crm', [['net_30', 2]], { recordChangedAt: h(9), changedBy: 'sync' }) },
      'not_applied likely',
    ],
    ['the record was not written since', { follower: side('crm', [['net_30', 2]]) }, 'never_sent likely'],
    [
      'the record was written later by a person, what is not known',
      { follower: side('crm', [['net_30', 9, 'k.albers']]) },
      'non_owner_write possible',
    ],
    [
      'the record was written later by the integration, what is not known',
      { follower: side('crm', [['net_30', 9, 'sync']]) },
      'unknown possible',
    ],
    [
      'nobody keeps stamps',
      {
        owner: side('erp', [['net_60', 8]], { trail: [], recordChangedAt: null }),
        follower: side('crm', [['net_30', 2]], { trail: [], recordChangedAt: null }),
      },
      'unknown possible',
    ],
    [
      'the records may not be one thing',
      { doubt: 'Their references contradict each other.' },
      'identity_in_doubt certain',
    ],
  ])('%s', (_, more, expected) => expect(cause(more)).toBe(expected))
})

describe('every rule', () => {
  it('has its evidence, says what would disprove it, and how sure it is', () => {
    for (const rule of RULES) {
      expect(CAUSES).toContain(rule.cause)
      expect(rule.when.length).toBeGreaterThan(20)
    }
    const said = blame(facts())
    expect(said.evidence.every((e) => e.for === 'cause' && (e.disproved_by ?? '').length > 10)).toBe(true)
  })

  it('makes a cause certain, likely or possible by its best evidence, and by no other', () => {
    const e = (strength: 'strong' | 'supporting' | 'weak', of?: 'cause') => ({
      says: 's',
      strength,
      ...(of && { for: of }),
    })
    expect(sureOf([e('strong')])).toBeNull()
    expect(sureOf([e('strong'), e('weak', 'cause')])).toBe('possible')
    expect(sureOf([e('weak', 'cause'), e('supporting', 'cause')])).toBe('likely')
    expect(sureOf([e('supporting', 'cause'), e('strong', 'cause')])).toBe('certain')
  })
})
