/** A Stripe stream: what tells one kind of object apart from the next; reading is the same for all (read.ts). */
import type { ConnectorContext, MapContext, RawRow } from '../../contract.ts'
import type { RawRecord } from '../../../model/record.ts'
import type { StripeConfig } from '../config.ts'
import type { Sighting, StripeObject } from '../object.ts'

export interface ObjectStream {
  name: string
  kind: string
  source: string
  holds: readonly string[]
  deletes: 'tombstone' | 'sweep'
  /** `/v1/customers`; below it one object by its id. */
  path(config: StripeConfig): string
  /** Parts that Stripe puts in place of ids, written as for one object; lists prefix `data.`. */
  expand?(config: StripeConfig): readonly string[]
  /** Further parameters of the list (`status: all`). */
  list?: Record<string, string>
  /** False where the list cannot be filtered by `created`. */
  byCreated: boolean
  /** Event types that say that an object of this stream changed; at most 20, Stripe's own limit. */
  events: readonly string[]
  /** Id of the stream's object that an event is about; null: none of ours. */
  subject(object: StripeObject, type: string, config: StripeConfig): string | null
  /** The event type that says that its subject is gone. */
  gone?(config: StripeConfig): string
  /** Restricted-key permission that reading needs. */
  permission: string
  /** One object as rows; the object itself unless the stream yields its parts. */
  rows?(ctx: ConnectorContext<StripeConfig>, object: StripeObject, sighting: Sighting): Promise<RawRow[]>
  map(row: RawRow, ctx: MapContext<StripeConfig>): RawRecord
  /** Path of one record where it is not `path/id`; null: a record cannot be read by itself. */
  onePath?: ((id: string) => string) | null
}
