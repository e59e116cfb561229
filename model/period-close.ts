/**
 * Period close: what keeps an accounting period of a legal entity from being closed, composed from totals, matches,
 * documents and streams. Pure, and the same in server and dashboard.
 */
import { add, format } from './decimal.ts'

/** Findings about one period, as counted: by check and state. */
export interface PeriodFindings {
  period: string
  legal_entity: string
  check: string
  title: string
  category: string
  state: 'open' | 'undecided' | 'in_flight'
  findings: number
  /** Money at risk by currency, decimal text. */
  amounts: Record<string, string>
}

/** Documents of one period that are not done. */
export interface PeriodDocuments {
  period: string
  legal_entity: string
  kind: string
  what: 'draft' | 'unposted'
  documents: number
  amounts: Record<string, string>
}

/** A stream of documents that the period is made of. */
export interface PeriodStream {
  platform: string
  kind: string
  /** Epoch ms; null: never read completely. */
  completeThrough: number | null
}

export interface PeriodInput {
  findings: readonly PeriodFindings[]
  documents: readonly PeriodDocuments[]
  streams: readonly PeriodStream[]
  /** Period and legal entity pairs that have documents at all. */
  known: readonly { period: string; legal_entity: string; documents: number }[]
  /** Legal entity → platforms that speak for it; a missing entry means all. */
  speaks: (platform: string, legalEntity: string) => boolean
  now: number
}

export const BLOCKS = [
  'total',
  'unmatched',
  'structure',
  'unposted',
  'draft',
  'undecided',
  'in_flight',
  'stream',
] as const
export type Block = (typeof BLOCKS)[number]

export interface Blocker {
  block: Block
  says: string
  count: number
  amounts: Record<string, string>
  /** Check to look into, where it comes from one. */
  check: string | null
  /** What `says` is made of, for other languages: kind of the documents or the stream, its platform, and how far it was read. */
  kind: string | null
  platform: string | null
  through: number | null
}

const OF_NOTHING = { kind: null, platform: null, through: null }

export interface Period {
  period: string
  legal_entity: string
  /** running: the period is not over. waiting: nothing is wrong, and not everything was read or has arrived. */
  state: 'ready' | 'blocked' | 'waiting' | 'running'
  /** First instant after it, epoch ms. */
  endsAt: number
  documents: number
  blockers: Blocker[]
}

/** What only time or a complete read can clear. */
const WAITING: ReadonlySet<Block> = new Set(['undecided', 'in_flight', 'stream'])

/** Newest period first, then by legal entity. */
export function periods(input: PeriodInput): Period[] {
  return input.known
    .filter((k) => /^\d{4}-\d\d$/.test(k.period))
    .map((k) => periodOf(k.period, k.legal_entity, k.documents, input))
    .sort((a, b) => (a.period === b.period ? (a.legal_entity < b.legal_entity ? -1 : 1) : a.period < b.period ? 1 : -1))
}

function periodOf(period: string, legalEntity: string, documents: number, input: PeriodInput): Period {
  const endsAt = endOf(period)
  const here = <T extends { period: string; legal_entity: string }>(all: readonly T[]) =>
    all.filter((x) => x.period === period && x.legal_entity === legalEntity)
  const blockers = [
    ...here(input.findings).map(fromFindings),
    ...here(input.documents).map(fromDocuments),
    // A month that runs is never read through its end.
    ...input.streams
      .filter((stream) => input.now >= endsAt && input.speaks(stream.platform, legalEntity))
      .flatMap((stream) => fromStream(stream, endsAt)),
  ].sort((a, b) => BLOCKS.indexOf(a.block) - BLOCKS.indexOf(b.block) || (a.says < b.says ? -1 : 1))
  const wrong = blockers.some((b) => !WAITING.has(b.block))
  const state = input.now < endsAt ? 'running' : wrong ? 'blocked' : blockers.length ? 'waiting' : 'ready'
  return { period, legal_entity: legalEntity, state, endsAt, documents, blockers }
}

/** First instant after a month, in UTC. */
export function endOf(period: string): number {
  const [year, month] = period.split('-').map(Number) as [number, number]
  return Date.UTC(year, month, 1)
}

function fromFindings(f: PeriodFindings): Blocker {
  const block: Block =
    f.state === 'in_flight'
      ? 'in_flight'
      : f.state === 'undecided'
        ? 'undecided'
        : f.check.startsWith('matching/')
          ? 'unmatched'
          : f.category === 'structure'
            ? 'structure'
            : 'total'
  const many = f.findings === 1 ? '' : ` (${f.findings})`
  const tail =
    { in_flight: ' is on its way', undecided: ' cannot be decided yet' }[f.state as 'in_flight' | 'undecided'] ?? ''
  return {
    block,
    says: `${f.title}${many}${tail}`,
    count: f.findings,
    amounts: f.amounts,
    check: f.check,
    ...OF_NOTHING,
  }
}

function fromDocuments(d: PeriodDocuments): Blocker {
  const name = d.documents === 1 ? d.kind : `${d.kind}s`
  const says =
    d.what === 'draft' ? `${d.documents} ${name} still in draft` : `${d.documents} ${name} not posted to the ledger`
  return { block: d.what, says, count: d.documents, amounts: d.amounts, check: null, ...OF_NOTHING, kind: d.kind }
}

function fromStream(s: PeriodStream, needed: number): Blocker[] {
  if (s.completeThrough !== null && s.completeThrough >= needed) return []
  const says =
    s.completeThrough === null
      ? `${s.kind} of ${s.platform} has never been read completely`
      : `${s.kind} of ${s.platform} has been read through ${new Date(s.completeThrough).toISOString()} only`
  return [
    {
      block: 'stream',
      says,
      count: 1,
      amounts: {},
      check: null,
      kind: s.kind,
      platform: s.platform,
      through: s.completeThrough,
    },
  ]
}

/** Sums of several blockers, each currency by itself. */
export function amountsOf(blockers: readonly Blocker[]): Record<string, string> {
  const total: Record<string, string> = {}
  for (const b of blockers)
    for (const [currency, value] of Object.entries(b.amounts))
      total[currency] = format(add(total[currency] ?? '0', value))
  return total
}
