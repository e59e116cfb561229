/**
 * Pictures of every screen and state of the dashboard over the laboratory, for people to look at one by one, and what a
 * machine can say of each: script errors, faults of accessibility, and width that a phone does not have.
 *
 *   npm run screens -- [--out screens] [--only issues,kpis] [--customers 60]
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { createLive } from '../lab/live.ts'
import { systemClock } from '../server/clock.ts'
import { createLog } from '../server/log.ts'
import { serve, type Running } from '../server/main.ts'
import { shippedChecks } from '../server/check/read.ts'
import { buildDashboard, launch, open, overflow, violations } from '../test/browser/browser.ts'
import { HOMES } from '../ui/show/homes.ts'

const WIDTHS = [360, 1024, 1440] as const
const THEMES = ['light', 'dark'] as const
/** Time for what a screen asks for after it has shown itself. */
const SETTLED_MS = 15_000

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'screens' },
    only: { type: 'string' },
    customers: { type: 'string', default: '60' },
  },
})
const out = resolve(values.out)
const only = values.only?.split(',')
mkdirSync(out, { recursive: true })
const say = (text: string) => void process.stdout.write(`${text}\n`)

interface Shot {
  name: string
  path: string
  /** Puts the screen into a state before its picture is taken. */
  then?: (page: Page) => Promise<unknown>
}

/** Every screen, with addresses that the company itself must tell. */
async function shots(page: Page): Promise<Shot[]> {
  const ask = (path: string) => page.evaluate((p) => fetch(p).then((r) => r.json()), path)
  const { issues } = (await ask('/v1/issues?q=is:open&sort=risk')) as { issues: { id: string; check: string }[] }
  const { customers } = (await ask('/v1/customers')) as { customers: { entity_id: string }[] }
  const connectors = (await ask('/v1/connectors')) as { platform: { name: string } }[]
  const issue = issues[0]?.id ?? 'I-1'
  const check = issues[0]?.check ?? 'existence/customer'
  const platform = connectors[0]?.platform.name ?? 'crm'

  return [
    { name: 'overview', path: '/overview' },
    ...HOMES.map(({ as }) => ({ name: `home-${as}`, path: `/home?as=${as}` })),
    { name: 'issues', path: '/issues' },
    { name: 'issues-peek', path: `/issues?peek=${issue}` },
    { name: 'issues-refused', path: '/issues?q=colour:red' },
    { name: 'issues-hidden', path: '/issues?q=is:open+money:>999999999' },
    {
      name: 'issues-save',
      path: '/issues',
      then: (p) => p.getByRole('button', { name: 'Save view' }).click(),
    },
    { name: 'issue', path: `/issues/${issue}` },
    { name: 'issue-raw', path: `/issues/${issue}?tab=raw` },
    {
      name: 'issue-snooze',
      path: `/issues/${issue}`,
      then: async (p) => {
        await p.getByRole('heading', { level: 2, name: 'Activity' }).waitFor()
        await p.keyboard.press('s')
      },
    },
    { name: 'causes', path: '/causes' },
    { name: 'customers', path: '/customers' },
    { name: 'customer', path: `/customers/${encodeURIComponent(customers[0]?.entity_id ?? 'x')}` },
    { name: 'flows', path: '/flows' },
    { name: 'flows-map', path: '/flows?tab=map' },
    { name: 'flows-lifecycle', path: '/flows?tab=lifecycle' },
    { name: 'matching', path: '/matching' },
    { name: 'identity', path: '/identity' },
    { name: 'quality', path: '/quality' },
    { name: 'kpis', path: '/kpis' },
    { name: 'exceptions', path: '/exceptions' },
    { name: 'remediations', path: '/remediations' },
    { name: 'mentions', path: '/mentions' },
    { name: 'checks', path: '/checks' },
    { name: 'checks-coverage', path: '/checks?coverage=all' },
    { name: 'check', path: `/checks/${check}` },
    { name: 'check-editor', path: `/checks/${check}?tab=editor` },
    { name: 'check-new', path: '/checks/own/new?tab=editor&of=customer&fields=segment' },
    { name: 'connectors', path: '/connectors' },
    ...['streams', 'schema', 'runs', 'quarantine', 'webhook', 'calls', 'backfill'].map((tab) => ({
      name: `connector-${tab}`,
      path: `/connectors/${platform}?tab=${tab}`,
    })),
    ...['routes', 'recipients', 'silences', 'log', 'own'].map((tab) => ({
      name: `alerts-${tab}`,
      path: `/alerts/${tab}`,
    })),
    { name: 'reports', path: '/reports' },
    { name: 'reports-archive', path: '/reports?tab=archive' },
    ...['ownership', 'maps', 'people', 'tokens', 'privacy', 'audit'].map((tab) => ({
      name: `settings-${tab}`,
      path: `/settings/${tab}`,
    })),
    { name: 'nowhere', path: '/no-such-screen' },
    {
      name: 'error',
      path: '/issues',
      then: async (p) => {
        await p.route('**/v1/issues?*', (r) => r.abort())
        await p.getByRole('combobox', { name: 'Search issues' }).fill('is:new')
        await p.keyboard.press('Enter')
        await p.getByText('The server cannot be reached.').first().waitFor()
        await p.unroute('**/v1/issues?*')
      },
    },
  ]
}

