/**
 * What remediation reaches through: the platforms and the other stages, as round.ts puts them together. A stage knows no
 * other stage; this is the hole in the wall, and tests put a platform of their own behind it.
 */
import type { Action, ActionName, ActionRequest, Standing } from '../../connectors/action.ts'
import type { ConnectorContext, RawRow } from '../../connectors/contract.ts'
import type { CanonicalRecord, Subject } from '../../model/record.ts'

export interface ReachedAction {
  action: Action<never>
  config: never
  /** In the lane of writes: below what reads and verifies. */
  context(): ConnectorContext<never>
  /** The row in canonical words, by the stream's own mapping. */
  read(row: RawRow): Promise<CanonicalRecord>
}

export interface Reach {
  /** Null: the platform cannot be told to do that. `target:<name>`: a configured target of replays. */
  action(platform: string, name: ActionName, kind: string): ReachedAction | null
  /** Why the platform can never be told to do that, in its connector's words; null: nothing is said. */
  refuses(platform: string, name: ActionName): string | null
  /** The record as its platform has it now; null where it cannot be asked for one record. */
  record(subject: Subject): Promise<{ record: CanonicalRecord | null } | null>
  /** Reads these again and stores what came, as collecting does. */
  readAgain(subjects: readonly Subject[]): Promise<void>
  /** Days the platform keeps events for replay; null: none. */
  replayDays(platform: string): number | null
  /** Calls that are left in the platform's window, and when it is full again; null: not known. */
  budget(platform: string): { remaining: number | null; perSecond: number } | null
}

/** What the platform says of the record now, with the row read; null: no such record. */
export async function lookAt(
  reached: ReachedAction,
  request: ActionRequest,
): Promise<{ standing: Standing; record: CanonicalRecord | null }> {
  const standing = await reached.action.look(reached.context(), request)
  return { standing, record: standing.row === null ? null : await reached.read(standing.row) }
}
