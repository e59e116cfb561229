/** Small values and sequence numbers of the control store. */
import type { ControlStore } from './control.ts'
import type { Database } from './database.ts'

type Values = Pick<ControlStore, 'get' | 'set' | 'compareAndSet' | 'next'>

export function values(db: Database): Values {
  return {
    get: (key) => db.get<{ value: string }>('select value from kept where key = ?', key)?.value ?? null,
    set(key, value) {
      db.run('insert into kept (key, value) values (?1, ?2) on conflict (key) do update set value = ?2', key, value)
    },
    compareAndSet: (key, expected, value) =>
      expected === null
        ? db.run('insert into kept (key, value) values (?, ?) on conflict (key) do nothing', key, value) === 1
        : db.run('update kept set value = ? where key = ? and value = ?', value, key, expected) === 1,
    next(sequence, count = 1) {
      if (!Number.isSafeInteger(count) || count < 1) throw new RangeError(`cannot reserve ${count} numbers`)
      const row = db.get<{ value: number }>(
        'insert into sequences (name, value) values (?1, ?2) on conflict (name) do update set value = value + ?2 returning value',
        sequence,
        count,
      )
      return row!.value - count + 1
    },
  }
}
