/** Score: what was planted against what was found, per kind of drift. */
import { fits, relation } from './match.ts'
import type { Found, Relation } from './match.ts'
import { countLayer, type LayerRow } from './layer.ts'
import { minor } from './money.ts'
import type { Layer } from '../model/trace.ts'
import { statusAt } from './truth.ts'
import type { Fault, Truth } from './truth.ts'

export interface Row {
  drift: string
  /** Faults that are drift at the instant, or were long enough for a look to see them. */
  expected: number
  found: number
  missed: number
  /** Findings of this sort that no fault explains. */
  false: number
  precision: number | null
  recall: number | null
  /** From the instant it became drift to the finding, median in milliseconds. */
  medianMs: number | null
  /** Of the found: the platform at fault was named rightly, and where the cause and money are known, they too. */
  causeRight: number
  causeKnown: number
  amountRight: number
  amountKnown: number
}

/** How often the product named the true cause of the faults that it found. */
export interface CauseRow {
  cause: string
  /** Found faults of which the true cause is known. */
  known: number
  right: number
  /** What was said instead, with its count. */
  instead: Record<string, number>
}

export interface Score {
  asOf: number
  rows: Row[]
  total: Row
  causes: CauseRow[]
  /** The same of the layer that traces named; empty where nothing was traced. */
  layers: LayerRow[]
  /** Findings that follow from a planted fault without being it. */
  consequences: number
  /** Findings that call a change drift while it is still in flight. */
  inFlightAlarms: number
  /** Findings that stay open after both sides agreed again. */
  lingering: number
  undecided: number
  /** Ids, for looking into. */
  missed: { fault: string; drift: string; says: string }[]
  wrongCauses: { fault: string; drift: string; cause: string; said: string[]; findings: string[] }[]
  wrongLayers: { fault: string; drift: string; layer: Layer; said: Layer[]; findings: string[] }[]
  falseFindings: { id: string; row: string; why: 'unexplained' | 'in_flight' | 'lingering' }[]
}

export interface ScoreOptions {
  /** Instants at which the product looked; a fault that healed between two looks cannot be asked for. */
  looks?: readonly number[]
  /** Finding → layer that its trace named. */
  layers?: ReadonlyMap<string, Layer>
}

interface Tally {
  fault: Fault
  expected: boolean
  hits: Found[]
  /** Those of the hits that describe the fault itself, not another way to see it. */
  direct: Found[]
}

const DECIDED = new Set(['drift', 'unmapped'])

export function score(truth: Truth, findings: readonly Found[], asOf: number, options: ScoreOptions = {}): Score {
  const tallies = truth.faults
    .filter((f) => f.injectedAt <= asOf)
    .map((fault): Tally => ({ fault, expected: expectedAt(fault, asOf, options.looks), hits: [], direct: [] }))
  const out: Score = {
    asOf,
    rows: [],
    total: blank('total'),
    causes: [],
    layers: [],
    consequences: 0,
    inFlightAlarms: 0,
    lingering: 0,
    undecided: 0,
    missed: [],
    wrongCauses: [],
    wrongLayers: [],
    falseFindings: [],
  }
  for (const found of findings) {
    if (found.state === 'undecided') out.undecided++
    if (!claims(found) && !proposes(found)) continue
    judge(found, tallies, asOf, out)
  }
  const firstLook = Math.min(...(options.looks ?? [0]))
  const rows = new Map<string, Row>()
  const rowOf = (drift: string) => rows.get(drift) ?? rows.set(drift, blank(drift)).get(drift)!
  for (const tally of tallies) {
    count(tally, rowOf(tally.fault.drift), asOf, out)
    judgeLayer(tally, options.layers ?? new Map(), out)
  }
  for (const wrong of out.falseFindings) rowOf(wrong.row).false++
  out.rows = [...rows.values()]
    .sort((a, b) => a.drift.localeCompare(b.drift))
    .map((row) => finish(row, tallies, firstLook))
  out.causes.sort((a, b) => a.cause.localeCompare(b.cause))
  out.total = finish(out.rows.reduce(sum, blank('total')), tallies, firstLook)
  return out
}

