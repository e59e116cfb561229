/** The example file and the schema for editors: both say everything that the configuration knows. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { beforeAll, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import type { Connector } from '../connectors/contract.ts'
import { editorSchema, editorSchemaText } from '../server/config/editor.ts'
import { loadText } from '../server/config/load.ts'
import { formatProblems } from '../server/config/problem.ts'
import { configSchema } from '../server/config/schema.ts'
import { discoverConnectors, foldersOf } from '../server/discover.ts'
import { PAPER_CONNECTORS } from './world/paper-connectors.ts'

const file = fileURLToPath(new URL('../plumbline.example.yaml', import.meta.url))
const text = readFileSync(file, 'utf8')
/** Keys that are left out stand behind a # without a space (or with the spaces of their depth). */
const everything = text.replaceAll(/^( *)#((?: {2})*[\w/-]+:.*)$/gm, '$1$2')

let connectors: ReadonlyMap<string, Connector<never>>
beforeAll(async () => {
  connectors = await discoverConnectors(foldersOf('connectors'))
})

/** Every key of the schema as a path; names that people choose are `*`. */
function keys(schema: z.core.$ZodType, path: string[] = []): string[][] {
  const d = schema._zod.def as unknown as Record<
    string,
    z.core.$ZodType & z.core.$ZodType[] & Record<string, z.core.$ZodType>
  >
  const inner = d['innerType'] ?? d['in']
  if (inner) return keys(inner, path)
  if (d['options']) return d['options'].flatMap((o: z.core.$ZodType) => keys(o, path))
  if (d['shape']) return Object.entries(d['shape']).flatMap(([key, s]) => [[...path, key], ...keys(s, [...path, key])])
  if (d['valueType']) return keys(d['valueType'], [...path, '*'])
  if (d['element']) return keys(d['element'], [...path, '*'])
  return []
}

function occurs(value: unknown, [step, ...rest]: string[]): boolean {
  if (step === undefined) return true
  if (value === null || typeof value !== 'object') return false
  if (step === '*') return Object.values(value).some((v) => occurs(v, rest))
  return step in value && occurs((value as Record<string, unknown>)[step], rest)
}

describe('the example configuration', () => {
  it('is good as it is, without a warning', () => {
    const { problems } = loadText(file, text, { env: {}, connectors })
    expect(formatProblems(problems)).toBe('')
  })

  it('is good with everything switched on that it leaves out', () => {
    const source = everything.replace('file: ./maps/sku-to-plan.csv', 'file: ./test/configs/maps/good.csv')
    const key = Buffer.alloc(32, 1).toString('base64')
    const secrets = [
      'SMTP_PASSWORD',
      'DKIM_KEY',
      'SLACK_URL',
      'TEAMS_URL',
      'CHAT_URL',
      'PAGERDUTY_KEY',
      'OPSGENIE_KEY',
      'SERVICENOW_PASSWORD',
      'JIRA_TOKEN',
    ]
    const env = {
      STRIPE_KEY: 'rk_test_1',
      CLICKHOUSE_PASSWORD: 'words',
      WEBHOOK_KEY: key,
      REPLAY_SECRET: 'whsec_c2VjcmV0',
      ...Object.fromEntries(secrets.map((name) => [name, 'words'])),
    }
    const { problems } = loadText(file, source, { env, connectors })
    expect(formatProblems(problems)).toBe('')
  })

  it('shows every key that the configuration knows', () => {
    const value: unknown = parse(everything)
    // The long form of a mapped field is the same for fields, custom fields and references: shown once.
    const once = keys(configSchema).map((path) =>
      path.join('.').replace(/mapping\.\*\.(custom|refs)\.\*\./, 'mapping.*.fields.*.'),
    )
    expect(once.filter((path) => !occurs(value, path.split('.')))).toEqual([])
  })

  it('gives the defaults where it says that it does', () => {
    const shown = parse(text) as Record<string, unknown>
    const defaults = configSchema.parse({}) as Record<string, unknown>
    for (const key of ['company', 'memory', 'server', 'schedules', 'intake', 'telemetry'])
      expect(shown[key]).toEqual(defaults[key])
  })
})

describe('the schema for editors', () => {
  it('is committed as it is generated', async () => {
    const committed = fileURLToPath(new URL('../schema/plumbline.schema.json', import.meta.url))
    const generated = editorSchemaText(connectors)
    if (process.env['UPDATE_SCHEMA']) writeFileSync(committed, generated)
    expect(readFileSync(committed, 'utf8') === generated, 'run it with UPDATE_SCHEMA=1 to write the file anew').toBe(
      true,
    )
  })

  it('explains every key', () => {
    const unexplained: string[] = []
    const walk = (node: unknown, path: string) => {
      if (node === null || typeof node !== 'object') return
      const { properties, additionalProperties, items, anyOf } = node as Record<
        string,
        Record<string, unknown> & unknown[]
      >
      for (const [key, child] of Object.entries(properties ?? {})) {
        if (!(child as { description?: string }).description) unexplained.push(`${path}.${key}`)
        walk(child, `${path}.${key}`)
      }
      walk(additionalProperties, `${path}.*`)
      walk(items, `${path}[]`)
      for (const branch of anyOf ?? []) walk(branch, path)
    }
    walk(editorSchema(new Map()), '')
    expect(unexplained).toEqual([])
  })

  it('knows the settings of a connector once it is named, and offers no secret in plain text', () => {
    const schema = JSON.stringify(editorSchema(PAPER_CONNECTORS))
    const { allOf } = (
      editorSchema(PAPER_CONNECTORS) as never as Record<
        'properties',
        Record<
          'platforms',
          {
            additionalProperties: {
              allOf: { if: unknown; then: { properties: { config: { properties: Record<string, unknown> } } } }[]
            }
          }
        >
      >
    ).properties.platforms.additionalProperties
    expect(allOf[0]!.if).toEqual({ properties: { connector: { const: 'ledger' } }, required: ['connector'] })
    expect(allOf[0]!.then.properties.config.properties).toHaveProperty('region')
    expect(allOf[0]!.then.properties.config.properties['token']).toMatchObject({
      type: 'string',
      examples: ['${ENV:NAME}', '${file:/run/secrets/name}'],
    })
    expect(schema).toContain('"const":"paper"')
  })
})
