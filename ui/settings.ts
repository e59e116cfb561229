/** What settings ask the API for beyond lists: an ownership line tried, what is masked and kept. */
import type { InferResponseType } from 'hono/client'
import { asked } from './asked.ts'
import { v1 } from './client.ts'

export type OwnershipWhatIf = InferResponseType<(typeof v1.ownership)['what-if']['$post'], 200>
export type Privacy = InferResponseType<typeof v1.privacy.$get, 200>

export const settings = {
  whatIf: (json: { fields: string; owners: string[] }) =>
    asked<OwnershipWhatIf>(v1.ownership['what-if'].$post({ json })),
  privacy: () => asked<Privacy>(v1.privacy.$get()),
}
