/** Microsoft Dynamics 365 Finance & Operations by its data entities: customers, products, sales documents and payments of all companies. */
import type { Connector, ConnectorContext, ErrorReader } from '../contract.ts'
import { ConnectorError, defineConnector } from '../contract.ts'
import { platformClock } from '../cursor.ts'
import { clientCredentials } from '../oauth.ts'
import { asEntity, pageOf, reasonOf } from '../odata.ts'
import { operationsActions } from './actions.ts'
import type { OperationsConfig } from './config.ts'
import { configSchema } from './config.ts'
import { COMPANY, entitiesOf } from './entities.ts'
import { receive } from './receive.ts'
import { entityStream, LAG_MS, setPath } from './stream.ts'

const bare = (url: string) => url.replace(/\/$/, '')

/** One row of each entity; and each company by name, because one that the user may not see is only left out. */
async function ping(ctx: ConnectorContext<OperationsConfig>) {
  const { specs } = entitiesOf(ctx.config)
  const missing: string[] = []
  let skew = 0
  for (const set of new Set(specs.map((spec) => spec.set))) {
    const query = { 'cross-company': true, $top: 1 }
    const reply = await ctx.http.request({ url: `/data/${set}`, query, priority: 'verify', accept: [403, 404] })
    skew = platformClock(reply, ctx.clock.now()) - ctx.clock.now()
    if (reply.status === 403) missing.push(`security role that may read ${set}`)
    else if (reply.status === 404) missing.push(`data entity ${set} (not public in this version: add it to skip)`)
  }
  if (specs.length > 0 && missing.length === new Set(specs.map((spec) => spec.set)).size)
    throw new ConnectorError('auth', `The application may read nothing: ${missing.join(', ')}.`, {
      remedy: 'Register the application under Microsoft Entra applications and give its user a security role.',
    })
  const first = specs.find((spec) => spec.kind === 'customer')
  for (const company of first && missing.length === 0 ? ctx.config.companies : []) {
    const query = { 'cross-company': true, $filter: `${COMPANY} eq '${company}'`, $top: 1 }
    const reply = await ctx.http.request({ url: setPath(first!), query, priority: 'verify', accept: [400] })
    const found = reply.status === 200 ? pageOf(reply, 'Finance & Operations', first!.set).entities : []
    if (found.length > 0 && String(asEntity(found[0])?.[COMPANY]).toLowerCase() !== company.toLowerCase())
      throw new ConnectorError('schema', 'The environment does not keep to the filter by company.')
    if (found.length === 0) missing.push(`customers of company ${company} (none is seen: has the user a role there?)`)
  }
  const { companies, url } = ctx.config
  const account = `${new URL(url).host}, ${companies.length === 0 ? 'all companies' : `company ${companies.join(', ')}`}`
  return { account, ...(missing.length > 0 && { missingScopes: missing }), clockSkewMs: skew }
}

const errors: ErrorReader = (reply) => {
  if (reply.status < 400) return undefined
  const message = reasonOf(reply)
  // Under load the environment turns calls away by the priority of their application, entity by entity.
  if (reply.status === 429) return { code: 'rate_limited', message }
  if (reply.status === 401 || reply.status === 403) return { code: 'auth', message }
  if (reply.status === 404) return { code: 'not_found', message }
  if (reply.status === 409 || reply.status === 412) return { code: 'conflict', message }
  if (reply.status >= 500 || reply.status === 408) return { code: 'upstream', message }
  return { code: 'schema', message }
}

/** Forms that show one record: menu item, and the field that it is found by. */
const FORMS: Record<string, string> = {
  customer: 'CustTableListPage',
  product: 'EcoResProductDetailsExtended',
  quote: 'SalesQuotationListPage',
  order: 'SalesTableListPage',
  invoice: 'CustInvoiceJournal',
  credit: 'CustInvoiceJournal',
}

const connector: Connector<OperationsConfig> = defineConnector<OperationsConfig>({
  title: 'Dynamics 365 Finance & Operations',
  mark: 'FO',
  config: configSchema,
  base: (config) => config.url,
  hosts: (config) => [new URL(config.login_url).host],
  async authorise(ctx, _request, credentials) {
    const { login_url, tenant, client_id, client_secret, url } = ctx.config
    const token = await credentials.token('access', () =>
      clientCredentials(ctx, {
        tokenUrl: `${bare(login_url)}/${encodeURIComponent(tenant)}/oauth2/v2.0/token`,
        clientId: client_id,
        clientSecret: client_secret,
        scope: `${bare(url)}/.default`,
        send: 'body',
      }),
    )
    return { authorization: `Bearer ${token}`, 'odata-maxversion': '4.0' }
  },
  ping,
  streams: entitiesOf({ entities: {}, skip: [] }).specs.map(entityStream),
  discover(ctx) {
    const { specs, missing } = entitiesOf(ctx.config)
    if (missing.length > 0)
      throw new ConnectorError(
        'config',
        `${ctx.platform} reads ${missing.join(', ')}, but no canonical kind or key is given for it.`,
        { remedy: `Add kind and keys to config.entities.${missing[0]}.` },
      )
    return Promise.resolve(specs.map(entityStream))
  },
  actionsOf: (config) => (config.write ? operationsActions(config) : []),
  receive,
  // No number is published: the environment throttles by its own load, so few calls are under way at once.
  limits: { calls: 3_000, windowMs: 300_000, concurrency: 3, reserve: 0.5 },
  errors,
  lagMs: LAG_MS,
  replayDays: null,
  link({ url }, kind, id) {
    const [company] = id.split('/')
    const form = FORMS[kind]
    return form === undefined || company === id ? null : `${bare(url)}/?cmp=${encodeURIComponent(company!)}&mi=${form}`
  },
})
export default connector
