/** Query jobs of a simulated org: the same rows as page by page, resumed in their results, and pages where it refuses. */
import { isDeepStrictEqual } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import type { Connector, Page } from '../connectors/contract.ts'
import shipped from '../connectors/salesforce/connector.ts'
import { salesforceOrg } from '../lab/platforms/salesforce.ts'
import type { JobOptions } from '../lab/platforms/salesforce/jobs.ts'
import { idOf } from '../lab/platforms/salesforce/org.ts'
import type { Simulated } from './world/simulated.ts'
import { ids, lastCursor, simulated } from './world/simulated.ts'

const NOW = Date.parse('2026-11-20T12:00:00Z')
const WEEK = 7 * 86_400_000

let worlds: Simulated[] = []
afterEach(async () => {
  await Promise.all(worlds.map((s) => s.stop()))
  worlds = []
})

/** An org with so many invoices, every fiftieth of them deleted. */
async function org(rows: number, jobs: JobOptions = {}, bulk: object | null = { from: 250 }): Promise<Simulated> {
  const s = await simulated(salesforceOrg({ readOnly: [] }, jobs), shipped as unknown as Connector<never>, {
    config: (own) => ({ ...own, bulk }),
  })
  worlds.push(s)
  for (let n = 0; n < rows; n++)
    s.put({
      kind: 'invoice',
      id: idOf('invoice', n),
      state: 'open',
      fields: {
        number: `R-${n}`,
        total: n % 3 ? '9007199254740993.10' : '-0.5',
        currency: 'EUR',
        legal_entity: n % 2 ? 'Müller, "Söhne" & Co\nKG' : null,
        posted_at: '2026-11-01T08:00:00Z',
      },
      createdAt: NOW - 1e7,
      changedAt: NOW - 9e6 + (n % 7) * 1000,
      ...(n % 50 === 0 && { deletedAt: NOW - 8e6 }),
    })
  return s
}

const calls = (s: Simulated, what: RegExp) => s.seen.filter(({ method, path }) => what.test(`${method} ${path}`)).length
const notes = (pages: Page[]) => pages.flatMap((page) => page.notes ?? [])

