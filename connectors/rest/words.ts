/** Words that the settings of a described API are made of: places in bodies, paths with names, queries. */
import { z } from 'zod'
import { isPlace } from './place.ts'

export const place = z
  .string()
  .refine(isPlace, 'write a place like customer.addresses[0].city or fields[name=Tier].value')

export const query = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({})

/** A path below base_url in which only the given names may stand in braces, and all of them must. */
export const filledPath = (names: readonly string[]) =>
  z
    .string()
    .regex(/^\/(?!\/)/, 'write a path below base_url, like /companies')
    .refine((path) => [...path.matchAll(/\{([^}]*)\}/g)].every(([, name]) => names.includes(name!)), {
      error: names.length
        ? `only ${names.map((n) => `{${n}}`).join(', ')} may stand in braces`
        : 'nothing may stand in braces here',
    })
    .refine((path) => names.every((name) => path.includes(`{${name}}`)), {
      error: `write ${names.map((n) => `{${n}}`).join(', ')} where it goes`,
    })
