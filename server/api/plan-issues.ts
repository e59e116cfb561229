/** Plans over issues: one, several that were marked, or all that a search finds; and what the plan does for each of them. */
import { z } from 'zod'
import { PlumblineError } from '../errors.ts'
import type { Context } from '../context.ts'
import { byIssue } from '../remedy/by-issue.ts'
import type { Item } from '../remedy/item.ts'
import type { LeftOut, Wish } from '../remedy/wish.ts'
import { CHANNEL } from '../ticket-actions.ts'
import { findings, issueNumber, type StoredFinding } from '../store/facts/findings.ts'
import { issuePage } from '../store/facts/issue-list.ts'
import { issueFacts } from '../store/facts/issues.ts'
import type { PlanRow } from '../store/control/remedy-rows.ts'
import type { Caller } from './guard.ts'
import { issueNumberOf } from './issue-lookup.ts'
import { aboutIssue } from './plan-asks.ts'
import { parseSearch } from './search.ts'

/** Issues that one plan takes up; findings that it takes up; tickets that it opens: each is somebody's work. */
const ISSUES_MAX = 5_000
const FINDINGS_MAX = 100_000
const TICKETS_MAX = 200
const PAGE = 5_000

const issueId = z.string().max(20)
export const issueAsks = {
  issue: issueId.optional().describe('`I-4`: every open finding of it.'),
  issues: z.array(issueId).min(1).max(ISSUES_MAX).optional().describe('Several of them, one plan.'),
  query: z.string().max(500).optional().describe('Issues by the search grammar, one plan.'),
  tickets: z
    .strictObject({
      channel: z.string().max(63).describe('Channel that makes tickets.'),
      issues: z.array(issueId).min(1).max(TICKETS_MAX).optional(),
      query: z.string().max(500).optional().describe('Instead of `issues`: all that a search finds.'),
      text: z.string().trim().max(2_000).default('').describe('What whoever takes one should know.'),
    })
    .refine((t) => (t.issues === undefined) !== (t.query === undefined), 'Name either issues or query.')
    .optional()
    .describe('A ticket about each of several issues, one plan.'),
}
type IssueAsks = { [K in keyof typeof issueAsks]?: z.output<(typeof issueAsks)[K]> }

export const issueShareSchema = z
  .object({
    issue: z.string(),
    title: z.string(),
    wanted: z.number().int().describe('Open findings of it, or the one ticket.'),
    planned: z.number().int().describe('Of these, what the plan takes up.'),
    why: z.array(z.string()).describe('Why the others are left out.'),
  })
  .meta({ id: 'IssueShare' })

/** Issue → what is wanted of it. */
export type Wanted = ReadonlyMap<number, readonly string[]>

type Reading = Pick<Context, 'facts' | 'control' | 'clock' | 'config'>

/** Numbers of the issues that a search finds, most money first. @throws PlumblineError full: too many for one plan */
async function found(
  { facts, control, clock }: Reading,
  query: string,
  most: number,
  caller: Caller,
): Promise<number[]> {
  const terms = parseSearch(query, { worked: control.workedIssues(), me: caller.user.email, now: clock.now() })
  const { issues, total } = await issuePage(facts, { terms, sort: 'risk', after: null, limit: most })
  if (total <= most) return issues.map((i) => i.number)
  throw new PlumblineError('full', `${total} issues match; a plan takes up ${most} at most.`, {
    remedy: 'Narrow the search and make several plans.',
  })
}

/** Findings that are asked for by their issues; null: the body asks for something else. */
export async function askedFindings(
  ctx: Reading,
  { issue, issues, query }: IssueAsks,
  caller: Caller,
): Promise<{ found: StoredFinding[]; origin: string; wanted: Wanted } | null> {
  const many = issues ?? (issue === undefined ? undefined : [issue])
  if (many === undefined && query === undefined) return null
  const numbers = many ? [...new Set(many.map(issueNumberOf))] : await found(ctx, query!, ISSUES_MAX, caller)
  const origin = many
    ? many.length === 1
      ? `issue I-${numbers[0]}`
      : `${numbers.length} issues`
    : `issues that match ${query}`
  const of = { issues: numbers, states: ['open', 'undecided'] }
  const open = numbers.length === 0 ? [] : await findings(ctx.facts, of, FINDINGS_MAX)
  // Of one issue its own page tells everything.
  return { found: open, origin, wanted: issue === undefined ? wantedOf(numbers, open) : new Map() }
}

/** One ticket for each issue; those without an open finding are left out. Null: no tickets are asked for. */
export async function askedTickets(
  ctx: Reading,
  { tickets }: IssueAsks,
  caller: Caller,
): Promise<{ wishes: Wish[]; left_out: LeftOut[]; origin: string; wanted: Wanted } | null> {
  if (!tickets) return null
  const { channel, issues, query, text } = tickets
  const numbers = issues ? [...new Set(issues.map(issueNumberOf))] : await found(ctx, query!, TICKETS_MAX, caller)
  const wishes: Wish[] = []
  const left_out: LeftOut[] = []
  for (const number of numbers) {
    const ref = `I-${number}`
    try {
      wishes.push(...(await aboutIssue(ctx, { channel, issue: ref, text })).wishes)
    } catch (thrown) {
      if (!(thrown instanceof PlumblineError) || !ctx.config.channels[channel]) throw thrown
      const base = { platform: `${CHANNEL}${channel}`, kind: 'issue', record_id: `issue/${number}` }
      left_out.push({ ...base, why: thrown.message })
    }
  }
  const wanted = new Map(numbers.map((n) => [n, [`issue/${n}`]]))
  return { wishes, left_out, origin: `${numbers.length} issues`, wanted }
}

/** What the plan does for each issue that was asked for, with its title. */
export async function sharesOf(
  { control, facts }: Pick<Context, 'control' | 'facts'>,
  wanted: Wanted,
  plan: PlanRow | null,
  leftOut: readonly LeftOut[],
): Promise<z.output<typeof issueShareSchema>[]> {
  if (wanted.size === 0) return []
  const titles = new Map((await issueFacts(facts, [...wanted.keys()])).map((i) => [i.number, i.title]))
  return byIssue(wanted, plan ? itemsOf(control, plan.id) : [], leftOut).map(({ issue, ...share }) => ({
    ...{ issue: `I-${issue}`, title: titles.get(issue) ?? '' },
    ...share,
  }))
}

function* itemsOf(control: Context['control'], plan: string): Generator<Item> {
  for (let after = 0; ; after += PAGE) {
    const rows = control.planItems(plan, after, PAGE)
    for (const row of rows) yield JSON.parse(row.body) as Item
    if (rows.length < PAGE) return
  }
}

/** Issues in the order asked for, with their findings among these: one without any stands with none. */
function wantedOf(numbers: readonly number[], of: readonly StoredFinding[]): Wanted {
  const by = new Map<number, string[]>(numbers.map((n) => [n, []]))
  for (const f of of) by.get(Number(issueNumber(f.issue)))?.push(f.id)
  return by
}
