/** The JSON Schema of plumbline.yaml, for editors: completion, explanations and red lines while one writes. */
import { z } from 'zod'
import type { Connector } from '../../connectors/contract.ts'
import { configSchema } from './schema.ts'
import { isMarked } from './shape.ts'

export type JsonSchema = { [key: string]: unknown }

/** With the settings of each connector: which ones apply follows from `connector`. Further connectors may be named. */
export function editorSchema(connectors: ReadonlyMap<string, Connector<never>>): JsonSchema {
  const schema = jsonSchema(configSchema)
  const platform = ((schema['properties'] as JsonSchema)['platforms'] as JsonSchema)[
    'additionalProperties'
  ] as JsonSchema
  const properties = platform['properties'] as Record<string, JsonSchema>
  const names = [...connectors.keys()]
  properties['connector'] = { ...properties['connector'], anyOf: [{ enum: names }, { type: 'string' }] }
  delete properties['connector']['type']
  platform['allOf'] = [...connectors].map(([name, connector]) => ({
    if: { properties: { connector: { const: name } }, required: ['connector'] },
    then: { properties: { config: { ...jsonSchema(connector.config), title: connector.title } } },
  }))
  return { ...schema, title: 'Plumbline configuration' }
}

/** As it is committed: two spaces, and a line break at the end. */
export function editorSchemaText(connectors: ReadonlyMap<string, Connector<never>>): string {
  return JSON.stringify(editorSchema(connectors), null, 2) + '\n'
}

/** What a person writes, not what parsing makes of it. Parts that JSON Schema cannot say are left open. */
function jsonSchema(schema: z.ZodType): JsonSchema {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      if (!isMarked(zodSchema, 'secret')) return
      for (const key of ['anyOf', 'type']) delete (jsonSchema as JsonSchema)[key]
      Object.assign(jsonSchema, { type: 'string', examples: ['${ENV:NAME}', '${file:/run/secrets/name}'] })
    },
  })
  return schema === configSchema ? { $schema, ...rest } : rest
}
