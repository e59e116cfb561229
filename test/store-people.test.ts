/** People, their issues and the audit chain in the control store: what they did is kept, and tampering shows. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ControlStore } from '../server/store/control/control.ts'
import { openSqlite } from '../server/store/control/driver.ts'
import { controlWorld, type ControlWorld } from './world/control.ts'

const NOW = Date.parse('2026-11-20T12:00:00.000Z')

let world: ControlWorld
let control: ControlStore
beforeEach(() => {
  world = controlWorld()
  control = world.control
})
afterEach(() => world.end())

/** The file as another program sees it: no triggers in its way. */
function behindItsBack(sql: string): void {
  const db = openSqlite(world.path)
  db.exec('drop trigger if exists audit_is_never_changed; drop trigger if exists audit_is_never_shortened')
  db.exec(sql)
  db.close()
}

describe('issues', () => {
  test('keep their number for good', () => {
    const first = control.issueNumber('f1', 'a/b', NOW)
    expect(control.issueNumber('f1', 'a/b', NOW + 1)).toBe(first)
    const many = control.issueNumbers(
      [
        { fingerprint: 'f1', check: 'a/b' },
        { fingerprint: 'f2', check: 'a/b' },
        { fingerprint: 'f2', check: 'a/b' },
      ],
      NOW,
    )
    expect(many.get('f1')).toBe(first)
    expect(many.size).toBe(2)
    expect(control.issues([first, many.get('f2')!, 999]).map((i) => i.fingerprint)).toEqual(['f1', 'f2'])
    expect(control.issue(999)).toBeNull()
  })

  test('are worked on with activity and audit, or not at all', () => {
    const number = control.issueNumber('f1', 'a/b', NOW)
    const changed = control.workIssue(
      number,
      { assigneeTeam: 'finance', snoozedUntil: NOW + 5 },
      { at: NOW, actor: 'ann', what: 'assigned', detail: { note: 'please' } },
    )
    expect(changed).toMatchObject({ assigneeTeam: 'finance', snoozedUntil: NOW + 5, assigneePerson: null })
    expect(control.activity(number, 10)).toEqual([
      { issue: number, at: NOW, actor: 'ann', what: 'assigned', detail: { note: 'please' } },
    ])
    expect(control.auditEntries(0, 10)).toMatchObject([
      {
        actor: 'ann',
        action: 'issue.assigned',
        object: `I-${number}`,
        detail: { note: 'please', assigneeTeam: 'finance' },
      },
    ])
    expect(() =>
      control.workIssue(77, { assigneeTeam: 'x' }, { at: NOW, actor: 'ann', what: 'assigned', detail: {} }),
    ).toThrow(/no issue I-77/)
    expect(control.auditEntries(0, 10)).toHaveLength(1)
  })
})

describe('people', () => {
  const ann = {
    id: 'u1',
    email: 'Ann@example.com',
    name: 'Ann',
    role: 'admin' as const,
    passwordHash: 'h',
    disabled: false,
    createdAt: NOW,
  }
  const session = { id: 's1', userId: 'u1', createdAt: NOW, lastSeenAt: NOW, absoluteUntil: NOW + 9, provenAt: NOW }

  test('are found by mail address in any case, and one address belongs to one person', () => {
    control.saveUser(ann)
    expect(control.userByEmail('ann@EXAMPLE.com')).toEqual(ann)
    expect(() => control.saveUser({ ...ann, id: 'u2', email: 'ANN@example.com' })).toThrow()
    expect(control.users()).toEqual([ann])
  })

  test('are signed out everywhere when they are disabled or get a new password', () => {
    control.saveUser(ann)
    for (const change of [{ passwordHash: 'h2' }, { disabled: true }]) {
      control.addSession(session)
      control.touchSession('s1', NOW + 1)
      expect(control.session('s1')).toEqual({ ...session, lastSeenAt: NOW + 1 })
      control.saveUser({ ...ann, name: 'Anna' })
      control.saveUser({ ...control.user('u1')!, ...change })
      expect(control.session('s1')).toBeNull()
    }
  })

  test('use a one-time secret once, for its purpose and in time', () => {
    control.addOneTime('x', 'first-administrator', NOW + 1000)
    expect(control.takeOneTime('x', 'sign-in', NOW)).toBe(false)
    expect(control.takeOneTime('x', 'first-administrator', NOW)).toBe(true)
    expect(control.takeOneTime('x', 'first-administrator', NOW)).toBe(false)
    control.addOneTime('y', 'sign-in', NOW + 1000)
    expect(control.takeOneTime('y', 'sign-in', NOW + 1000)).toBe(false)
  })

  test('hold tokens that can be found by hash and taken away', () => {
    control.saveUser(ann)
    const token = {
      id: 't1',
      userId: 'u1',
      name: 'ci',
      hash: 'th',
      role: 'viewer' as const,
      createdAt: NOW,
      expiresAt: null,
      lastUsedAt: null,
    }
    control.addToken(token)
    control.touchToken('t1', NOW + 1)
    expect(control.tokenByHash('th')).toEqual({ ...token, lastUsedAt: NOW + 1 })
    expect(control.tokens('nobody')).toEqual([])
    control.dropToken('t1')
    expect(control.tokens()).toEqual([])
  })
})

describe('audit', () => {
  beforeEach(() => {
    for (const n of [1, 2, 3, 4])
      control.audit({ at: NOW + n, actor: 'ann', action: 'act', object: `o${n}`, detail: { n } })
  })

  test('holds after a restart and goes on', () => {
    expect(world.reopen().verifyAudit()).toEqual({ broken: null, entries: 4, since: null })
    world.control.audit({ at: NOW, actor: 'b', action: 'c', object: 'd' })
    expect(world.control.verifyAudit()).toEqual({ broken: null, entries: 5, since: null })
  })

  test('cannot be changed or shortened through the store’s own file', () => {
    const db = openSqlite(world.path)
    expect(() => db.exec(`update audit set actor = 'eve' where seq = 2`)).toThrow(/never changed/)
    expect(() => db.exec('delete from audit where seq = 4')).toThrow(/never deleted/)
    db.close()
  })

  test.each([
    ['a changed entry', `update audit set actor = 'eve' where seq = 2`, 2],
    ['a changed detail', `update audit set detail = '{"n":9}' where seq = 3`, 3],
    ['a removed entry', 'delete from audit where seq = 2', 2],
    ['a cut-off end', 'delete from audit where seq = 4', 4],
    ['everything removed', 'delete from audit', 1],
    [
      'a forged entry',
      `insert into audit select 5, at, 'eve', action, object, detail, hash, 'ff' from audit where seq = 4`,
      5,
    ],
    ['two entries exchanged', `update audit set at = at + 1 where seq = 1`, 1],
  ])('shows %s', (_, sql, broken) => {
    behindItsBack(sql)
    expect(control.verifyAudit().broken).toBe(broken)
  })
})
