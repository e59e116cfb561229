/** The control store: compare-and-set, leases, slots, cursors, runs and transactions. */
import { createRequire } from 'node:module'
import { copyFileSync, existsSync } from 'node:fs'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ControlStore } from '../server/store/control/control.ts'
import { openSqlite, sound } from '../server/store/control/driver.ts'
import { openControl } from '../server/store/control/sqlite.ts'
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

describe('streams', () => {
  test('are declared once and keep their cursor when declared again', () => {
    control.declareStream('crm', 'accounts', 'customer')
    control.commitStream('crm', 'accounts', {
      cursor: { after: '2026-11-20', ids: ['a'] },
      rowsRead: 5,
      completeThrough: NOW,
    })
    expect(control.declareStream('crm', 'accounts', 'customer')).toMatchObject({
      cursor: { after: '2026-11-20', ids: ['a'] },
      rowsRead: 5,
    })
    expect(world.reopen().stream('crm', 'accounts')).toMatchObject({
      kind: 'customer',
      completeThrough: NOW,
      sweepCursor: null,
    })
    expect(world.control.streams()).toHaveLength(1)
    expect(world.control.stream('crm', 'nothing')).toBeNull()
  })

  test('change only in what is given, and null clears', () => {
    control.declareStream('crm', 'accounts', 'customer')
    control.commitStream('crm', 'accounts', {
      cursor: 1,
      lastError: { code: 'auth', message: 'no', at: NOW },
      stopped: { reason: 'vanished', at: NOW },
      held: ['name'],
    })
    control.commitStream('crm', 'accounts', { lastError: null, completeness: { theirs: 10, ours: 9, at: NOW } })
    expect(control.stream('crm', 'accounts')).toMatchObject({
      cursor: 1,
      lastError: null,
      stopped: { reason: 'vanished', at: NOW },
      completeness: { theirs: 10, ours: 9, at: NOW },
      held: ['name'],
    })
    control.commitStream('crm', 'accounts', {})
    expect(() => control.commitStream('crm', 'contacts', { cursor: 1 })).toThrow(/no stream crm\/contacts/)
  })
})

describe('leases', () => {
  test('have one holder at a time, and a number that grows with each', () => {
    expect(control.acquireLease('collect', 'a', NOW + 1000, NOW)).toEqual({ fence: 1 })
    expect(control.acquireLease('collect', 'b', NOW + 2000, NOW + 999)).toBeNull()
    expect(control.acquireLease('collect', 'b', NOW + 3000, NOW + 1000)).toEqual({ fence: 2 })
    expect(control.renewLease('collect', 'a', 1, NOW + 9000)).toBe(false)
    expect(control.renewLease('collect', 'b', 2, NOW + 9000)).toBe(true)
    expect(control.acquireLease('collect', 'c', NOW + 10_000, NOW + 8000)).toBeNull()
  })

  test('can be given back only by their holder, and never with an old number', () => {
    control.acquireLease('collect', 'a', NOW + 1000, NOW)
    control.releaseLease('collect', 'b', 1)
    expect(control.acquireLease('collect', 'b', NOW + 1000, NOW)).toBeNull()
    control.releaseLease('collect', 'a', 1)
    expect(control.renewLease('collect', 'a', 1, NOW + 5000)).toBe(false)
    expect(control.acquireLease('collect', 'b', NOW + 1000, NOW)).toEqual({ fence: 2 })
  })
})

describe('slots', () => {
  test('are claimed once, later ones only, and remember how they ended', () => {
    expect(control.claimSlot('check', NOW, NOW)).toBe(true)
    expect(control.claimSlot('check', NOW, NOW)).toBe(false)
    expect(control.claimSlot('check', NOW - 1, NOW)).toBe(false)
    expect(control.lastSlot('check')).toEqual({ slotAt: NOW, finishedAt: null, outcome: null })
    control.finishSlot('check', NOW, NOW + 5, 'ok')
    expect(control.lastSlot('check')).toEqual({ slotAt: NOW, finishedAt: NOW + 5, outcome: 'ok' })
    expect(control.claimSlot('check', NOW + 1, NOW)).toBe(true)
    control.finishSlot('check', NOW, NOW + 9, 'failed')
    expect(control.lastSlot('check')).toEqual({ slotAt: NOW + 1, finishedAt: null, outcome: null })
  })

  test('that were missed are counted, also before the first run', () => {
    control.addMissed('sweep', 2)
    expect(control.lastSlot('sweep')).toBeNull()
    control.claimSlot('sweep', NOW, NOW)
    control.addMissed('sweep', 3)
    expect(control.schedules()).toEqual([
      { schedule: 'sweep', slotAt: NOW, finishedAt: null, outcome: null, missed: 5 },
    ])
  })
})