/** A finding that was never more than in flight or undecided claims nothing. */
function claims(found: Found): boolean {
  return (found.state === 'open' || found.state === 'resolved') && DECIDED.has(found.verdict)
}

/** A proposal for a person: it claims nothing, and is wrong all the same where there is nothing to decide. */
function proposes(found: Found): boolean {
  return found.verdict === 'undecided' && found.category === 'duplicate' && found.cause === 'identity_in_doubt'
}

function expectedAt(fault: Fault, asOf: number, looks: readonly number[] | undefined): boolean {
  const status = statusAt(fault, asOf)
  if (status === 'open') return true
  if (status !== 'healed' || fault.driftFrom === null || fault.driftFrom >= (fault.healsAt ?? 0)) return false
  return looks?.some((look) => look >= fault.driftFrom! && look < fault.healsAt!) ?? false
}

/** A finding about a field is rather of the fault that names its fields than of one that names none. */
const names = ({ tally }: { tally: Tally }) => Number(tally.fault.fields.length > 0)

function judge(found: Found, tallies: readonly Tally[], asOf: number, out: Score): void {
  const related = tallies.map((tally) => ({ tally, how: speaksOf(found, tally.fault) })).filter((r) => r.how !== null)
  const direct = related
    .filter((r) => r.how !== 'consequence')
    .sort((a, b) => Number(b.how === 'itself') - Number(a.how === 'itself') || names(b) - names(a))
  const real = direct.filter(({ tally }) => tally.fault.driftFrom !== null && tally.fault.driftFrom <= asOf)
  const lastSeen = Date.parse(found.last_seen_at)
  const standing = real.filter(
    ({ tally }) => found.state !== 'open' || tally.fault.healsAt === null || lastSeen < tally.fault.healsAt,
  )
  if (standing.length > 0) {
    const { tally, how } = standing[0]!
    tally.hits.push(found)
    if (how === 'itself') tally.direct.push(found)
    return
  }
  if (related.some((r) => r.how === 'consequence')) return void out.consequences++
  const why = real.length > 0 ? 'lingering' : direct.length > 0 ? 'in_flight' : 'unexplained'
  if (why === 'lingering') out.lingering++
  if (why === 'in_flight') out.inFlightAlarms++
  const row = direct[0]?.tally.fault.drift ?? likeliest(found, tallies)
  out.falseFindings.push({ id: found.id, row, why })
}

/** What is only proposed cannot have found a fault that must be decided; it follows from it. */
function speaksOf(found: Found, fault: Fault): Relation | null {
  const how = relation(found, fault)
  return how !== null && proposes(found) && !fault.proposed ? 'consequence' : how
}

/** The kind of drift that a false finding pretends to be. */
function likeliest(found: Found, tallies: readonly Tally[]): string {
  const similar = tallies
    .map(({ fault }) => fault)
    .filter((f) => f.category === found.category && f.kind === found.kind)
  const same =
    similar.find((f) => (found.field === null ? f.fields.length === 0 : f.fields.includes(found.field))) ?? similar[0]
  return same?.drift ?? `other ${found.category}`
}

function count(tally: Tally, row: Row, asOf: number, out: Score): void {
  const { fault, hits } = tally
  const hit = hits[0]
  if (!hit && !tally.expected) return
  row.expected++
  if (!hit) {
    row.missed++
    out.missed.push({ fault: fault.id, drift: fault.drift, says: fault.says })
    return
  }
  row.found++
  if (fault.cause !== null) {
    row.causeKnown++
    if (blamed(tally, out)) row.causeRight++
  }
  if (fault.amount === null || fault.currency === null) return
  row.amountKnown++
  const wanted = minor(fault.amount, fault.currency)
  if (hits.some((h) => h.amount_at_risk !== null && minor(h.amount_at_risk, fault.currency!) === wanted))
    row.amountRight++
}

