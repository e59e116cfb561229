/** Back-fills as the API tells of them: the cost of a range first, then a job that can be watched and stopped. */
import type { InferResponseType } from 'hono/client'
import { asked } from './asked.ts'
import { v1 } from './client.ts'

export type BackfillCost = InferResponseType<(typeof v1.connectors)[':platform']['backfill']['$post'], 200>
export type BackfillJob = InferResponseType<(typeof v1.backfills)[':id']['$get'], 200>

export interface BackfillSpan {
  from: string
  to: string
  streams?: string[]
}

export const backfills = {
  cost: (platform: string, span: BackfillSpan) =>
    asked<BackfillCost>(
      v1.connectors[':platform'].backfill.$post({ param: { platform }, json: { ...span, dry_run: true } }),
    ),
  begin: (platform: string, span: BackfillSpan) =>
    asked<BackfillJob>(v1.backfills[':platform'].$post({ param: { platform }, json: span })),
  all: (platform: string) => asked<BackfillJob[]>(v1.backfills.$get({ query: { platform } })),
  get: (id: string) => asked<BackfillJob>(v1.backfills[':id'].$get({ param: { id } })),
  stop: (id: string) => asked<BackfillJob>(v1.backfills[':id'].$delete({ param: { id } })),
}
