/** Report data: everything that a report knows, measured once; what is said and attached is made from this alone. */
import type { AmountBasis } from '../../model/exposure.ts'
import type { Period } from '../../model/period-close.ts'
import type { Audience, Language, ReportFilters, ReportPeriod } from '../config/reports-schema.ts'
import type { ReportFigures, ReportPair } from '../store/facts/report-figures.ts'
import type { ReportRow } from '../store/facts/report-rows.ts'
import type { Standing } from './standing.ts'

/** Amounts in their own currencies, and their sum in the reporting currency where rates are known. */
export interface Exposure {
  amounts: Record<string, string>
  /** Null when no part of it is known. */
  known: string | null
  /** Currencies without a rate: not in the sum. */
  unconverted: string[]
}

export interface IssueLine {
  number: number
  title: string
  severity: string
  state: string
  owner: string | null
  platforms: string[]
  findings: number
  customers: number
  money: Exposure
  team: string
  assigned: boolean
  first_seen_at: string
}

/** A finding as it is listed: names instead of ids, personal values hidden. */
export interface FindingLine {
  id: string
  issue: number
  title: string
  customer: string | null
  severity: string
  /** Platform title → value as it may be shown. */
  values: { platform: string; value: string | null; owner: boolean }[]
  amount: string | null
  currency: string | null
  estimated: boolean
  team: string
  since: string
}

export interface HealedLine {
  number: number
  title: string
  findings: number
  /** A person decided something about the issue in the span. */
  decided: boolean
  recovered: Record<string, string>
}

export interface AcceptedLine {
  number: number
  title: string
  until: string
  reason: string
}

/** What the next report compares itself with. */
export interface ReportFacts {
  open: number
  /** Confirmed and estimated together, in the reporting currency; null: unknown. */
  risk: string | null
  currency: string
  kept: number
  missed: number
  fixed: number
  pairs: Record<string, number>
  /** Of everything that a reader would notice. */
  fingerprint: string
}

export interface ReportData {
  report: string
  title: string | null
  company: string
  audience: Audience
  language: Language
  names: boolean
  period: ReportPeriod
  /** ISO instants; `to` is exclusive. */
  from: string
  to: string
  month: string | null
  timezone: string
  asOf: string
  /** Null: somebody asked for it. */
  plannedAt: string | null
  late: boolean
  standing: Standing
  figures: ReportFigures
  currency: string
  money: Record<AmountBasis, Exposure>
  /** Rates that were used: what one unit is worth, and from which day on. */
  rates: { currency: string; rate: string; on: string }[]
  windows: { kept: number; missed: number; target: number }
  moves: { opened: number; regressed: number; resolved: number }
  /** Resolved findings of issues about which nobody decided anything in the span. */
  unaided: number
  before: { id: string; to: string; facts: ReportFacts } | null
  pairs: ReportPair[]
  issues: { lines: IssueLine[]; total: number }
  top: FindingLine[]
  healed: { lines: HealedLine[]; total: number }
  /** Accepted differences that end before the next report, and how many there are in all. */
  ending: AcceptedLine[]
  accepted: number
  undecided: { platform: string; findings: number }[]
  failingChecks: { id: string; title: string; error: string }[]
  periods: Period[]
  /** Check → its title in the report's language, for what keeps a period open. */
  checkTitles: Record<string, string>
  filters: { key: keyof ReportFilters; values: readonly string[] }[]
  search: string
  /** Rows in the attached data, and of how many. */
  rows: ReportRow[]
  rowsTotal: number
}