const faults: string[] = []
const complaints: string[] = []

async function picture(browser: Browser, running: Running, cookies: { name: string; value: string; url: string }[]) {
  const first = await open(browser, {}, complaints)
  await first.page.context().addCookies(cookies)
  await first.page.goto(`${running.url}/overview`)
  const all = (await shots(first.page)).filter((s) => !only || only.some((o) => s.name.startsWith(o)))
  await first.page.context().close()
  for (const width of WIDTHS)
    for (const colorScheme of THEMES) {
      const { page } = await open(browser, { viewport: { width, height: 900 }, colorScheme }, complaints)
      await page.context().addCookies(cookies)
      for (const shot of all) {
        const file = `${shot.name}-${width}-${colorScheme}.png`
        try {
          await page.goto(running.url + shot.path)
          await page.getByRole('heading', { level: 1 }).waitFor()
          await page.waitForFunction(() => !document.querySelector('.skeleton'), null, { timeout: SETTLED_MS })
          await shot.then?.(page)
          await page.screenshot({ path: join(out, file), fullPage: true })
          const wide = await overflow(page)
          if (wide > 0) faults.push(`${file}: ${wide} px wider than its window`)
          if (width !== 1024) faults.push(...(await violations(page)).map((v) => `${file}: ${v}`))
        } catch (thrown) {
          faults.push(`${file}: ${(thrown as Error).message.split('\n')[0]}`)
        }
      }
      say(`${width} px, ${colorScheme}: ${all.length} pictures`)
      await page.context().close()
    }
}

const folder = mkdtempSync(join(tmpdir(), 'plumbline-screens-'))
await buildDashboard()
const live = await createLive({
  clock: systemClock,
  folder: join(folder, 'files'),
  checks: shippedChecks(),
  customers: Number(values.customers),
  seed: 'screens',
})
await live.begin()
writeFileSync(join(folder, 'plumbline.yaml'), live.configYaml())
const running = await serve({
  configFile: join(folder, 'plumbline.yaml'),
  data: join(folder, 'data'),
  env: {},
  port: 0,
  log: createLog({ clock: systemClock, level: 'error' }),
  readyAdministrator: { email: 'demo@plumbline.example', name: 'Demo' },
})
const browser = await launch()
try {
  // The schedules read and check at once; the pictures wait for what they find.
  await new Promise<void>((done) => {
    const stop = running.runtime.live.subscribe((event) => {
      if (event.type !== 'checked' || event.open === 0) return
      stop()
      done()
    })
  })
  const reply = await fetch(`${running.url}/v1/session/one-time`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-requested-by': 'plumbline', 'sec-fetch-site': 'same-origin' },
    body: JSON.stringify({ token: running.signInLink!.split('#')[1]! }),
  })
  const [name = '', value = ''] = reply.headers.getSetCookie()[0]!.split(';')[0]!.split('=')
  await picture(browser, running, [{ name, value, url: running.url }])
} finally {
  await browser.close()
  await running.stop()
  await live.stop()
  rmSync(folder, { recursive: true, force: true })
}
for (const line of [...new Set([...faults, ...complaints])]) say(line)
say(`Pictures are in ${out}. ${faults.length} faults, ${complaints.length} script errors.`)
process.exitCode = faults.length + complaints.length > 0 ? 1 : 0