describe('an org with many rows', () => {
  it('leaves them to a query job: the same records as page by page, with fewer calls', async () => {
    const ROWS = 1_050
    const [s, plain] = [await org(ROWS), await org(ROWS, {}, null)]
    const pages = await s.read('Invoice__c', null, 'changes')
    const paged = await plain.read('Invoice__c', null, 'changes')
    expect(pages.map(({ rows }) => rows.length)).toEqual([0, 1_000, 50, 0])
    const byId = (a: { record_id: string }, b: { record_id: string }) => (a.record_id < b.record_id ? -1 : 1)
    const records = (await s.mapped('Invoice__c', pages)).sort(byId)
    const same = (await plain.mapped('Invoice__c', paged)).sort(byId)
    expect(records.filter((record, n) => !isDeepStrictEqual(record, same[n]))).toEqual([])
    expect(records).toHaveLength(same.length)
    // One job, looked at twice, in two parts, and put away; no page after the one that says how many there are.
    expect(calls(s, /GET .*\/(query|queryAll)(\/01g.*)?$/)).toBe(1)
    expect([/POST .*\/jobs\/query$/, /GET .*\/query\/750\w+$/, /results$/, /DELETE/].map((of) => calls(s, of))).toEqual(
      [1, 2, 2, 1],
    )
    expect(calls(plain, /jobs/)).toBe(0)
    expect(calls(plain, /query/)).toBe(6)
    expect(lastCursor(pages)).toMatchObject({ done: true, newest: NOW - 8e6 })
    expect(pages.at(-1)!.completeThrough).toBe(paged.at(-1)!.completeThrough)
    // Like any first read, it begins again so far before the newest change.
    expect(ids(await s.read('Invoice__c', lastCursor(pages)))).toHaveLength(ROWS / 50)

    // From every place that was handed out on, without a second job; the results are still there for a week.
    const again = await org(ROWS)
    const handed: Page[] = []
    for await (const page of (await again.stream('Invoice__c')).read(again.context(), null)) {
      handed.push(page)
      if (handed.length === 2) break
    }
    const asked = handed.map((page) => page.cursor!)
    expect((await again.read('Invoice__c', asked[1])).map(({ rows }) => rows.length)).toEqual([50, 0])
    // The results were put away with that: from the place before, everything is read in pages, and no second job is asked for.
    expect(new Set(ids(await again.read('Invoice__c', asked[0]))).size).toBe(ROWS)
    expect(calls(again, /POST .*\/jobs\/query$/)).toBe(1)
  })

  it('enumerates for a sweep what is alive', async () => {
    const s = await org(300)
    const pages = await s.read('Invoice__c', null, 'full')
    expect(pages.map(({ rows }) => rows.length)).toEqual([0, 294, 0])
    expect(pages.at(-1)).toMatchObject({ last: true })
    expect(pages.slice(0, -1).some((page) => page.last)).toBe(false)
    expect(calls(s, /POST .*\/jobs\/query$/)).toBe(1)
  })

  it('reads few rows in pages, and changes in pages however many they are', async () => {
    const s = await org(249)
    await s.read('Invoice__c')
    for (let n = 300; n < 600; n++) s.put({ kind: 'invoice', id: idOf('invoice', n), fields: {} })
    const since = { began: NOW - 7e6, done: true }
    expect(ids(await s.read('Invoice__c', since))).toHaveLength(300)
    expect(calls(s, /jobs/)).toBe(0)
  })

  it.each<[string, JobOptions, RegExp]>([
    ['the user lacks the permission', { forbidden: true }, /BulkApiQuery\. \(API_DISABLED_FOR_ORG\)/],
    [
      'no job of the day is left',
      { daily: 0 },
      /Maximum number of query jobs for 24 hours exceeded\. \(EXCEEDEDQUOTA\)/,
    ],
    ['the results lack a row', { short: true }, /the job found \d+ rows, but its results have \d+\./],
    ['the job fails', { fails: true }, /the job ended as Failed: Retried more than fifteen times\./],
  ])('reads pages and says so where %s', async (_why, jobs, reason) => {
    const s = await org(300, jobs)
    for (const mode of ['changes', 'full'] as const) {
      const pages = await s.read('Invoice__c', null, mode)
      expect(new Set(ids(pages)).size).toBe(mode === 'full' ? 294 : 300)
      expect(new Set(notes(pages))).toEqual(
        new Set(
          [
            expect.stringMatching(reason),
            expect.stringMatching(/^Salesforce does not give Invoice__c by a bulk/),
          ].slice(0, 1),
        ),
      )
      expect(pages.at(-1)!.completeThrough).toBeDefined()
    }
  })

  it('reads everything in pages where the results have lapsed, or a job waits for more than a day', async () => {
    const s = await org(300)
    const [asked] = await first(s)
    s.set(NOW + WEEK)
    const pages = await s.read('Invoice__c', asked!.cursor!)
    expect(new Set(ids(pages)).size).toBe(300)
    expect(notes(pages)[0]).toMatch(/\(NOT_FOUND\) It is read in pages/)
    // Complete as of the run that began a week ago: what changed since is read by the next one.
    expect(pages.at(-1)!.cursor).toMatchObject({ began: (asked!.cursor as { began: number }).began, done: true })

    const stuck = await org(300, { stuck: true })
    const [waiting] = await first(stuck)
    stuck.set(NOW + 86_500_000)
    const after = await stuck.read('Invoice__c', waiting!.cursor!)
    expect(ids(after)).toHaveLength(300)
    expect(notes(after)[0]).toMatch(/was not done after a day and was called off/)
    expect(calls(stuck, /PATCH .*\/jobs\/query\/750/)).toBe(1)
  })

  it('waits where the calls of the day are spent, instead of going around by pages', async () => {
    const s = await org(300)
    let met = 0
    s.meet(({ path }) => (path.endsWith('/jobs/query') && met++ < 1 ? { kind: 'throttle' } : null))
    expect(notes(await s.read('Invoice__c'))).toEqual([])
    expect(calls(s, /POST .*\/jobs\/query$/)).toBe(2)
  })
})

/** What is handed out before anybody waits for the job. */
async function first(s: Simulated): Promise<Page[]> {
  for await (const page of (await s.stream('Invoice__c')).read(s.context(), null)) return [page]
  return []
}
