/** The configuration: every key of plumbline.yaml, with its meaning, unit and default. The JSON Schema for editors is generated from it. */
import { z } from 'zod'
import { kindOf } from '../../model/kinds.ts'
import { secret } from '../../connectors/secret.ts'
import { alertsSchema } from './alerts-schema.ts'
import { channelSchema, recipientSchema } from './channels-schema.ts'
import { intakeSchema } from './intake-schema.ts'
import { platformSchema } from './platform-schema.ts'
import { reasonsSchema } from './reasons-schema.ts'
import { archiveSchema, reportsSchema } from './reports-schema.ts'
import { remedySchema } from './remedy-schema.ts'
import { retentionSchema } from './retention-schema.ts'
import { calendarSchema, edgeSchema, ownershipSchema, referenceMapSchema } from './rules-schema.ts'
import { objectivesSchema } from './time-schema.ts'
import { currencyCode, decimal, duration, kindName, name, schedule, severity, tolerance } from './words.ts'
import { linkerSchema } from './linker-schema.ts'

export { platformSchema } from './platform-schema.ts'
export type { PlatformConfig } from './platform-schema.ts'
export { calendarSchema, edgeSchema } from './rules-schema.ts'
export type { MaintenanceConfig, ObjectivesConfig } from './time-schema.ts'
export type { CalendarConfig, EdgeConfig, OwnershipConfig, ReferenceMap } from './rules-schema.ts'
export { duration, ROLES, STANDS } from './words.ts'
export type { Role, Stands } from './words.ts'

const checkOverride = z.strictObject({
  severity: severity.optional().describe('Instead of the check’s own.'),
  window: duration.optional().describe('Instead of the edge’s.'),
  owner: z.string().optional().describe('Team that gets its findings.'),
  tolerance: tolerance.optional(),
  on: z
    .array(z.string())
    .min(1)
    .optional()
    .describe(
      'Roles and platforms that must have it, instead of the check’s own. Of a role one platform is enough; name each that must have it.',
    ),
})

const lawField = z.string().refine((field) => kindOf('customer').fields.some((f) => f.name === field), {
  error: 'a customer has no such field',
})
const lawSeverity = z.union([severity, z.literal('off')])

