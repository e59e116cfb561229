/** Lag against the truth: the laboratory knows when each follower took a change, and that is what is measured. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bustle } from '../lab/bustle.ts'
import { createLandscape, ISSUER, type Landscape } from '../lab/landscape.ts'
import type { Write } from '../lab/history.ts'
import type { SimRecord } from '../lab/platform.ts'
import { canonicalise } from '../model/canonicalise.ts'
import { KINDS, kindOf } from '../model/kinds.ts'
import { loadChecks, shippedChecks } from '../server/check/read.ts'
import { identify } from '../server/identify/identify.ts'
import { measureLag } from '../server/measure/lag/measure.ts'
import { appendVersions } from '../server/store/facts/versions.ts'
import type { LagRow } from '../server/store/facts/lag.ts'
import { checkWorld, type CheckWorld } from './world/check-world.ts'
import { controlWorld } from './world/control.ts'
import { factsWorld, type FactsWorld } from './world/facts.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** One write of a change, as the company sent it. */
interface Sent {
  platform: string
  kind: string
  id: string
  write: Write
}
interface Change {
  source: Sent
  followers: Sent[]
  /** Follower → when its record was made. */
  since: Map<string, number>
}

/** Listens to every change that the company sends from now on. */
function listen(landscape: Landscape): Change[] {
  const heard: Change[] = []
  let sent: Sent[] | null = null
  for (const state of landscape.states.values()) {
    const write = state.write.bind(state)
    state.write = (kind, id, what) => {
      sent?.push({ platform: state.name, kind, id, write: what })
      write(kind, id, what)
    }
  }
  const { company } = landscape
  const change = company.change.bind(company)
  company.change = (thing, what, how) => {
    sent = []
    const since = new Map([...thing.on].map(([platform, copy]) => [platform, copy.since]))
    change(thing, what, how)
    const own = sent.filter((s) => s.id === thing.on.get(s.platform)?.id && since.has(s.platform))
    for (const source of own.filter((s) => s.write.by !== 'integration'))
      heard.push({
        source,
        since,
        followers: own.filter((s) => s.write.by === 'integration' && shares(s.write, source.write)),
      })
    sent = null
  }
  return heard
}

const shares = (a: Write, b: Write) =>
  (a.state !== undefined && b.state !== undefined) || Object.keys(a.fields ?? {}).some((f) => f in (b.fields ?? {}))

/** Every version that any platform ever had goes into the store in the order of time, as if nothing had been missed. */
async function store(landscape: Landscape, w: CheckWorld): Promise<void> {
  for (const kind of KINDS) {
    const versions = [...landscape.states.values()].flatMap((state) => {
      const held = [...(landscape.company.plans.find((p) => p.name === state.name)!.kinds.get(kind.name) ?? [])]
      if (held.length === 0) return []
      w.ctx.control.declareStream(state.name, kind.name, kind.name)
      const ids = landscape.company.all(kind.name).flatMap((t) => t.on.get(state.name)?.id ?? [])
      return ids.flatMap((id) =>
        state
          .versions(kind.name, id)
          .filter((v) => v.changedAt <= landscape.now())
          .map((v) => ({ at: v.changedAt, record: canonical(state.name, v, held) })),
      )
    })
    versions.sort((a, b) => a.at - b.at)
    const records = versions.map((v) => v.record)
    await appendVersions(w.ctx.facts, w.ctx.control, kind.name, kind.name, records, landscape.now())
  }
  await identify(w.ctx)
}

function canonical(platform: string, v: SimRecord, held: string[]) {
  return canonicalise(
    kindOf(v.kind),
    {
      record_id: v.id,
      refs: v.refs,
      created_at: v.createdAt,
      changed_at: new Date(v.changedAt).toISOString(),
      changed_by: v.changedBy,
      deleted: v.deletedAt !== undefined,
      fields: { ...v.fields, ...(v.state !== null && { state: v.state }) },
    },
    { platform, timezone: 'UTC', held: [...held, 'state'], map: () => null },
  )
}

let world: FactsWorld
let landscape: Landscape
let changes: Change[]
let rows: LagRow[]
/** Those of changes; the others are of new records. */
let changed: LagRow[]
let w: CheckWorld
const control = controlWorld()
beforeAll(async () => {
  world = await factsWorld()
  landscape = await createLandscape({ via: 'files', customers: 14, days: 12, faults: 0, decoys: 0, seed: 'lag' })
  changes = listen(landscape)
  const { end } = landscape
  landscape.world.spawn(end, 'bustle', (r) => bustle(landscape.world, r, HOUR / 4))
  landscape.advance(end + 4 * DAY)
  const platforms = Object.fromEntries(landscape.company.plans.map((p) => [p.name, { role: p.role }]))
  const at = new Date(landscape.now()).toISOString()
  w = checkWorld({
    facts: world.facts,
    control: control.control,
    platforms,
    checks: loadChecks([shippedChecks()], { checks: { folders: [], disable: [], override: {} } }).filter(
      (c) => c.kind === 'exist',
    ),
    at,
    config: { issuer: ISSUER },
  })
  await store(landscape, w)
  const result = await measureLag(w.ctx)
  expect(result.error).toBeNull()
  rows = await world.facts.query<LagRow>(`select * from plumbline.lag final where gone = 0 order by changed_at`)
  changed = rows.filter((r) => r.part !== 'creation')
})
afterAll(async () => {
  await world.end()
  control.end()
})

