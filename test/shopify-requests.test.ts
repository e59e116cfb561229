/** Every document and input that is sent to Shopify, held against its schema; every example object of its specification, told as a webhook. */
import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { ActionRequest, Standing } from '../connectors/action.ts'
import type { HookRequest } from '../connectors/receiver.ts'
import type { ObjectName } from '../connectors/shopify/config.ts'
import { config as schema, OBJECT_NAMES } from '../connectors/shopify/config.ts'
import shipped, { PING_DOCUMENT } from '../connectors/shopify/connector.ts'
import * as documents from '../connectors/shopify/documents.ts'
import { HOLDS_DOCUMENT } from '../connectors/shopify/holds.ts'
import { mapNode, rowOf } from '../connectors/shopify/mapping.ts'
import { MUTATIONS } from '../connectors/shopify/mutations.ts'
import { specsOf } from '../connectors/shopify/objects.ts'
import type { Selection, Value } from '../lab/platforms/shopify/document.ts'
import { isField, parseDocument } from '../lab/platforms/shopify/document.ts'

const FOLDER = new URL('../../shared/vendor-data/shopify/', import.meta.url)
const unpacked = (file: string) => gunzipSync(readFileSync(new URL(file, FOLDER))).toString()

const everything = (customer_is: 'customer' | 'contact') =>
  schema.parse({
    base_url: 'https://larkmoor.myshopify.com',
    auth: { flow: 'token', access_token: 'shpat' },
    customer_is,
    holds: true,
    objects: Object.fromEntries(
      OBJECT_NAMES.map((name) => [
        name,
        ['customers', 'companies', 'variants', 'draft_orders', 'orders'].includes(name)
          ? {
              refs: { erp: 'metafield.custom.erp_id', ...(name === 'companies' && { crm: 'externalId' }) },
              ...(name === 'customers' && { key: 'metafield.custom.plumbline_key' }),
            }
          : {},
      ]),
    ),
    webhook: { secrets: ['secret'] },
    write: {},
  })

interface TypeRef {
  kind: string
  name: string | null
  ofType: TypeRef | null
}
interface Member {
  name: string
  type: TypeRef
  args?: Member[]
  defaultValue?: string | null
}
interface Type {
  name: string
  kind: string
  fields: Member[] | null
  inputFields: Member[] | null
  enumValues: { name: string }[] | null
  possibleTypes: { name: string }[] | null
}

const spelled = (type: TypeRef): string =>
  type.kind === 'NON_NULL'
    ? `${spelled(type.ofType!)}!`
    : type.kind === 'LIST'
      ? `[${spelled(type.ofType!)}]`
      : type.name!
const named = (type: TypeRef): string => type.name ?? named(type.ofType!)