export const configSchema = z.strictObject({
  company: z.string().default('Our company').describe('Name shown in the dashboard.'),
  data: z
    .string()
    .optional()
    .describe('Data folder, relative to this file; default ./data of the working folder, or --data.'),
  clickhouse: z
    .strictObject({
      url: z.url('write an address like http://clickhouse:8123').describe('Address of the HTTP interface.'),
      user: z.string().optional().describe('User; default: `default`.'),
      password: secret('Password of the user.').optional(),
      database: z.string().default('plumbline').describe('Database that holds our tables.'),
    })
    .optional()
    .describe('A ClickHouse server instead of the embedded engine; CLICKHOUSE_URL does the same.'),
  memory: z
    .strictObject({
      max_query_mb: z
        .number()
        .int()
        .positive()
        .default(2048)
        .describe('Most memory that one query may take, in megabytes.'),
      max_engine_mb: z
        .number()
        .int()
        .min(512, 'the engine needs 512 MB at least')
        .default(4096)
        .describe('Most memory that the whole embedded engine may take, its caches included, in megabytes.'),
    })
    .prefault({})
    .describe('Limits of the embedded engine.'),
  server: z
    .strictObject({
      host: z.string().default('127.0.0.1').describe('Address to listen on.'),
      port: z.number().int().min(0).max(65535).default(7117).describe('Port to listen on; 0: any free one.'),
      public_url: z
        .url('write an address like https://plumbline.example.com')
        .optional()
        .describe('Address people use, where a proxy stands in front.'),
      set_up: z
        .boolean()
        .default(true)
        .describe('Administrators may write this file from the dashboard (the guided set-up); false: by hand alone.'),
    })
    .prefault({})
    .describe('Dashboard and API.'),
  platforms: z.record(name, platformSchema).default({}).describe('Name → a platform account that is read.'),
  ownership: z
    .record(z.string(), ownershipSchema)
    .default({})
    .describe(
      '`kind`, `kind.field` or `kind.group.*` → owners, overriding the shipped matrix; the most specific wins.',
    ),
  edges: z
    .array(edgeSchema)
    .default([])
    .describe('Exceptions from the propagation windows that follow from the class of a field.'),
  calendars: z.record(name, calendarSchema).default({}).describe('Name → working time.'),
  objectives: objectivesSchema
    .prefault({})
    .describe('How well propagation windows must be kept: targets, error budget and burn rates.'),
  reference_maps: z.record(name, referenceMapSchema).default({}).describe('Name → translation of codes.'),
  issuer: z
    .record(z.string(), z.string())
    .default({})
    .describe('Legal entity (or *) → platform or role that issues its invoices; default erp.'),
  identity: z
    .partialRecord(
      kindName,
      z.strictObject({
        keys: z
          .array(z.array(z.string()).min(1))
          .optional()
          .describe('Exact keys in order of strength: each a list of fields that must all be equal.'),
        linker: linkerSchema
          .prefault({})
          .describe('What weighed evidence proposes where no exact key decides (customer, contact, product).'),
      }),
    )
    .default({})
    .describe('Kind → how its records are recognised over platforms, instead of the shipped keys.'),
  checks: z
    .strictObject({
      folders: z
        .array(z.string())
        .default([])
        .describe('Folders of further checks, beside the shipped ones; relative to this file.'),
      disable: z.array(z.string()).default([]).describe('Checks that are not run, by id.'),
      override: z.record(z.string(), checkOverride).default({}).describe('Check id → what is different here.'),
    })
    .prefault({})
    .describe('Which checks run, and how.'),
  compliance: z
    .record(
      z.string().regex(/^([A-Z]{2}|\*)$/, 'write a country like DE, or * for all'),
      z.record(lawField, lawSeverity),
    )
    .default({})
    .describe(
      'Country (or *) → field of a customer → `off`, or how much its lack matters: changes what the shipped rules ask for.',
    ),
  money: z
    .strictObject({
      reporting_currency: currencyCode.default('EUR').describe('Currency in which exposure is ranked.'),
      rates: z
        .array(
          z.strictObject({
            on: z.iso.date('write a day like 2026-12-25').describe('First day of these rates.'),
            rates: z
              .record(currencyCode, decimal)
              .describe('Currency → what one unit is worth in the reporting currency.'),
          }),
        )
        .default([])
        .describe('Dated rates: units of the reporting currency per unit of each currency.'),
    })
    .prefault({})
    .describe('How amounts in several currencies are ranked; they are never added up without a rate.'),
  channels: z.record(name, channelSchema).default({}).describe('Name → a way over which something can be told.'),
  recipients: z.record(name, recipientSchema).default({}).describe('Name → a team or person that can be told.'),
  alerts: alertsSchema.prefault({}).describe('Who is told of what, and when.'),
  reasons: reasonsSchema.prefault({}).describe('Usual reasons that people choose from when they decide.'),
  remedy: remedySchema.prefault({}).describe('Fixing: who approves what, how fast, and what may run by itself.'),
  schedules: z
    .strictObject({
      timezone: z.string().default('UTC').describe('IANA zone of all schedules.'),
      collect: schedule.default('*/5 * * * *').describe('When to read changes.'),
      sweep: schedule.default('17 3 * * *').describe('When to enumerate everything, to find what changes never tell.'),
      check: schedule.default('*/5 * * * *').describe('When to look for drift in what changed.'),
      full: schedule
        .default('37 4 * * *')
        .describe('Full pass of all checks; must find what the incremental ones find.'),
    })
    .prefault({})
    .describe('When things happen.'),
  reports: reportsSchema.default({}).describe('Name → a drift report on a schedule.'),
  archive: archiveSchema.prefault({}).describe('How long what was sent is kept.'),
  retention: retentionSchema
    .prefault({})
    .describe('How long everything else is kept; without a term it stays. What is still needed or held stays anyway.'),
  intake: intakeSchema
    .prefault({})
    .describe('What is sent to us: webhooks, CloudEvents, traces, and how much of it may wait.'),
  telemetry: z
    .strictObject({
      otlp_endpoint: z
        .url('write an address like http://collector:4318')
        .optional()
        .describe('OTLP/HTTP address that traces and metrics are sent to; left out: nothing is sent.'),
      service_name: z.string().default('plumbline').describe('service.name of traces and metrics.'),
    })
    .prefault({})
    .describe('Our own traces and metrics.'),
})

/** As `loadConfig` gives it, with the entries of reference-map files read in. */
export type Config = z.output<typeof configSchema>
