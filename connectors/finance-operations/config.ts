/** Settings of a Finance & Operations environment: where it is, which of its companies are read, and what its entities mean. */
import { z } from 'zod'
import { hasKind } from '../../model/kinds.ts'
import { noticeRules } from '../notice.ts'
import { secret } from '../secret.ts'

const property = z.string().regex(/^[A-Za-z][A-Za-z0-9_]*$/, 'write the name of a property of the data entity')
const entitySet = z.string().regex(/^[A-Za-z][A-Za-z0-9_]*$/, 'write the name of an entity set, such as CustomersV3')
const properties = z.record(z.string(), property).default({})

const entity = z.strictObject({
  kind: z
    .string()
    .refine(hasKind, 'there is no such canonical kind')
    .optional()
    .describe('Canonical kind; needed for entities that the connector does not know.'),
  keys: z
    .array(property)
    .min(1)
    .optional()
    .describe('Key properties without dataAreaId, in the order of the key; needed for entities that it does not know.'),
  fields: properties.describe('Canonical field → property; adds to or replaces what is shipped.'),
  refs: properties.describe('Platform or role → property that holds that platform’s id.'),
  custom: properties.describe('Further fields → property; checks name them custom.<name>.'),
  key: property
    .optional()
    .describe('Property for our key in records that we make; left out: they are made by an id of `refs`.'),
  status: property.optional().describe('Property whose word becomes the state through a reference map.'),
  modified: property
    .optional()
    .describe(
      'Property with the time of the last change, where the entity has one; left out: it is read whole each time.',
    ),
  read_only: z.array(property).default([]).describe('Properties that are never written.'),
})
export type EntityConfig = z.output<typeof entity>

export const configSchema = z.strictObject({
  url: z.url().describe('Address of the environment, https://acme.operations.dynamics.com.'),
  login_url: z.url().default('https://login.microsoftonline.com').describe('Address of Entra ID.'),
  tenant: z.string().min(1).describe('Entra tenant: its GUID or domain.'),
  client_id: z
    .string()
    .min(1)
    .describe('Application (client) id, registered in the environment with a user of its own.'),
  client_secret: secret('Client secret of the application.'),
  companies: z
    .array(z.string().regex(/^[A-Za-z0-9_]{1,4}$/, 'write the id of a legal entity, such as usmf'))
    .default([])
    .describe('Legal entities (dataAreaId) that are read; empty: all that the application’s user may see.'),
  currencies: z
    .record(z.string(), z.string().regex(/^[A-Z]{3}$/, 'write a currency such as EUR'))
    .default({})
    .describe('Legal entity → its accounting currency, which sales prices are in; left out: its prices are not read.'),
  entities: z
    .record(entitySet, entity)
    .default({})
    .describe('Entity set → what it means here. Naming an entity reads it.'),
  skip: z.array(z.string()).default([]).describe('Streams that are read by default but not in this environment.'),
  rescan_minutes: z
    .int()
    .min(5)
    .max(1440)
    .default(30)
    .describe('How often an entity without a change time is read whole, in minutes.'),
  webhook: z
    .strictObject({
      parameter: z.string().min(1).default('code').describe('Parameter of the address that holds the secret.'),
      secrets: z
        .array(secret('Secret in the address of the endpoint.'))
        .min(1)
        .max(10)
        .describe('Secrets that are let in; several while they rotate.'),
      events: z
        .record(
          z.string(),
          z.strictObject({
            streams: z.array(z.string()).min(1).describe('Streams that are read again.'),
            id: property
              .optional()
              .describe('Property of the message with the id in its company; left out: the changes of the stream.'),
          }),
        )
        .default({})
        .describe('BusinessEventId → what it is about; adds to or replaces what is shipped.'),
      rules: noticeRules,
    })
    .optional()
    .describe(
      'Business events to /hooks/<platform>; left out: none is let in. They are unsigned and only cause a read.',
    ),
  write: z.strictObject({}).optional().describe('Allows approved plans to write: `{}`. Left out: it is only read.'),
})

export type OperationsConfig = z.output<typeof configSchema>
