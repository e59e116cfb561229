/** Settled lags: measured from versions that retention has removed since; they stay as they were measured. Pure. */
import type { LagRow } from '../../store/facts/lag.ts'

export interface Settled {
  /** False: its versions are not whole any more, so what would be measured now says less than what is known. */
  mayWrite(row: LagRow, known: LagRow | undefined): boolean
  mayTakeBack(row: LagRow): boolean
}

/** @param since instant (epoch ms) before which versions may be missing; null: all are there */
export function settledBefore(since: number | null): Settled {
  const old = (r: LagRow) => since !== null && Date.parse(r.changed_at) < since
  return {
    // What still waits has its versions, or is told by those that came since.
    mayWrite: (row, known) => !old(row) || (known !== undefined && known.agreed_at === null),
    mayTakeBack: (row) => !old(row),
  }
}