/** What traces of the findings of the fault itself say of the layer. */
function judgeLayer({ fault, direct }: Tally, layers: ReadonlyMap<string, Layer>, out: Score): void {
  const traced = direct.flatMap(({ id }) => (layers.has(id) ? [{ id, said: layers.get(id)! }] : []))
  const said = traced.map((t) => t.said)
  const layer = countLayer(out.layers, fault, said)
  if (layer === null) return
  const wrong = traced.filter((t) => t.said !== layer)
  const findings = wrong.map((t) => t.id)
  out.wrongLayers.push({
    fault: fault.id,
    drift: fault.drift,
    layer,
    said: [...new Set(wrong.map((t) => t.said))],
    findings,
  })
}

/** All findings of the fault itself must name its cause; where there is none, one of those that see it another way. */
function blamed({ fault, hits, direct }: Tally, out: Score): boolean {
  const seen = (h: Found) => fault.alternatives.find((a) => fits(h, a))?.cause ?? fault.cause
  const right = direct.length ? direct.every((h) => h.cause === fault.cause) : hits.some((h) => h.cause === seen(h))
  let row = out.causes.find((c) => c.cause === fault.cause)
  if (!row) out.causes.push((row = { cause: fault.cause!, known: 0, right: 0, instead: {} }))
  row.known++
  if (right) row.right++
  if (right) return true
  const wrong = (direct.length ? direct : hits).filter((h) => h.cause !== fault.cause)
  const said = [...new Set(wrong.map((h) => h.cause))]
  for (const cause of said) row.instead[cause] = (row.instead[cause] ?? 0) + 1
  out.wrongCauses.push({
    fault: fault.id,
    drift: fault.drift,
    cause: fault.cause!,
    said,
    findings: wrong.map((h) => h.id),
  })
  return false
}

/**
 * When the product first said so: a finding that was in flight before counts from its turn. What was wrong before
 * anybody looked has no such time.
 */
export function detectedAfter(fault: Fault, hits: readonly Found[], firstLook = 0): number | null {
  if (fault.driftFrom === null || hits.length === 0 || fault.driftFrom < firstLook) return null
  const times = hits.map((hit) => {
    const first = Date.parse(hit.first_seen_at)
    return first >= fault.driftFrom! || hit.state !== 'open' ? first : Date.parse(hit.changed_at)
  })
  return Math.max(0, Math.min(...times) - fault.driftFrom)
}

function finish(row: Row, tallies: readonly Tally[], firstLook: number): Row {
  const times = tallies
    .filter((t) => row.drift === 'total' || t.fault.drift === row.drift)
    .flatMap((t) => detectedAfter(t.fault, t.hits, firstLook) ?? [])
    .sort((a, b) => a - b)
  const claimed = row.found + row.false
  return {
    ...row,
    precision: claimed === 0 ? null : row.found / claimed,
    recall: row.expected === 0 ? null : row.found / row.expected,
    medianMs: times.length === 0 ? null : times[Math.floor((times.length - 1) / 2)]!,
  }
}

function blank(drift: string): Row {
  return {
    drift,
    expected: 0,
    found: 0,
    missed: 0,
    false: 0,
    precision: null,
    recall: null,
    medianMs: null,
    causeRight: 0,
    causeKnown: 0,
    amountRight: 0,
    amountKnown: 0,
  }
}

function sum(a: Row, b: Row): Row {
  return {
    ...a,
    expected: a.expected + b.expected,
    found: a.found + b.found,
    missed: a.missed + b.missed,
    false: a.false + b.false,
    causeRight: a.causeRight + b.causeRight,
    causeKnown: a.causeKnown + b.causeKnown,
    amountRight: a.amountRight + b.amountRight,
    amountKnown: a.amountKnown + b.amountKnown,
  }
}