describe.runIf(existsSync(FOLDER))('Shopify by its schema', () => {
  let types: Map<string, Type>
  beforeAll(() => {
    const whole = JSON.parse(unpacked('graphql/admin_schema_2025-01.introspection.json.gz')) as Record<string, unknown>
    const { __schema } = (whole['data'] ?? whole) as { __schema: { types: Type[] } }
    types = new Map(__schema.types.map((type) => [type.name, type]))
  })

  /** What is wrong with a selection on a type. */
  function wrongIn(fields: readonly Selection[], on: string, variables: Record<string, string>): string[] {
    const type = types.get(on)!
    return fields.flatMap((field): string[] => {
      if (!isField(field)) {
        const fits = field.on === on || type.possibleTypes?.some(({ name }) => name === field.on)
        return fits ? wrongIn(field.fields, field.on, variables) : [`${on} is never ${field.on}`]
      }
      if (field.name.startsWith('__')) return []
      const member = type.fields?.find(({ name }) => name === field.name)
      if (!member) return [`${on}.${field.name}`]
      const given = Object.entries(field.arguments).flatMap(([name, value]) => {
        const argument = member.args?.find((arg) => arg.name === name)
        return argument
          ? wrongValue(value, argument.type, variables, `${on}.${field.name}(${name})`)
          : [`${on}.${field.name}(${name})`]
      })
      const lacking = (member.args ?? [])
        .filter(
          ({ name, type: of, defaultValue }) => of.kind === 'NON_NULL' && !defaultValue && !(name in field.arguments),
        )
        .map(({ name }) => `${on}.${field.name} without ${name}`)
      const target = types.get(named(member.type))!
      const composite = ['OBJECT', 'INTERFACE', 'UNION'].includes(target.kind)
      if (composite !== field.fields.length > 0) return [...given, ...lacking, `${on}.${field.name} and what is in it`]
      return [...given, ...lacking, ...wrongIn(field.fields, target.name, variables)]
    })
  }
  function wrongValue(value: Value, type: TypeRef, variables: Record<string, string>, at: string): string[] {
    if ('variable' in value) {
      const declared = variables[value.variable] ?? 'undeclared'
      return declared.replace(/!$/, '') === spelled(type).replace(/!$/, '') &&
        (!spelled(type).endsWith('!') || declared.endsWith('!'))
        ? []
        : [`${at}: ${declared} for ${spelled(type)}`]
    }
    if ('enum' in value)
      return types.get(named(type))?.enumValues?.some(({ name }) => name === value.enum) ? [] : [`${at} ${value.enum}`]
    if ('object' in value) {
      const members = types.get(named(type))?.inputFields ?? []
      return Object.entries(value.object).flatMap(([name, inner]) => {
        const member = members.find((one) => one.name === name)
        return member ? wrongValue(inner, member.type, variables, `${at}.${name}`) : [`${at}.${name}`]
      })
    }
    return []
  }
  const wrongIn_ = (text: string): string[] => {
    const { operation, variables, fields } = parseDocument(text)
    return wrongIn(fields, operation === 'query' ? 'QueryRoot' : 'Mutation', variables)
  }
  /** What is wrong with a variable's value. */
  function wrongInput(value: unknown, type: string, at: string): string[] {
    if (type.endsWith('!'))
      return value === null || value === undefined ? [`${at} is missing`] : wrongInput(value, type.slice(0, -1), at)
    if (value === null || value === undefined) return []
    if (type.startsWith('['))
      return Array.isArray(value)
        ? value.flatMap((one) => wrongInput(one, type.slice(1, -1), at))
        : [`${at} is no list`]
    const of = types.get(type)
    if (of?.enumValues) return of.enumValues.some(({ name }) => name === value) ? [] : [`${at} ${String(value)}`]
    if (of?.inputFields) {
      const members = of.inputFields
      const unknown = Object.keys(value).filter((name) => !members.some((member) => member.name === name))
      return [
        ...unknown.map((name) => `${at}.${name}`),
        ...members.flatMap((m) =>
          wrongInput((value as Record<string, unknown>)[m.name], spelled(m.type), `${at}.${m.name}`),
        ),
      ]
    }
    const is = { Boolean: 'boolean', Int: 'number', String: 'string', ID: 'string', Money: 'string' }[type]
    return is !== undefined && typeof value !== is ? [`${at} is no ${type}`] : []
  }

  it('has every field, argument and variable that is asked for', () => {
    const asked = (['customer', 'contact'] as const).flatMap((people) =>
      specsOf(everything(people)).flatMap((spec) => [
        documents.listDocument(spec, 'change'),
        documents.listDocument(spec, 'id'),
        documents.bulkDocument(spec, "updated_at:>='2026-01-01T00:00:00Z'"),
        ...(spec.single ? [documents.oneDocument(spec)] : []),
        ...(spec.within ? [documents.restDocument(spec, spec.within)] : []),
        ...(spec.count ? [documents.countDocument(spec.count)] : []),
        ...(spec.name === 'customers' ? [documents.identifiedDocument(spec)] : []),
      ]),
    )
    const all = [
      ...asked,
      ...Object.values(MUTATIONS),
      documents.eventsDocument,
      documents.bulkStartDocument,
      documents.bulkStateDocument,
      HOLDS_DOCUMENT,
      PING_DOCUMENT,
    ]
    expect(all.length).toBeGreaterThan(60)
    expect([...new Set(all.flatMap(wrongIn_))]).toEqual([])
    // A check that notices.
    expect(
      wrongIn_('query A($first: String) { orders(first: $first, sort: ID) { nodes { nam customer } } }').length,
    ).toBe(4)
  })

  it('takes every input that a plan would send', () => {
    const config = everything('customer')
    const row = rowOf({ id: 'gid://shopify/ProductVariant/1', product: { id: 'gid://shopify/Product/1' } })
    const known = {
      open: 'gid://shopify/FulfillmentOrder/1',
      held: 'gid://shopify/FulfillmentOrder/1>gid://shopify/FulfillmentHold/2',
    }
    const sent = new Set<string>()
    const wrong: string[] = []
    for (const action of shipped.actionsOf!(config)) {
      const making = action.name === 'create'
      const refs: Record<string, string> = action.stream === 'companies' ? { crm: '7' } : { erp: '7' }
      const request: ActionRequest = {
        action: action.name,
        kind: action.kind,
        recordId: making ? null : '1',
        fields: Object.fromEntries(action.fields.map((field) => [field, field === 'tax_exempt' ? 'true' : 'x'])),
        references: {},
        refs: action.name === 'attach_ref' || (making && action.stream === 'customers') ? refs : {},
        key: 'key-1',
      }
      const standing: Standing = { row: making ? null : row, mark: null, known }
      for (const { body } of action.calls(config, request, standing)) {
        const { query, variables } = body as { query: string; variables: Record<string, unknown> }
        const declared = parseDocument(query).variables
        sent.add(query)
        wrong.push(...Object.keys(variables).flatMap((name) => (declared[name] ? [] : [`${name} is not declared`])))
        wrong.push(...Object.entries(declared).flatMap(([name, type]) => wrongInput(variables[name], type, name)))
      }
    }
    expect(wrong).toEqual([])
    expect(sent.size).toBeGreaterThanOrEqual(11)
  })
})

