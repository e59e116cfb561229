/** The draft: how far the set-up of this company is. Kept after every step, so that it goes on where somebody left it; never a secret. */
import { z } from 'zod'
import { name, ROLES } from '../config/words.ts'
import type { ControlStore } from '../store/control/control.ts'

export const STEPS = ['stages', 'platforms', 'owners', 'review', 'differences'] as const

const dotted = z.string().regex(/^[a-z0-9_]+(\.[a-z0-9_]+)*$/i)

export const platformDraftSchema = z.strictObject({
  name,
  connector: z.string().max(63),
  role: z.enum(ROLES),
  title: z.string().trim().max(100).default(''),
  environment: z.string().trim().max(40).default(''),
  timezone: z.string().trim().max(60).default(''),
  /** On-premise platforms stand on private addresses, which are refused otherwise. */
  allow_private_network: z.boolean().default(false),
  /** Settings of the connector; secrets are references alone. */
  config: z.record(z.string(), z.unknown()).default({}),
  /** Settings that no form shows: place → YAML. */
  yaml: z.record(dotted, z.string().max(50_000)).default({}),
  /** What the last look at the platform found; null: nobody looked. */
  seen: z
    .strictObject({
      ok: z.boolean(),
      says: z.string().max(2_000),
      missing_scopes: z.array(z.string().max(200)).max(100),
      remedy: z.string().max(2_000).nullable(),
      kinds: z.array(z.string().max(40)).max(100).describe('Canonical kinds that it keeps.'),
    })
    .nullable()
    .default(null),
})
export type PlatformDraft = z.output<typeof platformDraftSchema>

export const draftSchema = z
  .strictObject({
    step: z.enum(STEPS).default('stages'),
    company: z.string().trim().max(100).default(''),
    /** Stages that the company does not have. */
    without: z.array(z.string().max(40)).max(20).default([]),
    /** Line of a stage → role that speaks for it; left out: the usual one. */
    roles: z.record(z.string().max(40), z.enum(ROLES)).default({}),
    platforms: z.array(platformDraftSchema).max(20).default([]),
    /** Line of the ownership matrix → platform that speaks for it. */
    owners: z.record(z.string().regex(/^[a-z_]+(\.[a-z0-9_.*]+)?$/), name).default({}),
  })
  .meta({ id: 'SetUpDraft' })
export type Draft = z.output<typeof draftSchema>

const KEY = 'set-up draft'

/** What was kept; null before the first step, and where a newer version of the product left something else. */
export function keptDraft(control: Pick<ControlStore, 'get'>): Draft | null {
  const kept = control.get(KEY)
  const read = kept ? draftSchema.safeParse(JSON.parse(kept)) : null
  return read?.success ? read.data : null
}

export const keepDraft = (control: Pick<ControlStore, 'set'>, draft: Draft | null): void =>
  control.set(KEY, draft === null ? '' : JSON.stringify(draft))
