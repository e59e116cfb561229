/**
 * Groups of examples: those that have a world of the same shape share one, are identified once and judged once. Planning
 * its statements costs the engine half a second an example, whatever the number of records that they read.
 *
 * What keeps them apart: every record, every reference and every document number of an example carries its mark, and
 * examples that share anything else that makes two records one thing are in different groups. Only checks that look at one
 * entity or one customer at a time take part; what one of them says cannot depend on records beside those.
 */
import { fieldOf, kindOf, references } from '../../model/kinds.ts'
import type { Check, Example } from '../../server/check/contract.ts'
import { compareFindings, exampleSteps, exampleStreams } from '../../server/check/examples.ts'
import { kindFor, subjectOf } from '../../server/check/look.ts'
import { identify } from '../../server/identify/identify.ts'
import type { ControlStore } from '../../server/store/control/control.ts'
import { openConflicts } from '../../server/store/facts/conflicts.ts'
import type { Facts } from '../../server/store/facts/facts.ts'
import { checkWorld, type WishedRecord } from './check-world.ts'

export interface Member {
  check: Check
  example: Example
}

/** Identity by these may carry a mark: nothing reads meaning into them. */
const MARKED = ['number', 'sku', 'code', 'plan_code']
/** Identity by these may not; who shares one of them stays apart. */
const KEPT = ['tax_id', 'registration_number', 'domain', 'email']

const MARK = /zz(\d+)zz/gi
const markOf = (n: number) => `zz${n}zz`
/** A reference may name the platform that the record is on. */
const QUALIFIED = /^([a-z][a-z0-9-]*:)?(.*)$/s

/** Members in groups, in their order; who has to be alone is a group of one. */
export function grouped(members: readonly Member[]): Member[][] {
  const groups: { shape: string; kept: Set<string>; members: Member[] }[] = []
  for (const member of members) {
    const shape = shapeOf(member)
    const kept = keptOf(member.example)
    const home = groups.find((g) => shape !== null && g.shape === shape && !kept.some((text) => g.kept.has(text)))
    if (!home) groups.push({ shape: shape ?? 'alone', kept: new Set(kept), members: [member] })
    else {
      home.members.push(member)
      for (const text of kept) home.kept.add(text)
    }
  }
  return groups.map((g) => g.members)
}

/**
 * Everything of its world that is not its records, and which fields each platform's records hold, because some checks ask
 * that of the platform as a whole; null: it has to be alone.
 */
function shapeOf({ check, example }: Member): string | null {
  // Who judges everything together would see its neighbours.
  if (subjectOf(check) === 'none' || kindFor(check).anything) return null
  const { at, platforms, config, learned, complete_through } = example
  const names = JSON.stringify([config ?? null, learned ?? null, complete_through ?? null])
  if (example.records.some((r) => names.includes(`"${String(r['record_id'])}"`))) return null
  const held = new Map<string, Set<string>>()
  for (const r of example.records) {
    const where = `${String(r['platform'])} ${String(r['kind'])}`
    held.set(where, (held.get(where) ?? new Set()).add(fieldsOf(r).sort().join()))
  }
  const holds = [...held].map(([where, fields]) => `${where}: ${[...fields].sort().join(' | ')}`).sort()
  const streams = exampleStreams(check, example).map((s) => JSON.stringify(s))
  return JSON.stringify([at, Object.entries(platforms).sort(), names, streams.sort(), holds])
}

/** Names of everything that a record says, parts of parts too. */
function fieldsOf(record: object): string[] {
  return Object.entries(record).flatMap(([name, value]: [string, unknown]) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? [name, ...fieldsOf(value).map((part) => `${name}.${part}`)]
      : [name],
  )
}

/** Texts that would make a record of this example and one of another the same thing. */
function keptOf({ records }: Example): string[] {
  return records.flatMap((r) =>
    KEPT.flatMap((name) =>
      r[name] === undefined ? [] : [`${name} ${String(r[name]).replace(/\W/g, '').toLowerCase()}`],
    ),
  )
}

