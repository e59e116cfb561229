/** A check's YAML document: the keys that all checks share. What else it holds belongs to its kind. */
import { z } from 'zod'
import { AMOUNT_BASES } from '../../model/exposure.ts'
import { CATEGORIES, SEVERITIES } from '../../model/verdict.ts'
import { duration } from '../config/words.ts'

const words = z.string().trim().min(1)

export const exampleSchema = z.strictObject({
  name: words.describe('What the example shows, as a sentence.'),
  at: z.iso.datetime({ offset: true }).describe('Instant at which the check looks.'),
  platforms: z
    .record(
      z.string(),
      z.strictObject({
        role: z.string(),
        scope: z.record(z.string(), z.array(z.string())).optional(),
        timezone: z.string().optional(),
        keeps: z.array(z.string()).optional(),
      }),
    )
    .describe('Platform name → role, with scope where it matters.'),
  records: z
    .array(z.record(z.string(), z.unknown()))
    .describe('Canonical records: platform, kind, record_id, then fields.'),
  findings: z
    .array(z.record(z.string(), z.unknown()))
    .describe('A part of each finding that must be found, and no other; empty: nothing.'),
  complete_through: z
    .record(z.string(), z.iso.datetime({ offset: true }).nullable())
    .optional()
    .describe('Platform or platform.kind → read through this instant; default: `at`.'),
  learned: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('What collecting has learned: `shape <platform>/<stream>`, `volume <platform>/<stream>`.'),
  config: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('Further keys of plumbline.yaml: ownership, edges, calendars, money, reference maps.'),
})

/** Keys of every check. The kind's own keys stand beside them in the same document. */
export const commonSchema = z.strictObject({
  title: words.describe('What is wrong when the check finds something, in one sentence.'),
  why: words.describe('Why it matters: what it costs whom.'),
  fix: words.describe('Runbook in Markdown: what to do about a finding.'),
  kind: words.describe('Check kind.'),
  severity: z.enum(SEVERITIES),
  category: z.enum(CATEGORIES).optional().describe('Category of its findings; default: that of the kind.'),
  owner: words.describe('Team that answers for it.'),
  window: duration.optional().describe('Overrides the window of the edge.'),
  tolerance: z.string().optional().describe('Overrides the tolerance of the edge: `0.01`, `2%` or `1d`.'),
  remedy: words.optional().describe('Action that corrects it.'),
  money: z
    .enum(AMOUNT_BASES)
    .optional()
    .describe(
      'What its amounts rest on, where the rules by category and kind say otherwise: `confirmed` or `estimated`.',
    ),
  examples: z.array(exampleSchema).min(2, 'give at least one example that finds nothing and one that finds something'),
})
export type CommonDocument = z.output<typeof commonSchema>

export const COMMON_KEYS: readonly string[] = Object.keys(commonSchema.shape)