const keyOf = (r: { owner: string; id: string; follower: string; at: number }) =>
  `${r.owner} ${r.id} ${r.follower} ${r.at}`

/** Changes that had to travel: the owner’s version before said something else, and the follower existed and must follow. */
function due(w: CheckWorld): { key: string; lagMs: number }[] {
  return changes.flatMap(({ source, followers, since }) => {
    const { platform, kind, id, write } = source
    const versions = landscape.states.get(platform)!.versions(kind, id)
    const place = versions.findIndex((v) => v.changedAt === write.at)
    const [before, after] = [versions[place - 1], versions[place]]
    if (!before || !after) return []
    const names = kindOf(kind)
      .fields.filter((f) => f.type !== 'reference')
      .map((f) => f.name)
    const said = (v: typeof after, name: string) => (name === 'state' ? v.state : v.fields[name]) ?? null
    const moved = names.filter((name) => said(after, name) !== null && said(before, name) !== said(after, name))
    const at = { state: after.state, scope: {} }
    return followers.flatMap((f) => {
      const follows = (name: string) =>
        landscape.company.holds(f.platform, kind, name) &&
        w.ctx.landscape.owners(kind, name, at)[0] === platform &&
        w.ctx.landscape.standing(kind, name, f.platform, platform, at) === 'follower'
      const existed = since.get(f.platform)! < write.at - 11_000
      return existed && moved.some(follows)
        ? [{ key: keyOf({ owner: platform, id, follower: f.platform, at: write.at }), lagMs: f.write.at - write.at }]
        : []
    })
  })
}

describe('lag in the laboratory', () => {
  it('is what the company’s agenda says, to the second, for every change that was measured', () => {
    const truth = new Map<string, number>()
    for (const { source, followers } of changes)
      for (const f of followers)
        truth.set(
          keyOf({ owner: source.platform, id: source.id, follower: f.platform, at: source.write.at }),
          f.write.at - source.write.at,
        )
    const arrived = changed.filter((r) => Date.parse(r.changed_at) >= landscape.end && r.agreed_at !== null)
    expect(arrived.length).toBeGreaterThan(100)
    for (const r of arrived) {
      const at = Date.parse(r.changed_at)
      const key = keyOf({ owner: r.owner, id: r.record_id, follower: r.follower, at })
      expect([key, Date.parse(r.agreed_at!) - at]).toEqual([key, truth.get(key)])
    }
  })

  it('is measured for every change that had to travel', () => {
    const measured = new Set(
      changed.map((r) =>
        keyOf({ owner: r.owner, id: r.record_id, follower: r.follower, at: Date.parse(r.changed_at) }),
      ),
    )
    const wanted = due(w)
    expect(wanted.length).toBeGreaterThan(100)
    expect(wanted.filter(({ key }) => !measured.has(key))).toEqual([])
  })

  it('finds nothing late, lost or still waiting in a healthy company', () => {
    const outcomes = new Set(rows.filter((r) => Date.parse(r.changed_at) < landscape.now() - DAY).map((r) => r.outcome))
    expect([...outcomes]).toEqual(['in_time'])
  })

  it('of a new record is the time from its owner to each platform that must have it', () => {
    const { company } = landscape
    const made = rows.filter((r) => r.part === 'creation' && Date.parse(r.changed_at) >= landscape.end)
    expect(new Set(made.map((r) => r.kind)).size).toBeGreaterThan(2)
    const arrived = made.filter((r) => r.agreed_at !== null)
    expect(arrived.length).toBeGreaterThan(50)
    for (const r of arrived) {
      const thing = company.all(r.kind).find((t) => t.on.get(r.owner)?.id === r.record_id)!
      const since = thing.on.get(r.follower)!.since
      expect([r.kind, r.follower, Date.parse(r.agreed_at!)]).toEqual([r.kind, r.follower, since])
      expect(Date.parse(r.changed_at)).toBeGreaterThanOrEqual(thing.on.get(r.owner)!.since)
    }
    const young = landscape.now() - DAY
    expect(new Set(made.filter((r) => Date.parse(r.changed_at) < young).map((r) => r.outcome))).toEqual(
      new Set(['in_time']),
    )
  })
})
