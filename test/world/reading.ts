/** Reads one value as a platform in Zurich would have written it, with euros as the record's currency. */
import type { FieldTypeName } from '../../model/fields.ts'
import { readField } from '../../model/read.ts'
import type { ReadContext, Reading } from '../../model/reading.ts'

export function read(type: FieldTypeName, raw: unknown, ctx: Partial<ReadContext> & { of?: string[] } = {}): Reading {
  const { of, ...rest } = ctx
  return readField(raw, {
    field: { name: 'f', type, ...(of && { of }) },
    timezone: 'Europe/Zurich',
    country: null,
    currency: 'EUR',
    map: null,
    ...rest,
  })
}

/** The canonical value, or what else it is. */
export function valueOf(type: FieldTypeName, raw: unknown, ctx?: Parameters<typeof read>[2]): string {
  const reading = read(type, raw, ctx)
  return reading.is === 'value' ? reading.value : reading.is
}

export function keyOf(type: FieldTypeName, raw: unknown, ctx?: Parameters<typeof read>[2]): string {
  const reading = read(type, raw, ctx)
  return reading.is === 'value' ? reading.key! : reading.is
}
