/** The time machine: what the engine answers of entities and instants is what a straight replay of the versions says. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canonicalise } from '../model/canonicalise.ts'
import { kindOf } from '../model/kinds.ts'
import { disagreements, recordsAt, turningPoints, type Owners, type RecordThen } from '../model/past.ts'
import { entitiesAt, entityPast } from '../server/store/facts/past/entity.ts'
import { appendVersions } from '../server/store/facts/versions.ts'
import { controlWorld, type ControlWorld } from './world/control.ts'
import { factsWorld, type FactsWorld } from './world/facts.ts'
import { seeded } from './world/seeded.ts'

const PLATFORMS = ['crm', 'erp', 'billing']
const ENTITIES = 60
const START = Date.parse('2026-08-01T00:00:00Z')
const HOUR = 3_600_000

/** What was written, in order: the whole of what a replay needs. */
interface Written {
  at: number
  record: string
  entity?: string
  values?: Record<string, string | null>
  deleted?: boolean
}

let facts: FactsWorld
let control: ControlWorld
const written: Written[] = []
let end = START

beforeAll(async () => {
  facts = await factsWorld()
  control = controlWorld()
  const draw = seeded(7)
  const linked = new Map<string, string>()
  for (let round = 0; round < 40; round++) {
    end += (1 + draw(40)) * HOUR
    const links: object[] = []
    for (const platform of PLATFORMS) {
      const chosen = new Set(Array.from({ length: 3 + draw(12) }, () => draw(ENTITIES)))
      const records = [...chosen].map((i) => {
        const id = `${platform}-${i}`
        const deleted = draw(10) === 0
        const fields = {
          name: `Firma ${i}`,
          payment_terms: ['net_14', 'net_30', 'net_60'][draw(3)]!,
          segment: draw(5) === 0 ? '' : ['small', 'large'][draw(2)]!,
          credit_limit: `${draw(5)}000.00`,
          currency: 'EUR',
        }
        const record = canonicalise(
          kindOf('customer'),
          { record_id: id, refs: {}, changed_at: new Date(end - draw(60) * 60_000).toISOString(), deleted, fields },
          { platform, timezone: 'UTC', held: Object.keys(fields), map: () => null },
        )
        written.push({
          at: end,
          record: `${platform} ${id}`,
          values: {
            payment_terms: fields.payment_terms,
            segment: fields.segment || null,
            credit_limit: `${Number(fields.credit_limit)}`,
          },
          deleted,
        })
        // First seen or, now and then, known as another: identities move.
        const entity = !linked.has(id) || draw(8) === 0 ? `customer_${draw(4) ? i : draw(ENTITIES)}` : linked.get(id)!
        if (linked.get(id) !== entity) {
          linked.set(id, entity)
          written.push({ at: end, record: `${platform} ${id}`, entity })
          links.push({
            kind: 'customer',
            platform,
            record_id: id,
            entity_id: entity,
            rule: 'refs',
            evidence: '{}',
            rev: String(control.control.next('rev')),
            observed_at: new Date(end).toISOString(),
          })
        }
        return record
      })
      await appendVersions(facts.facts, control.control, 'customer', 'customer', records, end)
    }
    if (links.length) await facts.facts.insert('link_history', links)
  }
})
afterAll(async () => {
  control.end()
  await facts.end()
})

/** The straight replay: everything in order, up to the instant. */
function replayed(entity: string, at: number): Record<string, unknown> {
  const values = new Map<string, Written>()
  const of = new Map<string, string>()
  for (const w of written) {
    if (w.at > at) break
    if (w.entity !== undefined) of.set(w.record, w.entity)
    else values.set(w.record, w)
  }
  const out: Record<string, unknown> = {}
  for (const [record, e] of [...of].sort())
    if (e === entity) out[record] = { deleted: values.get(record)!.deleted, ...values.get(record)!.values }
  return out
}

function told(records: readonly RecordThen[]): Record<string, unknown> {
  return Object.fromEntries(
    records.map(({ version: v }) => [
      `${v.platform} ${v.record_id}`,
      {
        deleted: v.deleted,
        ...Object.fromEntries(['payment_terms', 'segment', 'credit_limit'].map((f) => [f, v.fields[f]!.value])),
      },
    ]),
  )
}

describe('the state of an entity', () => {
  it('is that of a straight replay for 1,000 entities and instants', async () => {
    const draw = seeded(3)
    let [asked, some] = [0, 0]
    for (let n = 0; n < 50; n++) {
      const entities = [...new Set(Array.from({ length: 30 }, () => `customer_${draw(ENTITIES)}`))].slice(0, 20)
      const at = START + draw((end - START) / 1_000) * 1_000
      const states = await entitiesAt(facts.facts, entities, at)
      for (const entity of entities) {
        const past = states.get(entity)
        const expected = replayed(entity, at)
        // Where nothing was known of it the engine says so, and so does the replay.
        expect(past ? told(recordsAt(past, at)) : {}, `${entity} at ${new Date(at).toISOString()}`).toEqual(expected)
        some += Object.keys(expected).length
        asked++
      }
    }
    expect(asked).toBeGreaterThanOrEqual(1_000)
    expect(some).toBeGreaterThan(1_500)
  })

  it('follows from its whole past at every turning point, and disagreements are where the values differ', async () => {
    const owners: Owners = () => ['erp', 'crm', 'billing']
    for (let i = 0; i < ENTITIES; i += 3) {
      const past = await entityPast(facts.facts, `customer_${i}`, end).catch(() => null)
      if (!past) continue
      const spans = disagreements(past, ['payment_terms'], owners)
      for (const at of turningPoints(past)) {
        const now = recordsAt(past, at)
        expect(told(now)).toEqual(replayed(past.entity, at))
        const values = new Set(
          Object.values(replayed(past.entity, at)).flatMap((r) =>
            (r as Written).deleted ? [] : [(r as Record<string, string>)['payment_terms']],
          ),
        )
        expect(spans.some((s) => s.from <= at && (s.to === null || at < s.to))).toBe(values.size > 1)
      }
      for (const s of spans)
        expect(s.began.version === null || s.began.version.observedAt === s.from || s.began.is === 'appeared').toBe(
          true,
        )
    }
  })
})
