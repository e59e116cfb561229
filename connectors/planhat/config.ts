/** Settings of a Planhat tenant. */
import { z } from 'zod'
import { secret } from '../secret.ts'

const path = z.string().min(1).max(120)
const paths = z.record(z.string(), path).default({})

const model = z.strictObject({
  fields: paths.describe(
    'Canonical field → property (`phase`, `custom.Credit hold`). The configured one is then its only source.',
  ),
  without: z
    .array(z.string())
    .default([])
    .describe('Canonical fields that the usual properties hold and that are not kept here.'),
  refs: paths.describe('Platform or role → property that holds that platform’s id.'),
  custom: paths.describe('Further fields → property; checks name them custom.<name>.'),
  status: path
    .optional()
    .describe('The property that holds the status word; left out: the usual one, where there is one.'),
  external_id: z.string().optional().describe('Platform or role whose id stands in `externalId`.'),
  source_id: z.string().optional().describe('Platform or role whose id stands in `sourceId`, usually the CRM.'),
})

export const MODEL_NAMES = ['companies', 'endusers', 'licenses', 'tickets', 'projects'] as const

export const configSchema = z.strictObject({
  base_url: z
    .url()
    .default('https://api.planhat.com')
    .describe('Address of the API; `https://api-eu.planhat.com` for some tenants.'),
  token: secret('Personal or private app access token.'),
  companies: model.prefault({}).describe('Companies: customers.'),
  endusers: model.prefault({}).describe('End users: contacts.'),
  licenses: model.prefault({}).describe('Licenses: subscriptions.'),
  tickets: model.prefault({}).describe('Tickets: cases.'),
  projects: model.prefault({}).describe('Projects: onboardings.'),
  skip: z.array(z.enum(MODEL_NAMES)).default([]).describe('Models that are not read.'),
  sort: z
    .string()
    .nullable()
    .default('_id')
    .describe(
      'Property by which lists are ordered, so that no row is lost when others go; null: lists come as they are.',
    ),
  links: z
    .record(z.string(), z.string().includes('{id}'))
    .default({})
    .describe('Kind → address of a record in your tenant, with `{id}` for its id.'),
  write: z
    .strictObject({})
    .optional()
    .describe('Allows approved plans to write to this tenant: `{}`. Left out: it is only read.'),
})

export type PlanhatConfig = z.output<typeof configSchema>
export type ModelConfig = PlanhatConfig['companies']
