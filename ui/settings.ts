/** What settings ask the API for beyond lists: an ownership line tried, what is masked, for how long things are kept, and what is held. */
import type { InferRequestType, InferResponseType } from 'hono/client'
import { asked } from './asked.ts'
import { v1 } from './client.ts'

export type OwnershipWhatIf = InferResponseType<(typeof v1.ownership)['what-if']['$post'], 200>
export type Privacy = InferResponseType<typeof v1.privacy.$get, 200>
export type Retention = InferResponseType<typeof v1.retention.$get, 200>
export type RetentionPreview = InferResponseType<typeof v1.retention.preview.$get, 200>
export type DataClass = Retention['classes'][number]['class']
export type LegalHold = InferResponseType<(typeof v1)['legal-holds']['$get'], 200>['holds'][number]
type NewHold = InferRequestType<(typeof v1)['legal-holds']['$post']>['json']
/** Whose holds are asked for; nothing: all, also those that were lifted. */
export interface Held {
  customer?: string
  issue?: string
}

export const settings = {
  whatIf: (json: { fields: string; owners: string[] }) =>
    asked<OwnershipWhatIf>(v1.ownership['what-if'].$post({ json })),
  privacy: () => asked<Privacy>(v1.privacy.$get()),
  retention: () => asked<Retention>(v1.retention.$get()),
  /** `keep`: another term than the configuration's. Removes nothing. */
  previewRemoval: (of: DataClass, keep?: string) =>
    asked<RetentionPreview>(v1.retention.preview.$get({ query: { class: of, ...(keep && { keep }) } })),
  removeNow: (of: DataClass, reason: string) =>
    asked<{ removed: { rows: number }[] }>(v1.retention.removals.$post({ json: { class: of, reason } })),
  holds: async (of: Held = {}) => (await asked<{ holds: LegalHold[] }>(v1['legal-holds'].$get({ query: of }))).holds,
  placeHold: (json: NewHold) => asked<LegalHold>(v1['legal-holds'].$post({ json })),
  liftHold: (id: number, reason: string) =>
    asked<LegalHold>(v1['legal-holds'][':id'].lift.$post({ param: { id: String(id) }, json: { reason } })),
}
