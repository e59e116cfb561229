/** Salesforce: accounts, contacts, deals, quotes, orders, contracts, service and whatever custom objects the configuration names. */
import type { ConnectorContext } from '../contract.ts'
import { ConnectorError, defineConnector } from '../contract.ts'
import { platformClock } from '../cursor.ts'
import { salesforceActions, unwritable } from './actions.ts'
import { authorise } from './authorise.ts'
import type { SalesforceConfig } from './config.ts'
import { config, root } from './config.ts'
import { budget, errors } from './dialect.ts'
import { objectsOf } from './objects.ts'
import { receive } from './receive.ts'
import { LAG_MS, objectStream } from './stream.ts'

export default defineConnector<SalesforceConfig>({
  title: 'Salesforce',
  mark: 'SF',
  config,
  base: (c) => c.instance_url,
  // JWT assertions go to the org itself; the audience is only a name inside them.
  authorise,
  ping,
  streams: objectsOf({ objects: {}, skip: [] }).specs.map(objectStream),
  async discover(ctx) {
    const { specs, missing } = objectsOf(ctx.config)
    if (missing.length)
      throw new ConnectorError(
        'config',
        `${ctx.platform} reads ${missing.join(', ')}, but no canonical kind is named for it.`,
        {
          remedy: `Add kind to config.objects.${missing[0]}.`,
        },
      )
    return specs.map(objectStream)
  },
  actions: salesforceActions({ objects: {}, skip: [] }),
  receive,
  actionsOf: (c) => (c.write ? salesforceActions(c) : []),
  limits: { calls: 50_000, windowMs: 86_400_000, concurrency: 4, reserve: 0.3 },
  budget,
  errors,
  lagMs: LAG_MS,
  // Change events are kept for 72 hours by the vendor, but this connector reads end states only.
  replayDays: null,
  link: (c, _kind, id) => (/^[A-Za-z0-9]{15,18}$/.test(id) ? `${c.instance_url.replace(/\/$/, '')}/${id}` : null),
})

async function ping(ctx: ConnectorContext<SalesforceConfig>) {
  const asked = ctx.clock.now()
  const reply = await ctx.http.request({
    url: `${root(ctx.config)}/query`,
    query: { q: 'SELECT Id, Name, IsSandbox FROM Organization' },
    priority: 'verify',
  })
  const [org] = (reply.json() as { records?: { Id: string; Name: string; IsSandbox: boolean }[] }).records ?? []
  const listed = await ctx.http.request({ url: `${root(ctx.config)}/sobjects`, priority: 'verify' })
  type Listed = { name: string; queryable: boolean; updateable?: boolean; createable?: boolean }
  const objects = (listed.json() as { sobjects?: Listed[] }).sobjects ?? []
  const seen = new Set(objects.flatMap((o) => (o.queryable ? [o.name] : [])))
  const { specs } = objectsOf(ctx.config)
  return {
    account: org ? `${org.Name} (${org.Id}${org.IsSandbox ? ', sandbox' : ''})` : 'unknown organisation',
    missingScopes: [
      ...specs.filter((s) => !seen.has(s.object)).map((s) => `read ${s.object}`),
      ...(ctx.config.write ? unwritable(ctx.config, objects) : []),
    ],
    clockSkewMs: platformClock(reply, asked) - asked,
  }
}
