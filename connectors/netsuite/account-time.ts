/** Account time: SuiteQL writes and compares stamps as wall clocks of the account, without an offset. */
import { instantOf, offsetAt } from '../../model/zone.ts'

/** Oracle's format of every stamp that is asked for or compared with. */
export const STAMP_FORMAT = 'YYYY-MM-DD HH24:MI:SS'
const STAMP = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/
/** Longer than clocks are ever put back. */
const FOLD_MS = 3 * 3_600_000

/** The wall clock at an instant, to the second. */
export function wallClock(ms: number, timezone: string): string {
  return written(ms + offsetAt(timezone, ms))
}

/**
 * From which wall clock on to read so that nothing changed since an instant is missed. Where clocks were put back
 * in between, the same hour was shown twice, and changes of the second showing look older than they are.
 */
export function wallClockSince(since: number, now: number, timezone: string): string {
  return written(since + Math.min(offsetAt(timezone, since), offsetAt(timezone, now)))
}

/** The second after, by the digits: across a change of clocks the next instant may show an earlier time. */
export function nextSecond(stamp: string): string {
  return written(Date.parse(`${stamp.replace(' ', 'T')}Z`) + 1000)
}

function written(local: number): string {
  return new Date(local).toISOString().slice(0, 19).replace('T', ' ')
}

/**
 * The instant a stamp means; null if it is no stamp. Of an hour that was shown twice it is the earlier showing, or
 * the later one where that is over by `read`: a change then never seems older than what was read before it.
 */
export function instantAt(stamp: unknown, timezone: string, read = Number.NEGATIVE_INFINITY): number | null {
  if (typeof stamp !== 'string' || !STAMP.test(stamp)) return null
  const local = Date.parse(`${stamp.replace(' ', 'T')}Z`)
  // 30 February rolls over silently; a stamp that does not read back the same is none.
  if (Number.isNaN(local) || written(local) !== stamp) return null
  const early = instantOf(timezone, local)
  const late = local - offsetAt(timezone, early + FOLD_MS)
  return late > early && late <= read && late + offsetAt(timezone, late) === local ? late : early
}
