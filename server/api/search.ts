/**
 * The search grammar of box, address, API and command line: `key:value`, `-key:value`, `key:a,b`, `money:>1000`,
 * `"quoted words"` and free words. Unknown keys are named, with the nearest one that exists; nothing is dropped silently.
 */
import { nearest } from '../config/nearest.ts'
import { PlumblineError } from '../errors.ts'
import type { IssueRow } from '../store/control/control.ts'
import type { IssueTerm } from '../store/facts/issue-list.ts'

/** What people type → the term it means. */
const KEYS: Record<string, IssueTerm['key']> = {
  sev: 'severity',
  severity: 'severity',
  state: 'state',
  platform: 'platform',
  follower: 'platform',
  owner: 'owner',
  pair: 'pair',
  field: 'field',
  kind: 'kind',
  check: 'check',
  category: 'category',
  cause: 'cause',
  team: 'team',
  id: 'number',
}

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

/** `is:` words that depend on what people decided. */
const WORKED = ['snoozed', 'accepted', 'assigned', 'mine', 'unassigned'] as const

export const GRAMMAR = { keys: [...Object.keys(KEYS), 'is', 'money'], is: [...Object.keys(IS), ...WORKED] }

export interface SearchContext {
  /** Issues that people have worked on. */
  worked: readonly IssueRow[]
  /** Mail address of who asks: `is:mine`. */
  me: string
  now: number
}

function tokens(query: string): string[] {
  return query.match(/-?[\w-]+:"[^"]*"|-?[\w-]+:\S+|"[^"]*"|\S+/g) ?? []
}

const unquote = (text: string) => text.replace(/^"|"$/g, '')

/** @throws PlumblineError('schema') naming the part that is not understood. */
export function parseSearch(query: string, ctx: SearchContext): IssueTerm[] {
  const terms: IssueTerm[] = []
  const words: string[] = []
  let saysWorkflow = false
  for (const token of tokens(query)) {
    const match = /^(-?)([a-z_-]+):(.+)$/i.exec(token)
    if (!match) {
      words.push(unquote(token))
      continue
    }
    const [, minus, rawKey, rawValue] = match as unknown as [string, string, string, string]
    const key = rawKey.toLowerCase()
    const values = unquote(rawValue).split(',').filter(Boolean)
    const not = minus === '-'
    if (key === 'is') {
      saysWorkflow ||= values.some((v) => v === 'snoozed' || v === 'accepted')
      terms.push(...values.map((v) => isTerm(v.toLowerCase(), not, ctx)))
    } else if (key === 'money') terms.push(moneyTerm(values[0] ?? '', not))
    else if (KEYS[key])
      terms.push({ key: KEYS[key], values: key === 'id' ? values.map((v) => v.replace(/^I-/i, '')) : values, not })
    else throw unknown(`${rawKey}:`, key, GRAMMAR.keys)
  }
  if (words.length) terms.push({ key: 'text', values: words, not: false })
  // What is snoozed or accepted is out of sight until somebody asks for it, by name or by number.
  if (!saysWorkflow && !terms.some((t) => t.key === 'number')) {
    const hidden = numbers(ctx.worked.filter((i) => isSnoozed(i, ctx.now) || isAccepted(i, ctx.now)))
    if (hidden.length) terms.push({ key: 'number', values: hidden, not: true })
  }
  return terms
}

export const isSnoozed = (i: IssueRow, now: number) => i.snoozedUntil !== null && i.snoozedUntil > now
export const isAccepted = (i: IssueRow, now: number) => i.acceptedUntil !== null && i.acceptedUntil > now
const numbers = (rows: readonly IssueRow[]) => rows.map((r) => String(r.number))

function isTerm(word: string, not: boolean, ctx: SearchContext): IssueTerm {
  const states = IS[word]
  if (states) return { key: 'state', values: [...states], not }
  const assigned = (i: IssueRow) => i.assigneePerson !== null || i.assigneeTeam !== null
  const by: Record<(typeof WORKED)[number], { rows: readonly IssueRow[]; not: boolean }> = {
    snoozed: { rows: ctx.worked.filter((i) => isSnoozed(i, ctx.now)), not },
    accepted: { rows: ctx.worked.filter((i) => isAccepted(i, ctx.now)), not },
    assigned: { rows: ctx.worked.filter(assigned), not },
    unassigned: { rows: ctx.worked.filter(assigned), not: !not },
    mine: { rows: ctx.worked.filter((i) => i.assigneePerson === ctx.me), not },
  }
  const choice = by[word as (typeof WORKED)[number]]
  if (!choice) throw unknown(`is:${word}`, word, GRAMMAR.is)
  // An impossible number stands for "none": an empty list would mean nothing at all.
  return { key: 'number', values: choice.rows.length ? numbers(choice.rows) : ['0'], not: choice.not }
}

function moneyTerm(value: string, not: boolean): IssueTerm {
  const match = /^([<>])(\d+(?:\.\d+)?)$/.exec(value)
  if (!match)
    throw new PlumblineError('schema', `"money:${value}" is not understood.`, {
      remedy: 'Write money:>1000 or money:<500, in the reporting currency.',
    })
  return { key: match[1] === '>' ? 'over' : 'under', values: [match[2]!], not }
}

function unknown(shown: string, word: string, known: readonly string[]): PlumblineError {
  const near = nearest(word, known)
  return new PlumblineError('schema', `"${shown}" is not understood.`, {
    remedy: near ? `Did you mean "${near}"?` : `Known: ${known.join(', ')}.`,
  })
}
