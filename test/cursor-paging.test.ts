/** Cursors and paging: no row is lost between pages and runs, and every list ends. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Cursor, HttpReply, HttpRequest } from '../connectors/contract.ts'
import { completeThrough, doneCursor, lastOf, openWindow, pageCursor, platformClock } from '../connectors/cursor.ts'
import type { Position } from '../connectors/cursor.ts'
import { cursorPages, linkHeaderPages, linkTarget, nextUrlPages, offsetPages } from '../connectors/paging.ts'

interface Row extends Position {
  /** From when on readers see it. */
  visibleAt: number
}

/** One run against a platform that lists by (stamp, id); stops after `pages` pages as a crash would. */
function readRun(
  rows: readonly Row[],
  cursor: Cursor,
  now: () => number,
  lagMs: number,
  size: number,
  pages: number,
): { seen: string[]; cursor: Cursor; through: number | null } {
  const window = openWindow(cursor, now(), lagMs)
  const seen: string[] = []
  let after = window.after
  for (let page = 0; page < pages; page++) {
    const visible = rows.filter((r) => r.visibleAt <= now()).sort((a, b) => a.stamp - b.stamp || (a.id < b.id ? -1 : 1))
    const reach = visible.filter((r) =>
      after
        ? r.stamp > after.stamp || (r.stamp === after.stamp && r.id > after.id)
        : window.since === null || r.stamp >= window.since,
    )
    const got = reach.slice(0, size)
    seen.push(...got.map((r) => `${r.id}@${r.stamp}`))
    after = lastOf(got, (r) => r) ?? after
    if (reach.length <= size) return { seen, cursor: doneCursor(window, after), through: completeThrough(window) }
    cursor = pageCursor(window, after!)
  }
  return { seen, cursor, through: null }
}

describe('tie-safe cursors', () => {
  it('yield every row that is visible through the complete-through instant, whatever the ties, lag and interruptions', () => {
    const lag = 50
    const row = fc.record({
      stamp: fc.integer({ min: 0, max: 60 }).map((s) => s * 10),
      id: fc.string({ unit: fc.constantFrom(...'abcdef'), minLength: 3, maxLength: 3 }),
      late: fc.integer({ min: 0, max: lag }),
    })
    const runs = fc.array(fc.record({ gap: fc.integer({ min: 1, max: 120 }), pages: fc.integer({ min: 1, max: 6 }) }), {
      minLength: 3,
      maxLength: 12,
    })
    fc.assert(
      fc.property(
        fc.uniqueArray(row, { selector: (r) => r.id, maxLength: 60 }),
        runs,
        fc.integer({ min: 1, max: 7 }),
        (made, schedule, size) => {
          const rows = made.map((r) => ({ ...r, visibleAt: r.stamp + r.late }))
          let now = 100
          let cursor: Cursor = null
          let through: number | null = null
          const seen = new Set<string>()
          for (const { gap, pages } of [...schedule, { gap: 1000, pages: 1000 }]) {
            now += gap
            const run = readRun(rows, cursor, () => now, lag, size, pages)
            // Cursors are JSON: what cannot survive that is no cursor.
            cursor = JSON.parse(JSON.stringify(run.cursor)) as Cursor
            for (const key of run.seen) seen.add(key)
            through = run.through ?? through
            if (through !== null)
              for (const r of rows)
                if (r.stamp <= through)
                  expect(seen.has(`${r.id}@${r.stamp}`), `${r.id}@${r.stamp} through ${through}`).toBe(true)
          }
          expect(seen.size).toBe(rows.length)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('resume the same way however often they are resumed, and read again from where the run before began', () => {
    const window = openWindow(null, 10_000, 500)
    expect(window).toMatchObject({ since: null, after: null })
    const cursor = pageCursor(window, { stamp: 7, id: 'x' })
    expect(openWindow(cursor, 99_000, 500)).toEqual(openWindow(cursor, 50_000, 500))
    expect(openWindow(doneCursor(window, { stamp: 9_000, id: 'x' }), 20_000, 500).since).toBe(8_500)
    expect(openWindow(doneCursor(window, { stamp: 999_000, id: 'x' }), 20_000, 500).since).toBe(9_500)
    expect(openWindow(doneCursor(window, null), 20_000, 500, 1000).since).toBe(9_000)
    expect(openWindow({ some: 'older form' }, 20_000, 500)).toMatchObject({ since: null, after: null })
  })

  it('go by the platform’s clock', () => {
    expect(platformClock({ headers: { date: 'Fri, 20 Nov 2026 12:00:00 GMT' } }, 5)).toBe(
      Date.parse('2026-11-20T12:00:00Z'),
    )
    expect(platformClock({ headers: {} }, 5)).toBe(5)
  })
})

describe('paging', () => {
  const reply = (body: unknown, headers: Record<string, string> = {}): HttpReply => ({
    status: 200,
    headers,
    text: '',
    json: () => body,
  })
  const serving = (answer: (request: HttpRequest) => HttpReply) => {
    const asked: HttpRequest[] = []
    return { asked, ctx: { http: { request: async (request: HttpRequest) => (asked.push(request), answer(request)) } } }
  }
  const all = async (pages: AsyncIterable<HttpReply>) => {
    const found: unknown[] = []
    for await (const page of pages) found.push(page.json())
    return found
  }

  it('follows next links, without repeating the first query', async () => {
    const { ctx, asked } = serving(({ url }) =>
      url === '/a'
        ? reply(1, { link: '<https://x/2>; rel="prev", <https://x/3>; title="a, b"; rel="last next"' })
        : reply(2),
    )
    expect(await all(linkHeaderPages(ctx, { url: '/a', query: { limit: 2 } }))).toEqual([1, 2])
    expect(asked[1]).toEqual({ url: 'https://x/3' })
    expect(linkTarget('<u>; rel=next', 'next')).toBe('u')
    expect(linkTarget('', 'next')).toBeUndefined()
  })

  it('carries a token from page to page', async () => {
    const { ctx, asked } = serving(({ query }) =>
      reply({
        n: query?.['after'] ?? null,
        next: query?.['after'] === 'b' ? null : query?.['after'] === 'a' ? 'b' : 'a',
      }),
    )
    expect(
      await all(
        cursorPages(
          ctx,
          { url: '/a', query: { limit: 2 } },
          'after',
          (r) => (r.json() as { next: string | null }).next,
        ),
      ),
    ).toHaveLength(3)
    expect(asked.map((r) => r.query)).toEqual([{ limit: 2 }, { limit: 2, after: 'a' }, { limit: 2, after: 'b' }])
  })

  it('counts offsets by what came', async () => {
    const list = [1, 2, 3, 4, 5]
    const { ctx, asked } = serving(({ query }) =>
      reply(list.slice(Number(query!['o']), Number(query!['o']) + Number(query!['l']))),
    )
    expect(
      (
        await all(offsetPages(ctx, { url: '/a' }, { offset: 'o', limit: 'l' }, 2, (r) => (r.json() as number[]).length))
      ).flat(),
    ).toEqual(list)
    expect(asked).toHaveLength(3)
  })

  it('refuses a list that names the same next page twice', async () => {
    const { ctx } = serving(() => reply({ next: 'x' }))
    await expect(
      all(nextUrlPages(ctx, { url: '/a?key=canary' }, (r) => (r.json() as { next: string }).next)),
    ).rejects.toMatchObject({ code: 'schema', message: expect.stringContaining('does not advance') })
    await expect(all(cursorPages(ctx, { url: '/a?key=canary' }, 'c', () => 'x'))).rejects.toMatchObject({
      message: expect.not.stringContaining('canary'),
    })
  })
})
