/** `reasons`: what this company calls its usual reasons, so that what people decide can be counted. */
import { z } from 'zod'

const reasons = (usual: readonly string[]) => z.array(z.string().min(3).max(200)).default([...usual])

export const reasonsSchema = z.strictObject({
  accept: reasons([
    'Agreed with the customer',
    'The platform cannot hold it',
    'Test record',
    'Corrected with the next period',
  ]).describe('Why a difference is accepted as correct.'),
  snooze: reasons([
    'Waiting for the customer',
    'Waiting for a release',
    'Waiting for the vendor of a platform',
  ]).describe('Why an issue is put off.'),
})
