/** Writers: who carries values from platform to platform, and who makes them up. */

/**
 * Names of accounts that bring values from elsewhere: integration users, middleware, scheduled jobs. A value that
 * such an account writes says where the path of a change ends, not who decided it.
 */
const CARRIER =
  /integrat|sync|api|middleware|connector|service|system|bot|batch|etl|import|mulesoft|boomi|workato|webhook|automat|interface|idoc/i

export type WriterSort = 'person' | 'carrier' | 'unknown'

/** Unknown where the platform does not tell who wrote. */
export function writerSort(name: string | null): WriterSort {
  if (name === null || name.trim() === '') return 'unknown'
  return CARRIER.test(name) ? 'carrier' : 'person'
}
