/** A small company in CSV files: two platforms, a few differences, and the whole product running over it. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Clock } from '../../server/clock.ts'
import { loadChecks, shippedChecks } from '../../server/check/read.ts'
import { createLog } from '../../server/log.ts'
import { serve, type Running } from '../../server/main.ts'
import { handClock, type HandClock } from './clock.ts'
import { made } from './made.ts'

export interface Company {
  folder: string
  /** Writes one file of a platform, complete through `at` (ISO). */
  write(path: string, text: string, at: string): void
  configure(text: string): void
  /** Starts the product on a free port. */
  start(options?: { clock?: Clock; ready?: boolean }): Promise<Running>
  /**
   * Works over the company as it stands and stops: its data are there for the next start. Files of a run whose companies
   * stand alike share one making.
   * @param title says what `work` is; two works of one title over one company are taken for the same
   * @param at instant at which it is begun
   */
  lived(title: string, at: number, work: (running: Running, clock: HandClock) => Promise<void>): Promise<void>
  end(): void
}

export const CONFIG = `company: Kranich Systeme
platforms:
  crm: { connector: files, role: crm, title: Salesforce, config: { folder: ./crm } }
  erp: { connector: files, role: erp, title: NetSuite, config: { folder: ./erp } }
schedules: { collect: manual, sweep: manual, check: manual, full: manual }
`

const CRM = `record_id,name,legal_name,tax_id,bill_to.country,payment_terms,state,refs.erp,changed_at
S1,Nordwind,Nordwind Logistik GmbH,DE136695976,DE,net_30,customer,N1,2026-11-01T08:00:00Z
S2,Talwerk,Talwerk AG,,CH,net_30,customer,N2,2026-11-01T08:00:00Z
S3,"=HYPERLINK(""x"") Söder & Co",Söder & Co KG,,AT,net_10,customer,,2026-11-01T08:00:00Z
`
const ERP = `record_id,name,legal_name,tax_id,bill_to.country,payment_terms,state,changed_at
N1,NORDWIND,Nordwind Logistik G.m.b.H.,DE 136 695 976,Germany,Net 30,customer,2026-11-01T08:05:00Z
N2,Talwerk,Talwerk AG,,Switzerland,Net 45,customer,2026-11-01T08:05:00Z
`

/** Configuration that leaves of the shipped checks only these: a test of a few need not wait for all. */
export function onlyChecks(...kept: string[]): string {
  const all = loadChecks([shippedChecks()], { checks: { folders: [], disable: [], override: {} } }).map((c) => c.id)
  return `checks: { disable: [${all.filter((id) => !kept.includes(id)).join(', ')}] }\n`
}

/** Signs in by the printed link, which works once. @returns name and value of the session’s cookie */
export async function signIn(running: Running): Promise<string> {
  const reply = await fetch(`${running.url}/v1/session/one-time`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-requested-by': 'plumbline', 'sec-fetch-site': 'same-origin' },
    body: JSON.stringify({ token: running.signInLink!.split('#')[1]! }),
  })
  return reply.headers.getSetCookie()[0]!.split(';')[0]!
}

/** @param at instant through which the files are complete */
export function company(at = '2026-11-20T11:50:00.000Z'): Company {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-company-'))
  const standing: Record<string, string> = {}
  const it: Company = {
    folder,
    write(path, text, when) {
      const file = join(folder, path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
      utimesSync(file, new Date(when), new Date(when))
      standing[path] = `${when} ${text}`
    },
    configure: (text) => writeFileSync(join(folder, 'plumbline.yaml'), (standing['plumbline.yaml'] = text)),
    start: ({ clock, ready = true } = {}) =>
      serve({
        configFile: join(folder, 'plumbline.yaml'),
        data: join(folder, 'data'),
        env: {},
        port: 0,
        ...(clock && { clock, log: createLog({ clock, level: 'error' }) }),
        ...(ready && { readyAdministrator: { email: 'ada@kranich.example', name: 'Ada Kranich' } }),
      }),
    lived: (title, since, work) =>
      made({ title, since, standing }, join(folder, 'data'), async () => {
        const clock = handClock(since)
        const running = await it.start({ clock, ready: false })
        try {
          await work(running, clock)
        } finally {
          await running.stop()
        }
      }),
    end: () => rmSync(folder, { recursive: true, force: true }),
  }
  it.configure(CONFIG)
  it.write('crm/customers.csv', CRM, at)
  it.write('erp/customers.csv', ERP, at)
  return it
}

/** The company after every shipped check has looked once, at `noon`: one round in a run, for all files that begin with it. */
export async function checkedCompany(noon: number): Promise<Company> {
  const world = company()
  await world.lived('read and checked by all', noon, async ({ runtime }) => {
    await runtime.collect({})
    await runtime.check({})
  })
  return world
}
