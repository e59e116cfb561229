/** Days as instants: Stripe knows only Unix seconds, people agree on days. */
import { instantFrom } from '../../model/types/instant.ts'
import { cannot } from '../mark.ts'

/**
 * First instant of a day in a zone, Unix seconds.
 * @param later so many days after it
 */
export function startOfDay(day: string, zone: string, later = 0): number {
  const at = new Date(`${day}T00:00:00Z`)
  at.setUTCDate(at.getUTCDate() + later)
  const found = Number.isNaN(at.getTime()) ? null : instantFrom(`${at.toISOString().slice(0, 10)}T00:00:00`, zone)
  if (found === null || typeof found !== 'object') throw cannot(`“${day.slice(0, 20)}” is no day.`)
  return Math.floor(found.at / 1000)
}
