/** Lag: what becomes of every change on its way to each follower, from the stored versions. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { measureLag } from '../server/measure/lag/measure.ts'
import { lagFigures } from '../server/store/facts/lag-hours.ts'
import type { LagRow } from '../server/store/facts/lag.ts'
import { checkWorld, type CheckWorld, type WishedRecord } from './world/check-world.ts'
import { controlWorld } from './world/control.ts'
import { factsWorld, type FactsWorld } from './world/facts.ts'
import { CASES, edge, minute, MINUTE, START, type Told } from './world/lag-cases.ts'

let world: FactsWorld
let w: CheckWorld
let rows: LagRow[]
const control = controlWorld()
beforeAll(async () => {
  world = await factsWorld()
  const platforms = { crm: { role: 'crm' }, erp: { role: 'erp' }, support: { role: 'support' } }
  const config = { edges: [{ to: 'support', fields: ['invoice'], stands: 'advisory' }] }
  w = checkWorld({ facts: world.facts, control: control.control, platforms, checks: [], at: START, config })
  const longest = Math.max(...CASES.map((c) => c.says.length))
  for (let wave = 0; wave < longest; wave++) await see(wave)
  expect((await measureLag(w.ctx)).error).toBeNull()
  rows = await world.facts.query<LagRow>('select * from plumbline.lag final where gone = 0 order by changed_at, part')
})
afterAll(async () => {
  await world.end()
  control.end()
})

/** The n-th version of every case is seen at one instant, a thousand minutes after the one before. */
async function see(wave: number): Promise<void> {
  w.clock.set(Date.parse(minute((wave + 1) * 1000)))
  const records = CASES.flatMap((c, i): (WishedRecord & { entity: string })[] => {
    const says = c.says[wave]
    if (!says) return []
    const [platform, at, fields, more] = says
    return [
      {
        platform,
        kind: c.kind ?? 'invoice',
        record_id: `${platform}-${i}`,
        entity: `case-${i}`,
        created_at: minute(-600),
        changed_at: minute(at),
        currency: 'EUR',
        ...(c.kind ? {} : { state: 'open', total: '100.00', ...(platform === 'support' && { total: '90.00' }) }),
        ...fields,
        ...more,
      },
    ]
  })
  await w.place(...records)
}

function told(entity: string): Told[] {
  const minutes = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / MINUTE
  return rows
    .filter((r) => r.entity_id === entity)
    .map((r) => [
      r.part,
      r.owner,
      r.follower,
      r.outcome,
      minutes(START, r.changed_at),
      r.agreed_at === null ? null : minutes(r.changed_at, r.agreed_at),
    ])
}

describe('what becomes of a change', () => {
  it.each(CASES.map((c, i) => [c.name, c, `case-${i}`] as const))('%s', (_, c, entity) => {
    expect(told(entity)).toEqual(c.told)
  })

  it('says which fields moved, and which stamp is lacking', () => {
    const of = (name: string) =>
      rows.find((r) => r.entity_id === `case-${CASES.findIndex((c) => c.name.startsWith(name))}`)
    expect(of('one change of several')!.fields).toEqual(['total', 'tax'])
    expect(of('without the follower’s stamp')!.lacks).toBe('crm.changed_at')
    expect(of('a stamp that says only the day')!.lacks).toBe('erp.changed_at')
    expect(of('in time')!.lacks).toBe('')
  })
})

describe('the next run', () => {
  it('writes the row of a change that arrived since, and no other', async () => {
    const entity = `case-${CASES.findIndex((c) => c.name.startsWith('waiting'))}`
    const { record_id, follower_record_id } = rows.find((r) => r.entity_id === entity)!
    expect(record_id.replace('erp', 'crm')).toBe(follower_record_id)
    const more = { created_at: minute(-600), changed_at: minute(9), total: '100.00', currency: 'EUR' }
    await w.place({ platform: 'crm', kind: 'invoice', record_id: follower_record_id, entity, state: 'paid', ...more })
    expect(await measureLag(w.ctx)).toMatchObject({ full: false, written: 1, gone: 0, hours: 1 })
    rows = await world.facts.query<LagRow>('select * from plumbline.lag final where gone = 0 order by changed_at, part')
    expect(told(entity)).toEqual([['lifecycle', ...edge, 'in_time', 0, 9]])
    expect(await measureLag(w.ctx)).toMatchObject({ written: 0, hours: 0 })
  })

  it('is recorded like the run of any stage', () => {
    const [last] = control.control.runs({ stage: 'measure', limit: 1 })
    expect(last).toMatchObject({ subject: 'lag', outcome: 'ok', stats: { written: 0, gone: 0, hours: 0, full: 0 } })
  })
})

describe('by the hour', () => {
  it('keeps counts, a histogram and quantiles that merge over any range', async () => {
    const wave = async (n: number, record: (i: number) => Record<string, unknown> & { platform: string }) => {
      w.clock.set(Date.parse(minute(20_000 + n)))
      const all = Array.from({ length: 40 }, (_, i) => i)
      await w.place(
        ...all.map((i) => ({
          kind: 'invoice',
          entity: `e${i}`,
          created_at: minute(-600),
          currency: 'EUR',
          ...record(i),
          record_id: `${record(i).platform}-e${i}`,
        })),
      )
    }
    const [from, to] = [Date.parse(minute(10_020)), Date.parse(minute(10_620))]
    await wave(0, () => ({ platform: 'erp', state: 'open', changed_at: minute(-60) }))
    await wave(1, () => ({ platform: 'crm', state: 'open', changed_at: minute(-60) }))
    await wave(2, (i) => ({ platform: 'erp', state: 'paid', changed_at: minute(10_020 + i * 10) }))
    await wave(3, (i) => ({ platform: 'crm', state: 'paid', changed_at: minute(10_020 + i * 10 + (i + 1) / 4) }))
    await measureLag(w.ctx)
    const [all] = await lagFigures(world.facts, { from, to })
    expect(all).toMatchObject({ kind: 'invoice', part: 'lifecycle', changes: 40, inTime: 40, late: 0, slowest: 600 })
    // Lags are 15 s, 30 s … 600 s; a sketch with one percent of error answers.
    expect(all!.p50! / 300).toBeCloseTo(1, 1)
    expect(all!.p95! / 570).toBeCloseTo(1, 1)
    expect(all!.shape.reduce((n, x) => n + x, 0)).toBe(40)
    const hours = await lagFigures(world.facts, { from, to, stepHours: 1 })
    expect(hours.map((h) => h.changes)).toEqual([6, 6, 6, 6, 6, 6, 4])
    expect(hours[0]!.at).toBe('2026-11-23T07:00:00.000Z')
  })
})