describe('runs and checks', () => {
  test('a run that a stop cut off is found interrupted at the next start', () => {
    control.startRun({ id: 'r1', stage: 'collect', subject: 'crm/accounts', startedAt: NOW })
    control.startRun({ id: 'r2', stage: 'check', subject: 'x', startedAt: NOW + 1 })
    control.finishRun('r2', 'failed', NOW + 2, { rows: 3, note: null }, { code: 'sql', message: 'broken' })
    expect(world.reopen().interruptRuns(NOW + 10)).toBe(1)
    expect(world.control.runs({ limit: 10 }).map((r) => [r.id, r.outcome, r.finishedAt])).toEqual([
      ['r2', 'failed', NOW + 2],
      ['r1', 'interrupted', NOW + 10],
    ])
    expect(world.control.runs({ stage: 'check', limit: 10 })[0]).toMatchObject({
      stats: { rows: 3, note: null },
      error: { code: 'sql', message: 'broken' },
    })
    expect(world.control.runs({ subject: 'crm/accounts', before: NOW, limit: 10 })).toEqual([])
  })

  test('a check remembers up to where it has looked', () => {
    const state = {
      check: 'a/b',
      version: 'v1',
      through: '18446744073709551615',
      lastRunAt: NOW,
      lastFullAt: null,
      lastError: null,
    }
    expect(control.checkState('a/b')).toBeNull()
    control.commitCheck(state)
    control.commitCheck({ ...state, lastError: { code: 'sql', message: 'x', at: NOW } })
    expect(control.checkStates()).toEqual([{ ...state, lastError: { code: 'sql', message: 'x', at: NOW } }])
  })
})

describe('transactions', () => {
  test('inside each other undo only their own part', () => {
    control.transaction(() => {
      control.set('a', '1')
      expect(() =>
        control.transaction(() => {
          control.set('b', '1')
          throw new Error('no')
        }),
      ).toThrow('no')
      control.set('c', '1')
    })
    expect([control.get('a'), control.get('b'), control.get('c')]).toEqual(['1', null, '1'])
    expect(() =>
      control.transaction(() => {
        control.set('a', '2')
        control.next('n')
        throw new Error('all')
      }),
    ).toThrow('all')
    expect([control.get('a'), control.next('n')]).toEqual(['1', 1])
    expect(() => control.transaction(() => Promise.resolve())).toThrow(/must not wait/)
  })
})

describe('values', () => {
  test('change only if they still are what was expected', () => {
    expect(control.compareAndSet('k', 'x', 'y')).toBe(false)
    expect(control.compareAndSet('k', null, 'x')).toBe(true)
    expect(control.compareAndSet('k', null, 'z')).toBe(false)
    expect(control.compareAndSet('k', 'x', 'y')).toBe(true)
    expect(control.get('k')).toBe('y')
  })

  test('with a zero byte are refused instead of being cut, and survive inside JSON', () => {
    expect(() => control.set('k', 'a\0b')).toThrow(/zero byte/)
    control.declareStream('crm', 'accounts', 'customer')
    control.commitStream('crm', 'accounts', { cursor: { after: 'a\0b' } })
    expect(control.stream('crm', 'accounts')?.cursor).toEqual({ after: 'a\0b' })
  })

  test('and sequences behave as plain memory does, whatever is called in whatever order and however often it restarts', () => {
    type Step = {
      do: 'set' | 'cas' | 'next' | 'undone' | 'reopen'
      key: string
      value: string
      expected: string | null
      count: number
    }
    const step: fc.Arbitrary<Step> = fc.record({
      do: fc.constantFrom('set', 'cas', 'next', 'undone', 'reopen'),
      key: fc.constantFrom('a', 'b'),
      value: fc.constantFrom('1', '2', `é"'`),
      expected: fc.constantFrom(null, '1', '2'),
      count: fc.integer({ min: 1, max: 1000 }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const w = controlWorld()
        const memory = new Map<string, string>()
        const numbers = new Map<string, number>()
        try {
          for (const s of steps) {
            if (s.do === 'reopen') w.reopen()
            if (s.do === 'set') {
              w.control.set(s.key, s.value)
              memory.set(s.key, s.value)
            }
            if (s.do === 'cas') {
              const wins = (memory.get(s.key) ?? null) === s.expected
              if (wins) memory.set(s.key, s.value)
              expect(w.control.compareAndSet(s.key, s.expected, s.value)).toBe(wins)
            }
            if (s.do === 'next') {
              const first = (numbers.get(s.key) ?? 0) + 1
              numbers.set(s.key, first + s.count - 1)
              expect(w.control.next(s.key, s.count)).toBe(first)
            }
            if (s.do === 'undone') {
              const undone = () =>
                w.control.transaction(() => {
                  w.control.set(s.key, 'gone')
                  w.control.next(s.key, s.count)
                  throw new Error('undone')
                })
              expect(undone).toThrow('undone')
            }
            for (const key of ['a', 'b']) expect(w.control.get(key)).toBe(memory.get(key) ?? null)
          }
        } finally {
          w.end()
        }
      }),
      { numRuns: 25 },
    )
  })
})

describe('the file', () => {
  test('is written so that an acknowledged commit survives, by a SQLite without the log-reset fault', () => {
    const db = openSqlite(world.path)
    expect(db.prepare('pragma journal_mode').get()).toMatchObject({ journal_mode: 'wal' })
    expect(sound(String(Object.values(db.prepare('select sqlite_version()').get() as object)[0]))).toBe(true)
    db.close()
    expect([sound('3.51.2'), sound('3.51.3'), sound('3.53.0'), sound('4.0.0'), sound('3.50.9')]).toEqual([
      false,
      true,
      true,
      true,
      false,
    ])
  })

  test('of a newer version is refused, and one that is no database is named', () => {
    const copy = `${world.path}.copy`
    control.set('a', '1')
    world.reopen()
    behindItsBack(`insert into migrations (number, name) values (9999, 'future'); pragma wal_checkpoint(truncate)`)
    copyFileSync(world.path, copy)
    expect(() => openControl(copy)).toThrow(/newer version/)
    expect(() => openControl(createRequire(import.meta.url).resolve('fast-check/package.json'))).toThrow(
      /cannot be read/,
    )
    expect(existsSync(copy)).toBe(true)
    behindItsBack('delete from migrations where number = 9999')
  })
})
