/**
 * The landscape: which platforms there are, who owns what, and how fast a change must travel.
 * The configuration builds it once (server/config/landscape.ts); collectors, checks and the
 * dashboard ask it. Everything here is pure.
 */
import type { ComplianceRule } from './compliance.ts'
import type { Severity } from './verdict.ts'

export interface Platform {
  name: string
  title: string
  role: string
  /** legal_entity, region, brand → the values it speaks for; a missing key means all. */
  scope: Record<string, readonly string[]>
  timezone: string
  connector: string
}

/** How a platform stands to a field, for one record in one state and scope. */
export type Standing = 'owner' | 'follower' | 'advisory' | 'gated' | 'foreign' | 'absent'

/** Where and in which state a record is, as far as ownership depends on it. */
export interface Whereabouts {
  /** Canonical lifecycle state as the state's owner has it; null when unknown. */
  state: string | null
  /** legal_entity, region, brand of the entity, where known. */
  scope: Record<string, string>
}

export interface Edge {
  from: string
  to: string
  /** Longest allowed propagation time, milliseconds of the edge's calendar. */
  windowMs: number
  criticality: Severity
  /** Name of the calendar whose working time counts; null: all time counts. */
  calendar: string | null
  tolerance: Tolerance | null
}

export type Tolerance =
  { kind: 'absolute'; amount: string } | { kind: 'percent'; percent: string } | { kind: 'days'; days: number }

export interface Landscape {
  platforms: readonly Platform[]
  platform(name: string): Platform
  /** Platforms that a role or platform name means, in configuration order. */
  named(roleOrPlatform: string): readonly Platform[]
  /**
   * Owners of a field in order for a record: the first that holds a value speaks. Platforms whose scope
   * excludes the record are left out. Empty: nobody owns it, and there is no verdict.
   */
  owners(kind: string, field: string, at: Whereabouts): readonly string[]
  /** How `platform` stands to the field while `owner` speaks for it. */
  standing(kind: string, field: string, platform: string, owner: string, at: Whereabouts): Standing
  edge(kind: string, field: string, from: string, to: string): Edge
  /** The instant (epoch ms) at which a window that starts at `from` ends, counting only the edge's calendar and leaving out maintenance. */
  windowEnd(edge: Edge, fromMs: number): number
  /** Platform that issues invoices of a legal entity. */
  issuer(legalEntity: string | null): string | null
  /** Converts by the dated table, or null when a rate is missing. Decimal text in and out. */
  convert(amount: string, currency: string, onIso: string): string | null
  reportingCurrency: string
  /** Which facts a customer's country asks for; left out: as shipped (model/compliance.ts). */
  compliance?: readonly ComplianceRule[]
}
