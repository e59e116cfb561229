/** What a plan is asked for by hand: records, identities, codes, tickets. Each becomes wishes like any other. */
import { z } from 'zod'
import { ACTION_NAMES } from '../../connectors/action.ts'
import { CHANNEL } from '../ticket-actions.ts'
import { codeId } from '../code-actions.ts'
import type { Context } from '../context.ts'
import { PlumblineError } from '../errors.ts'
import { groupId } from '../identity-actions.ts'
import { wish, type Wish } from '../remedy/wish.ts'
import { findings } from '../store/facts/findings.ts'
import { recordsNamed } from '../store/facts/placed-records.ts'
import { issueNumberOf } from './issue-lookup.ts'

/** One record and what is to be done with it. */
export const byHand = z.strictObject({
  platform: z.string().max(63),
  kind: z.string().max(40),
  action: z.enum(ACTION_NAMES),
  record_id: z.string().max(200).nullable(),
  fields: z.record(z.string(), z.string().max(10_000).nullable()).default({}),
  references: z.record(z.string(), z.string().max(200)).default({}),
  refs: z.record(z.string(), z.string().max(200)).default({}),
})

const record = z.string().regex(/^[^:\s]+:.+$/, 'write a record as platform:id')
const group = z.strictObject({
  kind: z.string().max(40).default('customer'),
  records: z.array(record).min(2).max(50).describe('As `platform:id`.'),
})

export const asks = {
  link: group.optional().describe('Make these records one thing.'),
  unlink: group.optional().describe('Keep these records apart.'),
  code: z
    .strictObject({
      map: z.string().max(63),
      who: z.string().max(63).describe('Platform, connector, role, or `*`.'),
      code: z.string().min(1).max(200),
      means: z.string().min(1).max(200).nullable().describe('Canonical value; null takes the entry out.'),
    })
    .optional()
    .describe('An entry of a reference map.'),
  ticket: z
    .strictObject({
      channel: z.string().max(63).describe('Channel that makes tickets: servicenow, zendesk, jira, webhook, …'),
      issue: z.string().max(20).describe('`I-4`: what it is about.'),
      text: z.string().trim().max(2_000).default('').describe('What whoever takes it should know.'),
    })
    .optional()
    .describe('A ticket about an issue.'),
}
export type Asks = { [K in keyof typeof asks]?: z.output<(typeof asks)[K]> }

/** Null: nothing of this was asked for. */
export async function askedWishes(
  ctx: Pick<Context, 'facts' | 'config'>,
  { link, unlink, code, ticket }: Asks,
): Promise<{ wishes: Wish[]; origin: string } | null> {
  const together = link ?? unlink
  if (together) {
    const id = groupId(together.records)
    const action = link ? 'link' : 'unlink'
    const fields = { together: String(link !== undefined) }
    const base = { platform: 'plumbline', kind: together.kind, action, recordId: id, entity: id, fields } as const
    return { wishes: [wish(base)], origin: link ? 'linking by hand' : 'unlinking by hand' }
  }
  if (code) {
    const id = codeId(code)
    const base = { platform: 'plumbline', kind: 'reference_map', action: 'set_code', recordId: id, entity: id } as const
    return { wishes: [wish({ ...base, fields: { means: code.means } })], origin: `reference map ${code.map}` }
  }
  return ticket ? await aboutIssue(ctx, ticket) : null
}

/** The wish for a ticket about one issue. @throws PlumblineError not_found: no such channel, or nothing of it is open */
export async function aboutIssue(
  { facts, config }: Pick<Context, 'facts' | 'config'>,
  { channel, issue, text }: NonNullable<Asks['ticket']>,
): Promise<{ wishes: Wish[]; origin: string }> {
  if (!config.channels[channel])
    throw new PlumblineError('not_found', `There is no channel ${channel}.`, {
      remedy: `Configured: ${Object.keys(config.channels).join(', ') || 'none'}.`,
    })
  const number = issueNumberOf(issue)
  const [of] = await findings(facts, { issues: [number], states: ['open', 'undecided'] }, 1)
  if (!of)
    throw new PlumblineError('not_found', `I-${number} has no open finding.`, { remedy: 'Look at the issue again.' })
  const ref = `I-${number}`
  const payload = {
    title: `${ref}: ${of.check} on ${of.platform ?? 'an undecided platform'}`,
    lines: [
      ...(text ? [text] : []),
      `${of.platform ?? 'A platform'} and ${of.owner_platform ?? 'its owner'} differ in ${of.field ?? of.kind}.`,
    ],
    severity: of.severity,
    path: `/issues/${ref}`,
  }
  const thread = `issue/${number}`
  return {
    origin: `issue ${ref}`,
    wishes: [
      wish({
        ...{ platform: `${CHANNEL}${channel}`, kind: of.kind, action: 'open_ticket', recordId: thread, entity: thread },
        ...{ fields: { ticket: 'open' }, issue: number, check: of.check },
        event: { id: thread, at: null, correlation_id: null, payload },
      }),
    ],
  }
}

/** Wishes by hand, each for the entity that its record belongs to. */
export async function handWishes(
  { facts }: Pick<Context, 'facts'>,
  records: readonly z.output<typeof byHand>[],
): Promise<Wish[]> {
  const entities = new Map<string, string>()
  for (const kind of new Set(records.map((r) => r.kind))) {
    const named = records.filter((r) => r.kind === kind && r.record_id !== null)
    const subjects = named.map((r) => ({ platform: r.platform, kind, record_id: r.record_id! }))
    for (const r of await recordsNamed(facts, kind, subjects))
      entities.set(`${r.platform} ${kind} ${r.record_id}`, r.entity_id)
  }
  return records.map(({ record_id, ...r }, i) =>
    wish({
      ...r,
      recordId: record_id,
      entity: entities.get(`${r.platform} ${r.kind} ${record_id}`) ?? `by hand ${i}`,
    }),
  )
}
