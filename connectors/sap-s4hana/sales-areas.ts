/** What a customer has once for each sales area: one value where those in scope agree, none to tell where they do not. */
import type { HttpRequest } from '../contract.ts'
import { afterPlace, allOf, anyOf, asEntity, pageOf, quoted } from '../odata.ts'
import type { Entity } from '../odata.ts'
import { MAX_PAGES } from '../paging.ts'
import { AREAS } from './letters.ts'
import type { Ctx } from './system.ts'
import { headersOf } from './system.ts'
import { textOf } from './values.ts'

const KEYS = ['Customer', 'SalesOrganization', 'DistributionChannel', 'Division']
const ROWS = 5_000

/** The entities of customers, each with the rows of its areas. */
export async function withAreas(
  service: string,
  ctx: Ctx,
  entities: readonly unknown[],
  properties: readonly string[],
  priority: HttpRequest['priority'],
): Promise<unknown[]> {
  const customers = entities.flatMap((entity) => textOf(asEntity(entity)?.['Customer']) ?? [])
  if (customers.length === 0) return [...entities]
  const areas = await areasOf(service, ctx, customers, properties, priority)
  return entities.map((entity) => {
    const held = asEntity(entity)
    const rows = areas.get(textOf(held?.['Customer']) ?? '')
    return held && rows ? { ...held, [AREAS]: rows } : entity
  })
}

/** By the span of customers on the page: others in it are read and left aside. */
async function areasOf(
  service: string,
  ctx: Ctx,
  customers: readonly string[],
  properties: readonly string[],
  priority: HttpRequest['priority'],
): Promise<ReadonlyMap<string, Entity[]>> {
  // The system compares numbers as numbers, whatever their length.
  const ordered = [...customers].sort((a, b) => (padded(a) < padded(b) ? -1 : 1))
  const span = `Customer ge ${quoted(ordered[0]!)} and Customer le ${quoted(ordered.at(-1)!)}`
  const scope = anyOf('SalesOrganization', ctx.config.sales_organizations)
  const found = new Map<string, Entity[]>()
  let place: string[] | null = null
  for (let page = 0; page < MAX_PAGES; page++) {
    const behind = place && afterPlace(KEYS.map((name, n) => [name, quoted(place![n]!)] as const))
    const reply = await ctx.http.request({
      url: `${service}/${AREAS}`,
      query: {
        $filter: allOf(span, scope, behind),
        $orderby: KEYS.join(','),
        $top: ROWS,
        $select: [...new Set([...KEYS, ...properties])].join(','),
        $format: 'json',
      },
      headers: headersOf(ctx.config),
      ...(priority && { priority }),
    })
    const { entities, next } = pageOf(reply, 'S/4HANA', AREAS)
    for (const row of entities.map(asEntity)) {
      const customer = textOf(row?.['Customer'])
      if (row && customer !== null) found.set(customer, [...(found.get(customer) ?? []), row])
    }
    const last = asEntity(entities.at(-1))
    place = last && KEYS.map((name) => textOf(last[name]) ?? '')
    if (place === null || (entities.length < ROWS && next === null)) break
  }
  return found
}

const padded = (id: string) => (/^\d+$/.test(id) ? id.padStart(10, '0') : id)
