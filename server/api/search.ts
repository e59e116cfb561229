/** Searches of issues: the query language with the words of people's own work, which only the control store knows. */
import { keysOf, readQuery, type Bound, type Part, type Vocabulary } from '../../model/query.ts'
import { VOCABULARIES } from '../../model/vocabularies.ts'
import { durationMs } from '../config/duration.ts'
import { nearest } from '../config/nearest.ts'
import { PlumblineError } from '../errors.ts'
import type { IssueRow } from '../store/control/control.ts'
import type { IssueTerm } from '../store/facts/issue-list.ts'

/** `is:` words → states of an issue. */
const IS: Record<string, readonly string[]> = {
  unresolved: ['new', 'ongoing', 'escalating', 'regressed', 'undecided'],
  open: ['new', 'ongoing', 'escalating', 'regressed'],
  new: ['new'],
  ongoing: ['ongoing'],
  escalating: ['escalating'],
  regressed: ['regressed'],
  undecided: ['undecided'],
  unverified: ['undecided'],
  'in-flight': ['in_flight'],
  resolved: ['resolved'],
}

export const GRAMMAR = { keys: keysOf(VOCABULARIES.issues), is: VOCABULARIES.issues.is }

export interface SearchContext {
  /** Issues that people have worked on. */
  worked: readonly IssueRow[]
  /** Mail address of who asks: `is:mine`. */
  me: string
  now: number
}

/** Reads a query in the words of a list. @throws PlumblineError('schema') naming the part that is not understood. */
export function partsOf(query: string, vocabulary: Vocabulary): Part[] {
  const read = readQuery(query, vocabulary)
  if ('parts' in read) return read.parts
  const { shown, word, known, write } = read.misread
  const near = nearest(word, known)
  throw new PlumblineError('schema', `"${shown}" is not understood.`, {
    remedy: write ?? (near ? `Did you mean "${near}"?` : `Known: ${known.join(', ')}.`),
  })
}

/** Bounds of a span as milliseconds before now: `age:>7d` is older than that instant. */
export function spanMs(bound: Bound): { longer: number | null; shorter: number | null } {
  if (bound.op === '..') return { longer: durationMs(bound.from), shorter: durationMs(bound.to) }
  return bound.op === '>'
    ? { longer: durationMs(bound.than), shorter: null }
    : { longer: null, shorter: durationMs(bound.than) }
}

/** @throws PlumblineError('schema') naming the part that is not understood. */
export function parseSearch(query: string, ctx: SearchContext): IssueTerm[] {
  const parts = partsOf(query, VOCABULARIES.issues)
  const terms = parts.map((part): IssueTerm => {
    if (part.in === 'words') return { key: 'text', values: part.words, not: false }
    if (part.in === 'is') return isTerm(part.word, part.not, ctx)
    if (part.in === 'value') {
      const { key, values, not } = part
      return {
        key: key as IssueTerm['key'],
        values: key === 'number' ? values.map((v) => v.replace(/^I-/i, '')) : values,
        not,
      }
    }
    const { key, bound, not } = part
    if (part.in === 'number') return { key: key as IssueTerm['key'], values: boundValues(bound), not }
    const { longer, shorter } = spanMs(bound)
    const at = (ms: number | null) => (ms === null ? '' : String(ctx.now - ms))
    return { key: 'age', values: [at(shorter), at(longer)], not }
  })
  // What is snoozed or accepted is out of sight until somebody asks for it, by name or by number.
  const asks = parts.some((p) => p.in === 'is' && (p.word === 'snoozed' || p.word === 'accepted'))
  if (!asks && !terms.some((t) => t.key === 'number')) {
    const hidden = numbers(ctx.worked.filter((i) => isSnoozed(i, ctx.now) || isAccepted(i, ctx.now)))
    if (hidden.length) terms.push({ key: 'number', values: hidden, not: true })
  }
  return terms
}

export const isSnoozed = (i: IssueRow, now: number) => i.snoozedUntil !== null && i.snoozedUntil > now
export const isAccepted = (i: IssueRow, now: number) => i.acceptedUntil !== null && i.acceptedUntil > now
const numbers = (rows: readonly IssueRow[]) => rows.map((r) => String(r.number))

/** A bound as the operator and its numbers. */
export const boundValues = (bound: Bound): string[] =>
  bound.op === '..' ? ['..', bound.from, bound.to] : [bound.op, bound.than]

function isTerm(word: string, not: boolean, ctx: SearchContext): IssueTerm {
  const states = IS[word]
  if (states) return { key: 'state', values: [...states], not }
  const assigned = (i: IssueRow) => i.assigneePerson !== null || i.assigneeTeam !== null
  const by: Record<string, { rows: readonly IssueRow[]; not: boolean }> = {
    snoozed: { rows: ctx.worked.filter((i) => isSnoozed(i, ctx.now)), not },
    accepted: { rows: ctx.worked.filter((i) => isAccepted(i, ctx.now)), not },
    assigned: { rows: ctx.worked.filter(assigned), not },
    unassigned: { rows: ctx.worked.filter(assigned), not: !not },
    mine: { rows: ctx.worked.filter((i) => i.assigneePerson === ctx.me), not },
  }
  const choice = by[word]!
  // An impossible number stands for "none": an empty list would mean nothing at all.
  return { key: 'number', values: choice.rows.length ? numbers(choice.rows) : ['0'], not: choice.not }
}
