/** A duration: `90s`, `15m`, `4h`, `7d`, as milliseconds. */

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Ten years: a longer window is a slip of the pen, and calendars walk day by day. */
export const DURATION_MAX_MS = 3650 * UNIT_MS.d

/** Null when the text is no duration; callers that parsed the configuration may rely on a number. */
export function durationMs(text: string): number | null {
  const match = /^(\d{1,12})(ms|s|m|h|d)$/.exec(text)
  if (!match) return null
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS]
}