/** The example's records with its mark in everything that names one of them. */
function marked({ records }: Example, mark: string): WishedRecord[] {
  const marking = (text: unknown) =>
    typeof text === 'string'
      ? text.replace(QUALIFIED, (_, on: string | undefined, id: string) => `${on ?? ''}${mark}${id}`)
      : text
  const numbers = new Set(records.flatMap((r) => MARKED.map((name) => r[name]).filter((n) => typeof n === 'string')))
  return records.map((r) => {
    const kind = String(r['kind'])
    const own = new Set(['record_id', 'merged_into', ...references(kindOf(kind)).map((f) => f.name)])
    // A text that says a document's number means that document.
    const names = (name: string, value: unknown) =>
      own.has(name) || (numbers.has(value as string) && (MARKED.includes(name) || isText(kind, name)))
    const walk = (part: object, path: string): object =>
      Object.fromEntries(
        Object.entries(part).map(([name, value]: [string, unknown]) => {
          if (path === '' && name === 'refs') return [name, mapped(value as object, marking)]
          if (value !== null && typeof value === 'object' && !Array.isArray(value))
            return [name, walk(value, `${path}${name}.`)]
          return [name, names(path + name, value) && value !== '' ? marking(value) : value]
        }),
      )
    return walk(r, '') as WishedRecord
  })
}

const mapped = (part: object, change: (value: unknown) => unknown) =>
  Object.fromEntries(Object.entries(part).map(([name, value]) => [name, change(value)]))

function isText(kind: string, name: string): boolean {
  return kindOf(kind).fields.some((f) => f.name === name) && fieldOf(kind, name).type === 'text'
}

/** What is wrong with each member's findings, in the order of the members; every check looks once at all of them. */
export async function runGroup(facts: Facts, control: ControlStore, members: readonly Member[]): Promise<string[][]> {
  const { example } = members[0]!
  const steps = together(members)
  const checks = [...new Map(members.map((m) => [m.check.id, m.check])).values()]
  const world = checkWorld({
    ...{ facts, control, checks, platforms: example.platforms },
    at: new Date(steps[0]?.at ?? Date.parse(example.at)).toISOString(),
    apart: (record) => marksIn(record)[0] ?? '',
    ...(example.config && { config: example.config }),
  })
  const streams = members.flatMap((m) => exampleStreams(m.check, m.example))
  for (const { platform, kind } of streams) control.declareStream(platform, kind, kind)
  for (const step of steps) {
    world.clock.set(step.at)
    await world.store(...step.records)
  }
  world.clock.set(Date.parse(example.at))
  await identify(world.ctx)
  await provenApart(facts)
  for (const { platform, kind, completeThrough } of streams)
    control.commitStream(platform, kind, { completeThrough, lastSuccessAt: Date.parse(example.at) })
  for (const [key, value] of Object.entries(example.learned ?? {})) control.set(key, JSON.stringify(value))
  const results = await world.check()
  const found = (await world.findings()).filter((f) => f.state !== 'resolved')
  const astray = found.filter((f) => marksIn(f).length !== 1)
  if (astray.length) throw new Error(`A finding is not of one example: ${JSON.stringify(astray[0])}`)
  return members.map(({ check, example: wish }, n) => {
    const { error } = results.find((r) => r.check === check.id)!
    if (error) return [`failed: ${error.message}`]
    const own = found.filter((f) => f.check === check.id && marksIn(f)[0] === String(n))
    return compareFindings(
      wish.findings,
      own.map((f) => JSON.parse(JSON.stringify(f).replace(MARK, '')) as object),
    )
  })
}

interface Step {
  at: number
  /** Which of the steps of this instant it is. */
  turn: number
  records: WishedRecord[]
}

/** The steps of all members by their instants; what one member has in two steps stays in two. */
function together(members: readonly Member[]): Step[] {
  const steps = new Map<string, Step>()
  for (const [n, { example }] of members.entries()) {
    const turns = new Map<number, number>()
    for (const { at, records } of exampleSteps({ ...example, records: marked(example, markOf(n)) })) {
      const turn = turns.get(at) ?? 0
      turns.set(at, turn + 1)
      const step: Step = steps.get(`${at} ${turn}`) ?? { at, turn, records: [] }
      step.records.push(...(records as WishedRecord[]))
      steps.set(`${at} ${turn}`, step)
    }
  }
  return [...steps.values()].sort((a, b) => a.at - b.at || a.turn - b.turn)
}

const marksIn = (value: object): string[] => [...new Set([...JSON.stringify(value).matchAll(MARK)].map(([, n]) => n!))]

/** @throws if identification made records of two examples one thing */
async function provenApart(facts: Facts): Promise<void> {
  const mixed = await facts.query<{ records: string[] }>(
    `select groupArray(record_id) as records from ${facts.database}.links final
     group by entity_id having uniqExact(extract(record_id, '${MARK.source}')) > 1 limit 1`,
  )
  if (mixed.length) throw new Error(`Examples became one thing: ${mixed[0]!.records.join(', ')}`)
  const doubted = (await openConflicts(facts)).find(({ records }) => marksIn(records).length > 1)
  if (doubted) throw new Error(`Examples are in doubt together: ${doubted.records.join(', ')}`)
}
