/** The screens and states that pictures are taken of, with addresses that the company itself must tell. */
import type { Page } from 'playwright-core'
import { HOMES } from '../ui/show/homes.ts'

export interface Shot {
  name: string
  path: string
  /** Puts the screen into a state before its picture is taken. */
  then?: (page: Page) => Promise<unknown>
  /** What the requests of the screen meet: they never end, or they never reach the server. */
  meets?: 'nothing' | 'silence'
}

const CONNECTOR_TABS = ['streams', 'schema', 'runs', 'quarantine', 'webhook', 'calls', 'backfill']
const ALERT_TABS = ['routes', 'recipients', 'silences', 'log', 'own']
const SETTING_TABS = ['ownership', 'maps', 'people', 'tokens', 'privacy', 'audit']

const asks = (page: Page) => (path: string) =>
  page.evaluate((p) => fetch(p).then((r) => (r.ok ? (r.json() as Promise<unknown>) : null)), path)

/** Every screen of a company at work. */
export async function screens(page: Page): Promise<Shot[]> {
  const ask = asks(page)
  const first = async <T>(path: string, of: (answer: never) => readonly T[] | undefined): Promise<T | undefined> =>
    of(((await ask(path)) ?? {}) as never)?.[0]
  const issue = await first<{ id: string; check: string }>(
    '/v1/issues?q=is:open&sort=findings',
    (a: { issues?: { id: string; check: string }[] }) => a.issues,
  )
  const customer = await first<{ entity_id: string }>(
    '/v1/customers',
    (a: { customers?: { entity_id: string }[] }) => a.customers,
  )
  const edge = await first<Edge>('/v1/edges', (a: { edges?: Edge[] }) => a.edges)
  const plan = await first<{ number: number }>('/v1/plans', (a: { number: number }[]) => a)
  const match = await first<{ id: string }>('/v1/matches', (a: { id: string }[]) => a)
  const report = await first<{ name: string }>('/v1/reports', (a: { name: string }[]) => a)
  const id = issue?.id ?? 'I-1'
  const check = issue?.check ?? 'existence/customer'
  const open = (title: string) => (p: Page) => p.getByRole('button', { name: title }).first().click()
  return [
    { name: 'overview', path: '/overview' },
    ...HOMES.map(({ as }) => ({ name: `home-${as}`, path: `/home?as=${as}` })),
    { name: 'issues', path: '/issues' },
    { name: 'issues-peek', path: `/issues?peek=${id}` },
    { name: 'issues-refused', path: '/issues?q=colour:red' },
    { name: 'issues-hidden', path: '/issues?q=is:open+money:>999999999' },
    { name: 'issues-save', path: '/issues', then: open('Save view') },
    {
      name: 'issues-marked',
      path: '/issues',
      then: async (p) => {
        for (const n of [0, 1]) await p.locator('table.issues tbody [type=checkbox]').nth(n).check()
      },
    },
    { name: 'issues-fix', path: '/issues', then: open('Fix all') },
    { name: 'issue', path: `/issues/${id}` },
    { name: 'issue-raw', path: `/issues/${id}?tab=raw` },
    {
      name: 'issue-snooze',
      path: `/issues/${id}`,
      then: async (p) => {
        await p.getByRole('heading', { level: 2, name: 'Activity' }).waitFor()
        await p.keyboard.press('s')
      },
    },
    { name: 'issue-fix', path: `/issues/${id}?fix=1` },
    { name: 'issue-trace', path: `/trace?issue=${id}` },
    { name: 'causes', path: '/causes' },
    { name: 'customers', path: '/customers' },
    { name: 'customer', path: `/customers/${encodeURIComponent(customer?.entity_id ?? 'x')}` },
    { name: 'flows', path: '/flows' },
    ...['map', 'lifecycle', 'renewals'].map((tab) => ({ name: `flows-${tab}`, path: `/flows?tab=${tab}` })),
    ...(edge
      ? [{ name: 'flow', path: `/flows/${edge.owner.name}/${edge.follower.name}/${edge.kind}/${edge.part}` }]
      : []),
    { name: 'matching', path: '/matching' },
    { name: 'matching-periods', path: '/matching?tab=periods' },
    ...(match ? [{ name: 'match', path: `/matching/${match.id}` }] : []),
    { name: 'identity', path: '/identity' },
    { name: 'quality', path: '/quality' },
    ...['missing', 'schema'].map((tab) => ({ name: `quality-${tab}`, path: `/quality?tab=${tab}` })),
    { name: 'kpis', path: '/kpis' },
    { name: 'exceptions', path: '/exceptions' },
    { name: 'remediations', path: '/remediations' },
    ...(plan ? [{ name: 'plan', path: `/remediations/P-${plan.number}` }] : []),
    { name: 'by-itself', path: '/remediations/by-itself' },
    { name: 'mentions', path: '/mentions' },
    { name: 'checks', path: '/checks' },
    { name: 'checks-coverage', path: '/checks?coverage=all' },
    { name: 'check', path: `/checks/${check}` },
    { name: 'check-off', path: `/checks/${check}`, then: open('Switch off…') },
    { name: 'check-editor', path: `/checks/${check}?tab=editor` },
    { name: 'check-new', path: '/checks/own/new?tab=editor&of=customer&fields=segment' },
    { name: 'connectors', path: '/connectors' },
    ...CONNECTOR_TABS.map((tab) => ({ name: `connector-${tab}`, path: `/connectors/netsuite?tab=${tab}` })),
    ...ALERT_TABS.map((tab) => ({ name: `alerts-${tab}`, path: `/alerts/${tab}` })),
    { name: 'reports', path: '/reports' },
    ...['archive', 'certificate'].map((tab) => ({ name: `reports-${tab}`, path: `/reports?tab=${tab}` })),
    ...(report ? [{ name: 'report', path: `/reports/${report.name}` }] : []),
    ...SETTING_TABS.map((tab) => ({ name: `settings-${tab}`, path: `/settings/${tab}` })),
    { name: 'help', path: '/issues', then: (p) => p.keyboard.press('?') },
    { name: 'menu', path: '/issues', then: (p) => p.keyboard.press('Control+k') },
    { name: 'nowhere', path: '/no-such-screen' },
  ]
}