/** Objects of the specification by the member that they stand under. */
const TOPICS: Record<string, [topic: string, stream: ObjectName]> = {
  customer: ['customers/update', 'customers'],
  draft_order: ['draft_orders/update', 'draft_orders'],
  order: ['orders/updated', 'orders'],
  refund: ['refunds/create', 'refunds'],
  transaction: ['order_transactions/create', 'transactions'],
  fulfillment: ['fulfillments/update', 'fulfillments'],
  product: ['products/update', 'variants'],
}

describe.runIf(existsSync(FOLDER))('example objects of Shopify’s specification', () => {
  it('are of the older API: told as webhooks they lead to the stream and id, as rows they are refused by name', () => {
    interface Operation {
      responses?: Record<
        string,
        { content?: Record<string, { examples?: Record<string, { value?: Record<string, unknown> }> }> }
      >
    }
    const { paths } = parse(unpacked('openapi/admin-rest.yaml.gz')) as {
      paths: Record<string, Record<string, Operation>>
    }
    const config = everything('customer')
    const specs = specsOf(config)
    const told: Record<string, number> = {}
    const examples = Object.values(paths)
      .flatMap((operations) => Object.values(operations))
      .flatMap(({ responses = {} }) => Object.values(responses))
      .flatMap(({ content = {} }) => Object.values(content))
      .flatMap(({ examples: all = {} }) => Object.values(all))
    for (const [member, held] of examples.flatMap(({ value }) => Object.entries(value ?? {}))) {
      const [topic, stream] = TOPICS[member.replace(/s$/, '')] ?? []
      if (topic === undefined) continue
      for (const object of [held].flat() as ({ id?: number } | null)[]) {
        // Calculated refunds and counts are no objects.
        if (typeof object?.id !== 'number') continue
        const request = {
          headers: { 'x-shopify-topic': topic },
          body: Buffer.from(JSON.stringify(object)),
        } as unknown as HookRequest
        const [hint] = shipped.receive!.read(config, request)[0]!.hints
        expect(hint, member).toEqual(stream === 'variants' ? { stream } : { stream, id: String(object.id) })
        expect(
          () =>
            mapNode(
              specs.find((spec) => spec.name === stream)!,
              rowOf(object as never),
            ),
          member,
        ).toThrow(/no global id of Shopify/)
        told[stream!] = (told[stream!] ?? 0) + 1
      }
    }
    expect(Object.keys(told).sort()).toEqual(
      Object.values(TOPICS)
        .map(([, stream]) => stream)
        .sort(),
    )
    expect(Object.values(told).reduce((a, b) => a + b)).toBeGreaterThan(100)
  })
})
