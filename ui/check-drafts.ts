/** Drafts of checks and their coverage, as the API tells of them. */
import type { InferResponseType } from 'hono/client'
import { asked } from './asked.ts'
import { v1 } from './client.ts'

export type Coverage = InferResponseType<typeof v1.checks.coverage.$get, 200>
export type CheckDraft = InferResponseType<(typeof v1.checks.drafts)[':family'][':id']['$get'], 200>
export type EditedCheck = InferResponseType<typeof v1.checks.drafts.read.$post, 200>
export type CheckPreview = InferResponseType<typeof v1.checks.drafts.preview.$post, 200>
export type CheckKind = InferResponseType<typeof v1.checks.drafts.kinds.$get, 200>[number]

const named = (check: string) => {
  const [family = '', id = ''] = check.split('/')
  return { family, id }
}

export const drafts = {
  coverage: () => asked<Coverage>(v1.checks.coverage.$get()),
  kinds: () => asked<CheckKind[]>(v1.checks.drafts.kinds.$get()),
  read: (json: { id: string; yaml: string; set?: Record<string, string> }) =>
    asked<EditedCheck>(v1.checks.drafts.read.$post({ json })),
  preview: (json: { id: string; yaml: string }) => asked<CheckPreview>(v1.checks.drafts.preview.$post({ json })),
  get: (id: string) => asked<CheckDraft>(v1.checks.drafts[':family'][':id'].$get({ param: named(id) })),
  save: (id: string, json: { yaml: string; shadow: boolean }) =>
    asked<CheckDraft>(v1.checks.drafts[':family'][':id'].$put({ param: named(id), json })),
  drop: (id: string) => asked<CheckDraft>(v1.checks.drafts[':family'][':id'].$delete({ param: named(id) })),
  publish: (id: string, reason: string) =>
    asked<CheckDraft>(v1.checks.drafts[':family'][':id'].publish.$post({ param: named(id), json: { reason } })),
}
