/** Simulated time: whole seconds UTC, because several vendors keep no finer stamps. */

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

export const wholeSecond = (ms: number): number => Math.floor(ms / SECOND) * SECOND
export const instant = (ms: number): string => new Date(ms).toISOString()
export const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
export const startOfDay = (date: string): number => Date.parse(`${date}T00:00:00.000Z`)

/** The same day `months` later. Days beyond 28 are never used in the laboratory, so every month has it. */
export function addMonths(date: string, months: number): string {
  const at = new Date(startOfDay(date))
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + months, at.getUTCDate())).toISOString().slice(0, 10)
}

export function addDays(date: string, days: number): string {
  return day(startOfDay(date) + days * DAY)
}

/** Day an invoice falls due by its payment terms. */
export function dueOn(issuedOn: string, terms: string): string {
  const net = /^net_(\d+)$/.exec(terms)
  if (net) return addDays(issuedOn, Number(net[1]))
  const endOfMonth = /^eom_(\d+)$/.exec(terms)
  if (endOfMonth) return addDays(addDays(addMonths(`${issuedOn.slice(0, 7)}-01`, 1), -1), Number(endOfMonth[1]))
  return issuedOn
}
