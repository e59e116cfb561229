/** `ownership`, `edges`, `calendars`, `reference_maps`: who speaks for what, how fast it must travel, and in which words. */
import { z } from 'zod'
import { DAYS, duration, severity, STANDS, tolerance } from './words.ts'

/** About a map, wherever its entries are. */
const aboutMap = {
  owner: z.string().optional().describe('Who answers for this map.'),
  about: z.string().optional().describe('What it translates.'),
  case_sensitive: z.boolean().default(false).describe('True where `a` and `A` are two codes.'),
}
export const mapEntries = z
  .record(z.string(), z.record(z.string(), z.string()))
  .describe('Platform, connector, role or * → code there → canonical value.')
/** A map in a file of its own. */
export const mapFileSchema = z.strictObject({ ...aboutMap, entries: mapEntries })
export type ReferenceMap = z.output<typeof mapFileSchema>

export const referenceMapSchema = z
  .strictObject({
    ...aboutMap,
    entries: mapEntries.optional(),
    file: z
      .string()
      .optional()
      .describe(
        'Instead of entries: a YAML file with `entries`, or a CSV file with the columns platform, code, value; relative to this file.',
      ),
  })
  .refine((map) => (map.entries === undefined) !== (map.file === undefined), 'give a map either entries or a file')
  // The loader reads the file: from then on every map has its entries.
  .transform(({ entries = {}, ...map }) => ({ ...map, entries }))

export const edgeSchema = z.strictObject({
  from: z.string().optional().describe('Owner: platform or role; left out: any owner.'),
  to: z.string().optional().describe('Follower: platform or role; left out: any follower.'),
  fields: z.array(z.string()).min(1).describe('`kind`, `kind.field` or `kind.group.*` patterns; `*` for all.'),
  window: duration.optional().describe('Longest allowed propagation time.'),
  criticality: severity.optional().describe('How much a breach matters.'),
  calendar: z.string().optional().describe('Calendar whose working time counts; left out: all time counts.'),
  tolerance: tolerance.optional(),
  stands: z.enum(STANDS).optional().describe('How the follower stands to these fields.'),
})
export type EdgeConfig = z.output<typeof edgeSchema>

export const calendarSchema = z.strictObject({
  timezone: z.string().describe('IANA zone of hours and holidays.'),
  hours: z
    .partialRecord(
      z.enum(DAYS),
      z.array(
        z.string().regex(/^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'write hours like 08:00-18:00'),
      ),
    )
    .optional()
    .describe('Working hours of each day; a day that is not named is free; without `hours` every hour counts.'),
  holidays: z.array(z.iso.date('write a day like 2026-12-25')).optional().describe('Days that do not count.'),
  maintenance: z
    .array(
      z.strictObject({
        from: z.iso
          .datetime({ offset: true, error: 'write an instant like 2026-12-05T22:00:00+01:00' })
          .describe('Begin, with offset.'),
        to: z.iso
          .datetime({ offset: true, error: 'write an instant like 2026-12-06T02:00:00+01:00' })
          .describe('End, with offset.'),
      }),
    )
    .optional()
    .describe('Times that do not count because the follower is down on purpose.'),
})
export type CalendarConfig = z.output<typeof calendarSchema>

export const ownershipSchema = z.union([
  z.array(z.string()).describe('Owners in order: platforms or roles.'),
  z.strictObject({
    owners: z
      .array(z.string())
      .optional()
      .describe('Owners in order: platforms or roles; the first that holds a value speaks.'),
    by_state: z
      .record(z.string(), z.array(z.string()))
      .optional()
      .describe('Lifecycle state → owners in order while in it.'),
    followers: z.array(z.string()).optional().describe('Only these must agree; every other copy is advisory.'),
    advisory: z.array(z.string()).optional().describe('A difference there is information.'),
    gated: z.array(z.string()).optional().describe('A change there needs approval.'),
    foreign: z.array(z.string()).optional().describe('These must never write it.'),
    absent: z.array(z.string()).optional().describe('These cannot hold it; never compared.'),
    window: duration.optional().describe('Longest allowed propagation time; an edge overrides it.'),
  }),
])
export type OwnershipConfig = z.output<typeof ownershipSchema>