interface Edge {
  owner: { name: string }
  follower: { name: string }
  kind: string
  part: string
}

/** Screens whose other faces are pictured too: before anything was read, while they load, and when nobody answers. */
const FACES: readonly (readonly [string, string])[] = [
  ['overview', '/overview'],
  ['home', '/home?as=operations'],
  ['home-finance', '/home?as=finance'],
  ['home-executive', '/home?as=executive'],
  ['issues', '/issues'],
  ['causes', '/causes'],
  ['customers', '/customers'],
  ['flows', '/flows'],
  ['matching', '/matching'],
  ['identity', '/identity'],
  ['quality', '/quality'],
  ['kpis', '/kpis'],
  ['exceptions', '/exceptions'],
  ['remediations', '/remediations'],
  ['checks', '/checks'],
  ['connectors', '/connectors'],
  ['alerts', '/alerts'],
  ['reports', '/reports'],
  ['settings', '/settings/ownership'],
]

export const emptyFaces = (): Shot[] => FACES.map(([name, path]) => ({ name: `empty-${name}`, path }))

export const troubledFaces = (): Shot[] =>
  FACES.flatMap(([name, path]): Shot[] => [
    { name: `loading-${name}`, path, meets: 'silence' },
    { name: `error-${name}`, path, meets: 'nothing' },
  ])

/** What a platform that was not read for long does to a screen. */
export const staleFaces = (): Shot[] =>
  FACES.filter(([name]) => ['overview', 'home', 'issues', 'customers', 'connectors', 'checks'].includes(name)).map(
    ([name, path]) => ({ name: `stale-${name}`, path }),
  )
