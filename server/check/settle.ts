/**
 * Settle: gives observations a life as findings. Pure.
 *
 * The state of a finding is what was observed of it last, and nothing else: two ways to the same observations end in
 * the same states, whatever lay between. Only what has been looked at is touched: `previous` must hold every
 * unresolved finding in reach, and those resolved ones that `observations` speak of again.
 */
import { createHash } from 'node:crypto'
import { sureOf } from '../../model/cause.ts'
import type { Finding, FindingState, Observation, Verdict } from '../../model/verdict.ts'
import { iso } from '../clock.ts'
import type { FindingEvent } from '../store/facts/finding-events.ts'
import type { NewFinding, StoredFinding } from '../store/facts/findings.ts'
import { SEEN_EVERY_MS } from './limits.ts'

export interface SettleInput {
  previous: readonly StoredFinding[]
  observations: readonly Observation[]
  asOf: number
  runId: string
  /** Epoch ms at which the difference of this finding ended, as far as evidence tells. */
  healedAt(finding: StoredFinding): number | null
  /** Why the absence of this finding proves nothing now; null where it proves that the difference is gone. */
  unverifiable(finding: StoredFinding): string | null
}

export interface Settled {
  /** Findings to write; `issue` is empty where it must be worked out again. */
  findings: NewFinding[]
  events: FindingEvent[]
  /** Issues that findings left or changed in. */
  issues: Set<string>
  counts: { opened: number; resolved: number; regressed: number; in_flight: number; undecided: number; open: number }
}

/** Same check and key, same finding: for ever. */
export function findingId(check: string, key: string): string {
  return createHash('sha256').update(`${check}\n${key}`).digest('hex').slice(0, 24)
}

/** Observations with the id of their finding; of two with one key the first counts. */
export function identified(observations: readonly Observation[]): Map<string, Observation> {
  const byId = new Map<string, Observation>()
  for (const o of observations) {
    const id = findingId(o.check, o.key)
    if (!byId.has(id)) byId.set(id, o)
  }
  return byId
}

const STATE: Record<Observation['verdict'], Exclude<FindingState, 'resolved'>> = {
  in_flight: 'in_flight',
  undecided: 'undecided',
  drift: 'open',
  unmapped: 'open',
}

export function settle(input: SettleInput): Settled {
  const out: Settled = {
    findings: [],
    events: [],
    issues: new Set(),
    counts: { opened: 0, resolved: 0, regressed: 0, in_flight: 0, undecided: 0, open: 0 },
  }
  const observed = identified(input.observations)
  const before = new Map(input.previous.map((f) => [f.id, f]))
  for (const [id, observation] of [...observed].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const state = STATE[observation.verdict]
    out.counts[state]++
    const known = before.get(id)
    if (!known) open(out, input, id, observation, state)
    else if (known.state !== 'resolved') still(out, input, known, observation, state)
    else if (input.asOf >= Date.parse(known.resolved_at ?? known.changed_at))
      again(out, input, known, observation, state)
  }
  for (const finding of input.previous)
    if (finding.state !== 'resolved' && !observed.has(finding.id)) absent(out, input, finding)
  return out
}

function open(out: Settled, { asOf, runId }: SettleInput, id: string, o: Observation, state: FindingState): void {
  const at = iso(asOf)
  const finding: NewFinding = {
    ...body(o),
    id,
    issue: '',
    state,
    regressed: false,
    first_seen_at: at,
    changed_at: at,
    last_seen_at: at,
    resolved_at: null,
    run_id: runId,
    transition: 1,
  }
  move(out, finding, null, at, 'first seen')
  if (state === 'open') out.counts.opened++
}

/** Seen again: the row is written if anything that matters changed, a transition only if its verdict did. */
function still(
  out: Settled,
  { asOf, runId }: SettleInput,
  known: StoredFinding,
  o: Observation,
  state: FindingState,
): void {
  const at = iso(asOf)
  const moved = known.state !== state || known.verdict !== o.verdict || known.cause !== o.cause
  const edited = moved || content(known) !== content({ ...body(o) })
  const stale = asOf - Date.parse(known.last_seen_at) >= SEEN_EVERY_MS
  if (!edited && !stale) return
  const finding: NewFinding = {
    ...life(known),
    ...body(o),
    state,
    last_seen_at: at,
    run_id: runId,
    changed_at: moved || values(known) !== values(body(o)) ? at : known.changed_at,
    transition: moved ? known.transition + 1 : known.transition,
    issue:
      known.cause === o.cause && known.owner_platform === o.owner_platform && known.platform === o.platform
        ? known.issue
        : '',
  }
  out.issues.add(known.issue)
  if (!moved) return void out.findings.push(finding)
  if (state === 'open' && known.state !== 'open') out.counts.opened++
  move(out, finding, known.state, at, reasonOf(known, o, state))
}

function reasonOf(known: StoredFinding, o: Observation, state: FindingState): string {
  if (state === known.state) return known.verdict !== o.verdict ? 'the verdict changed' : 'the cause became clearer'
  if (state === 'in_flight') return 'the owner changed again'
  if (state === 'undecided') return o.evidence[0]?.says ?? 'evidence is missing'
  return known.state === 'in_flight' ? 'the window ended' : 'the evidence came'
}

