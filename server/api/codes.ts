/** Codes: what waits for an entry in a reference map, what it most likely means, and what means two things. */
import { Hono } from 'hono'
import { describeRoute, resolver } from 'hono-openapi'
import { z } from 'zod'
import { KINDS } from '../../model/kinds.ts'
import { conflicting, proposals, snippet, waiting, type WaitingCode } from '../check/codes.ts'
import type { Runtime } from '../runtime.ts'
import { codeFields, mappedCodes, unmappedFindings, waitingCodes, type CodeGroup } from '../store/facts/codes.ts'
import { requires, type GuardEnv } from './guard.ts'
import { platformView } from './views.ts'

const platform = z.object({ name: z.string(), title: z.string(), mark: z.string() })
const code = z.object({
  platform,
  kind: z.string(),
  field: z.string(),
  code: z.string(),
  map: z.string().nullable().describe('Reference map that the platform uses for this field.'),
  records: z.number().int().describe('Records that wait for the entry.'),
  record_ids: z.array(z.string()).describe('A few of them.'),
  findings: z.number().int().describe('Open findings that say so.'),
  since: z.string().nullable().describe('Oldest change among these records.'),
})
const conflict = z.object({
  kind: z.string(),
  field: z.string(),
  code: z.string(),
  means: z.array(
    z.object({
      platform,
      value: z.string(),
      by: z.enum(['entry', 'learned']).describe('Entered in a reference map, or learned from the other platforms.'),
      records: z.number().int(),
    }),
  ),
})
const counter = z.object({ entity_id: z.string(), platform, value: z.string() })
const codesSchema = z.object({ waiting: z.array(code), conflicting: z.array(conflict) }).meta({ id: 'Codes' })
const proposalSchema = z
  .object({
    ...code.shape,
    value: z.string().nullable().describe('Canonical value; null where no other platform says anything.'),
    support: z.number().int(),
    against: z.number().int(),
    silent: z.number().int().describe('Records of which no other platform says anything.'),
    confidence: z.number().describe('Lower end of the share of records that it is right for, by 95 %.'),
    sure: z.boolean(),
    others: z.array(z.object({ value: z.string(), support: z.number().int() })),
    counter_examples: z.array(counter),
    effect: z.object({
      vanish: z.number().int().describe('Records whose code would be understood and agree.'),
      appear: z.number().int().describe('Records that would show a difference.'),
      appear_on: z.array(counter),
    }),
    yaml: z.string().describe('To be copied into plumbline.yaml.'),
  })
  .meta({ id: 'CodeProposal' })

export function codeRoutes({ ctx }: Runtime) {
  const view = (name: string) => platformView(name, ctx) ?? { name, title: name, mark: name.slice(0, 2).toUpperCase() }

  /** Reference map of a field on a platform, by the configuration. */
  function mapOf(name: string, kind: string, field: string): string | null {
    const own = ctx.config.platforms[name]
    const mapped = own?.mapping?.[kind]?.fields
    const from = mapped?.[field] ?? (field === 'state' ? mapped?.['status'] : undefined)
    return (typeof from === 'object' ? from.map : undefined) ?? own?.maps?.[`${kind}.${field}`] ?? null
  }

  const known = (groups: readonly CodeGroup[]) => groups.filter((g) => ctx.config.platforms[g.platform] !== undefined)
  const all = async () => known((await Promise.all(KINDS.map((kind) => waitingCodes(ctx.facts, kind)))).flat())

  /** Codes with an entry, of the fields that have a map on any platform. */
  async function entered(): Promise<CodeGroup[]> {
    const names = Object.keys(ctx.config.platforms)
    const found = await Promise.all(
      KINDS.map((kind) => {
        const fields = codeFields(kind).filter((f) => names.some((name) => mapOf(name, kind.name, f.name) !== null))
        return mappedCodes(
          ctx.facts,
          kind,
          fields.map((f) => f.name),
        )
      }),
    )
    return known(found.flat())
  }

  async function counts(): Promise<(c: WaitingCode) => number> {
    const rows = await unmappedFindings(ctx.facts)
    const byCode = new Map(rows.map((r) => [JSON.stringify([r.platform, r.kind, r.field, r.code]), r.n]))
    return (c) => byCode.get(JSON.stringify([c.platform, c.kind, c.field, c.code])) ?? 0
  }

  const shown = (c: WaitingCode, findings: number): z.output<typeof code> => ({
    platform: view(c.platform),
    kind: c.kind,
    field: c.field,
    code: c.code,
    map: mapOf(c.platform, c.kind, c.field),
    records: c.records,
    record_ids: c.record_ids,
    findings,
    since: c.since,
  })
  const seen = (c: { entity_id: string; platform: string; value: string }) => ({ ...c, platform: view(c.platform) })
  const answer = (schema: z.ZodType, description: string) => ({
    200: { description, content: { 'application/json': { schema: resolver(schema) } } },
  })

  return new Hono<GuardEnv>()
    .get(
      '/',
      describeRoute({
        summary: 'Codes that wait for an entry in a reference map, and codes that mean two things',
        tags: ['codes'],
        responses: answer(codesSchema, 'Most records first.'),
      }),
      requires('view'),
      async (c) => {
        const [groups, findings] = [await all(), await counts()]
        const conflicts = conflicting(await entered(), proposals(groups, ctx.landscape), ctx.landscape)
        return c.json({
          waiting: waiting(groups).map((w) => shown(w, findings(w))),
          conflicting: conflicts.map((k) => ({
            ...k,
            means: k.means.map((m) => ({ ...m, platform: view(m.platform) })),
          })),
        } satisfies z.output<typeof codesSchema>)
      },
    )
    .get(
      '/proposals',
      describeRoute({
        summary: 'What each waiting code most likely means, and what its entry would do',
        tags: ['codes'],
        responses: answer(z.array(proposalSchema), 'Most records first; nothing is ever entered by itself.'),
      }),
      requires('view'),
      async (c) => {
        const findings = await counts()
        const found = proposals(await all(), ctx.landscape)
        return c.json(
          found.map((p): z.output<typeof proposalSchema> => ({
            ...shown(p, findings(p)),
            value: p.value,
            support: p.support,
            against: p.against,
            silent: p.silent,
            confidence: p.confidence,
            sure: p.sure,
            others: p.others,
            counter_examples: p.counter_examples.map(seen),
            effect: { ...p.effect, appear_on: p.effect.appear_on.map(seen) },
            yaml: snippet(p, mapOf(p.platform, p.kind, p.field)),
          })),
        )
      },
    )
}
