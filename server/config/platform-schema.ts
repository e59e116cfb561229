/** `platforms`: one configured account of one vendor, what it speaks for and how it is read. */
import { z } from 'zod'
import { maintenanceSchema } from './time-schema.ts'
import { duration, kindName, ROLES, schedule } from './words.ts'

const scope = z
  .strictObject({
    legal_entity: z.array(z.string()).optional().describe('Our own companies whose records this platform speaks for.'),
    region: z.array(z.string()).optional().describe('Regions whose records this platform speaks for.'),
    brand: z.array(z.string()).optional().describe('Brands whose records this platform speaks for.'),
  })
  .describe('Which records this platform speaks for; left out: all.')

const fieldMapping = z.union([
  z.string().describe('Name of the platform’s own field or column.'),
  z.strictObject({
    from: z.string().optional().describe('Name of the platform’s own field or column; dots go into objects.'),
    value: z.string().optional().describe('A constant instead of a field.'),
    map: z.string().optional().describe('Reference map that translates the platform’s codes.'),
    timezone: z
      .string()
      .optional()
      .describe('IANA zone of this field’s stamps without an offset; default: the platform’s.'),
  }),
])

const mapping = z.strictObject({
  fields: z
    .record(z.string(), fieldMapping)
    .optional()
    .describe('Canonical field → where it comes from; adds to or overrides what the connector maps.'),
  custom: z.record(z.string(), fieldMapping).optional().describe('Further fields; checks name them custom.<name>.'),
  refs: z
    .record(z.string(), fieldMapping)
    .optional()
    .describe('Platform or role → the field that holds that platform’s id.'),
  cannot_hold: z
    .array(z.string())
    .optional()
    .describe('Canonical fields that this platform cannot hold and that must never be compared with it.'),
})

export const platformSchema = z.strictObject({
  connector: z.string().describe('Folder name below connectors/.'),
  role: z.enum(ROLES).describe('What the platform is in the customer lifecycle.'),
  title: z.string().optional().describe('Name for people; default: the platform’s name.'),
  scope: scope.optional(),
  timezone: z.string().default('UTC').describe('IANA zone of stamps without an offset.'),
  environment: z
    .string()
    .default('production')
    .describe('Shown beside the platform, so that a sandbox is never taken for production.'),
  config: z.record(z.string(), z.unknown()).default({}).describe('The connector’s own settings; see its README.'),
  streams: z.array(z.string()).optional().describe('Streams to read; default: all the connector has.'),
  mapping: z
    .partialRecord(kindName, mapping)
    .optional()
    .describe('Kind → how its fields are read, where the connector’s own mapping is not enough.'),
  maps: z
    .record(z.string(), z.string())
    .optional()
    .describe('Canonical `kind.field` → reference map for this platform’s codes.'),
  owns: z
    .array(z.string())
    .optional()
    .describe(
      'Kinds or `kind.field` that this platform owns against the matrix; where it has no value, the matrix speaks.',
    ),
  collect: schedule.optional().describe('When to read changes; default: schedules.collect.'),
  sweep: schedule.optional().describe('When to enumerate everything; default: schedules.sweep.'),
  maintenance: z
    .array(maintenanceSchema)
    .optional()
    .describe('Times at which the platform is down on purpose: they extend every window in which it must follow.'),
  budget: z
    .strictObject({
      calls: z.number().int().positive().describe('Calls that we may make in one window.'),
      per: duration.describe('Length of the window.'),
      reserve: z
        .number()
        .min(0)
        .max(0.95)
        .optional()
        .describe('Share of the platform’s budget left to everybody else, 0 to 0.95; default: the connector’s.'),
    })
    .optional()
    .describe('Our share of the platform’s call budget; default: the connector’s.'),
  mass_disappearance: z
    .number()
    .min(0)
    .max(1)
    .default(0.2)
    .describe('Share of a stream that may vanish in one sweep before it stops and asks.'),
  allow_private_network: z
    .boolean()
    .default(false)
    .describe('Allow loopback and private addresses: on-premise platforms and the laboratory.'),
})
export type PlatformConfig = z.output<typeof platformSchema>