/** A resolved finding that is seen again. It regressed only if it had been open and the evidence is newer than the resolution. */
function again(
  out: Settled,
  { asOf, runId }: SettleInput,
  known: StoredFinding,
  o: Observation,
  state: FindingState,
): void {
  const at = iso(asOf)
  const resolvedAt = Date.parse(known.resolved_at ?? known.changed_at)
  const newest = Math.max(
    ...o.values.flatMap((v) => [v.observed_at, v.changed_at]).map((t) => (t === null ? -Infinity : Date.parse(t))),
    o.values.length ? -Infinity : asOf,
  )
  const wasOpen = known.verdict === 'drift' || known.verdict === 'unmapped'
  const regressed = wasOpen && newest >= resolvedAt
  const finding: NewFinding = {
    ...life(known),
    ...body(o),
    issue: '',
    state,
    regressed,
    changed_at: at,
    last_seen_at: at,
    resolved_at: null,
    run_id: runId,
    transition: known.transition + 1,
  }
  if (state === 'open') out.counts.opened++
  if (regressed) out.counts.regressed++
  out.issues.add(known.issue)
  move(
    out,
    finding,
    'resolved',
    at,
    regressed ? 'it came back' : wasOpen ? 'seen again on evidence that was known when it was resolved' : 'seen again',
  )
}

/** Looked for and not seen: gone on evidence, or the evidence is missing. */
function absent(out: Settled, input: SettleInput, known: StoredFinding): void {
  const at = iso(input.asOf)
  const why = input.unverifiable(known)
  if (why !== null && known.state === 'undecided') return
  const { since, ...rest } = life(known)
  const common = {
    ...rest,
    since,
    changed_at: at,
    last_seen_at: at,
    run_id: input.runId,
    transition: known.transition + 1,
  }
  out.issues.add(known.issue)
  if (why !== null) {
    out.counts.undecided++
    return move(out, { ...common, state: 'undecided', verdict: 'undecided' }, known.state, at, why)
  }
  out.counts.resolved++
  const verdict = closing(known, input)
  move(out, { ...common, state: 'resolved', verdict, resolved_at: at }, known.state, at, CLOSED[verdict])
}

const CLOSED: Record<Verdict, string> = {
  agrees: 'the platforms agree; it never was late',
  late: 'the change arrived after its window had ended',
  drift: 'the difference is gone',
  unmapped: 'the code has its entry',
  in_flight: 'the difference is gone',
  undecided: 'the difference is gone',
}

/** What is said of a difference that is gone: in flight and healed in time agrees, healed too late is late. */
function closing(known: StoredFinding, input: SettleInput): Verdict {
  if (known.state === 'undecided') return 'agrees'
  if (known.state !== 'in_flight') return known.verdict
  const healed = input.healedAt(known)
  return known.due_at !== null && healed !== null && healed > Date.parse(known.due_at) ? 'late' : 'agrees'
}

function move(out: Settled, finding: NewFinding, from: FindingState | null, at: string, reason: string): void {
  out.findings.push(finding)
  out.events.push({
    id: finding.id,
    transition: finding.transition,
    at,
    from_state: from,
    to_state: finding.state,
    verdict: finding.verdict,
    cause: finding.cause,
    run_id: finding.run_id,
    reason,
    detail: {
      expected: finding.expected,
      actual: finding.actual,
      amount_at_risk: finding.amount_at_risk,
      currency: finding.currency,
      ...(finding.regressed && { regressed: true }),
    },
  })
}

/** What a finding takes from the observation. */
function body(o: Observation): Omit<Observation, 'key' | 'verify' | 'amount_basis'> & Pick<Finding, 'amount_basis'> {
  const { key: _, verify: __, ...rest } = o
  return { ...rest, amount_basis: rest.amount_basis ?? null }
}

/** What a finding keeps of itself. */
function life(known: StoredFinding): NewFinding {
  const { eid: _, customer_eid: __, ...rest } = known
  return rest
}

const values = (f: Pick<Finding, 'expected' | 'actual'>) => JSON.stringify([f.expected, f.actual])

/** What makes it worth writing again; read times and the wording of evidence move with every read and are not. How sure the cause is, and how much speaks for it, does. */
function content(f: Omit<Observation, 'key' | 'verdict'>): string {
  return JSON.stringify([
    f.category,
    f.kind,
    f.entity_id,
    f.customer_entity_id,
    f.subject,
    sorted(f.scope),
    f.field,
    f.cause,
    sureOf(f.evidence),
    f.evidence.filter((e) => e.for === 'cause').length,
    f.owner_platform,
    f.platform,
    sorted(f.expected),
    sorted(f.actual),
    f.amount_at_risk,
    f.currency,
    f.amount_basis,
    f.severity,
    f.since,
    f.due_at,
    f.title,
    f.values.map((v) => [v.platform, v.record_id, v.state, v.value, v.raw, v.stands]),
  ])
}

const sorted = (map: Record<string, unknown>) => Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1))
