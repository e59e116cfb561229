/** Retention of the audit trail: shortened from its old end, verifiable ever after; and the terms that a configuration may give. */
import { describe, expect, it } from 'vitest'
import { configSchema } from '../server/config/schema.ts'
import { openDatabase } from '../server/store/control/database.ts'
import { controlWorld } from './world/control.ts'

const DAY = 86_400_000
const NOW = Date.parse('2026-11-20T12:00:00.000Z')

describe('the audit trail', () => {
  it('is shortened from its old end up to what is still needed, and the rest still verifies', () => {
    const trail = controlWorld()
    try {
      const { control } = trail
      for (const [i, object] of ['a', 'b', 'I-7', 'c', 'd'].entries())
        control.audit({ at: NOW - (900 - i) * DAY, actor: 'u1', action: 'did', object })
      control.audit({ at: NOW, actor: 'u1', action: 'did', object: 'now' })
      const cutoff = NOW - 800 * DAY
      expect(control.auditOver(cutoff, ['I-7'])).toMatchObject({ rows: 2, needed: 3 })
      expect(() => control.cutAudit(cutoff, [], { keptFor: 898 * DAY, at: NOW })).toThrow('must still be kept')
      expect(control.cutAudit(cutoff, ['I-7'], { keptFor: 800 * DAY, at: NOW })).toBe(2)
      expect(control.verifyAudit()).toEqual({ broken: null, entries: 4, since: 3 })
      expect(control.cutAudit(cutoff, [], { keptFor: 800 * DAY, at: NOW })).toBe(3)
      control.audit({ at: NOW, actor: 'u1', action: 'did', object: 'later' })
      expect(trail.reopen().verifyAudit()).toEqual({ broken: null, entries: 2, since: 6 })
      const raw = openDatabase(trail.path)
      expect(() => raw.run('delete from audit where seq = 7')).toThrow('before their time')
      expect(() => raw.run('delete from audit_cuts')).toThrow('never deleted')
      // Somebody who goes around the triggers cannot seal what they did.
      raw.run('drop trigger audit_cuts_are_never_changed')
      raw.run(`update audit_cuts set hash = (select hash from audit where seq = 6), through = 6 where through = 5`)
      raw.run('delete from audit where seq = 6')
      raw.close()
      expect(trail.control.verifyAudit().broken).not.toBeNull()
    } finally {
      trail.end()
    }
  })
})

it('refuses terms that are shorter than what looks back', () => {
  const wrong = configSchema.safeParse({ retention: { versions: '30d', audit: '90d' } })
  expect(wrong.error?.issues.map((i) => i.message)).toEqual([
    'is too short: at least 180d',
    'is too short: at least 365d',
  ])
})
