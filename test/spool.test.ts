/** The spool: durable before acknowledged, mended after a tear, stepped over where it is damaged, and never silently full. */
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { encodeRecord, scan } from '../server/store/spool/record.ts'
import { openSpool, type Position, type Spool, type SpoolOptions } from '../server/store/spool/spool.ts'
import { handClock } from './world/clock.ts'

const clock = handClock()
const folders: string[] = []
afterEach(() => folders.splice(0).forEach((f) => rmSync(f, { recursive: true, force: true })))

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'spool-'))
  folders.push(made)
  return made
}
const open = (at: string, more: Partial<SpoolOptions> = {}) =>
  openSpool({ folder: at, maxBytes: 1e9, reserveBytes: 0, from: null, clock, ...more })
const put = (spool: Spool, text: string) => spool.append({ at: clock.now(), name: text }, Buffer.from(text))

/** Everything that waits, read in batches of `most` bytes. */
async function all(spool: Spool, most = 1_000): Promise<string[]> {
  const found: string[] = []
  let from: Position | null = spool.position
  for (;;) {
    const batch = await spool.read(from, most)
    if (!batch) return found
    for (const item of batch.items)
      found.push(item.what === 'record' ? item.body.toString() : `damaged ${item.bytes.length}`)
    from = { segment: batch.segment, offset: batch.items.at(-1)!.end }
  }
}
const files = (at: string) => readdirSync(at).sort()

describe('the spool', () => {
  it('keeps what it acknowledged, in order, over a restart and over segments', async () => {
    const at = folder()
    const spool = open(at, { segmentBytes: 2_000 })
    const texts = Array.from({ length: 200 }, (_, n) => `delivery ${n} ${'x'.repeat(n % 50)}`)
    await Promise.all(texts.map((t) => put(spool, t)))
    expect(spool.state()).toMatchObject({ depth: 200, failure: null, synced: 200 })
    // All that waited while one sync ran shared the next.
    expect(spool.state().syncs).toBeLessThan(20)
    for (const text of ['late 1', 'late 2']) await put(spool, text)
    await spool.close()
    const again = open(at, { segmentBytes: 2_000 })
    expect(await all(again)).toEqual([...texts, 'late 1', 'late 2'])
    expect(again.state().depth).toBe(202)
    await again.close()
  })

  it('goes on behind the committed position and deletes what is behind it', async () => {
    const at = folder()
    const spool = open(at, { segmentBytes: 500 })
    for (let n = 0; n < 30; n++) await put(spool, `delivery ${n}`)
    expect(files(at).length).toBeGreaterThan(3)
    const batch = (await spool.read(null, 400))!
    const through = { segment: batch.segment, offset: batch.items[2]!.end }
    await spool.release(through, 3)
    await spool.close()
    const again = open(at, { segmentBytes: 500, from: through })
    expect((await all(again))[0]).toBe('delivery 3')
    expect(again.state().depth).toBe(27)
    let from = again.position
    for (let left = await again.read(from, 1_000); left; left = await again.read(from, 1_000)) {
      from = { segment: left.segment, offset: left.items.at(-1)!.end }
      await again.release(from, left.items.length)
    }
    expect(again.state()).toMatchObject({ depth: 0, bytes: 0, oldestAt: null })
    expect(files(at)).toEqual([])
    // Numbers are never used twice: a position of the past must not mean a new file.
    await put(again, 'new')
    expect(Number(files(at)[0]!.slice(0, 12))).toBeGreaterThan(from!.segment)
    await again.close()
  })

  it('cuts a torn tail off the last segment and keeps what was acknowledged before it', async () => {
    const at = folder()
    const spool = open(at)
    for (const text of ['one', 'two']) await put(spool, text)
    await spool.close()
    const file = join(at, files(at)[0]!)
    const whole = statSync(file).size
    appendFileSync(file, encodeRecord({ at: 1 }, Buffer.alloc(500, 1)).subarray(0, 300))
    const again = open(at)
    expect(again.state().torn).toBe(300)
    expect(statSync(file).size).toBe(whole)
    await put(again, 'three')
    expect(await all(again)).toEqual(['one', 'two', 'three'])
    await again.close()
  })

  it('steps over a flipped bit anywhere and keeps every other delivery', async () => {
    const at = folder()
    const spool = open(at)
    const texts = Array.from({ length: 8 }, (_, n) => `delivery ${n}`)
    for (const text of texts) await put(spool, text)
    await put(spool, 'last')
    await spool.close()
    const file = join(at, files(at)[0]!)
    const good = readFileSync(file)
    const size = encodeRecord({ at: clock.now(), name: texts[0]! }, Buffer.from(texts[0]!)).length
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: size * 8 - 1 }),
        fc.integer({ min: 0, max: 7 }),
        async (offset, bit) => {
          const bad = Buffer.from(good)
          bad[offset] = bad[offset]! ^ (1 << bit)
          writeFileSync(file, bad)
          const mended = open(at)
          const hit = Math.floor(offset / size)
          const found = await all(mended, 64)
          await mended.close()
          expect(found.filter((f) => !f.startsWith('damaged'))).toEqual([...texts.filter((_, n) => n !== hit), 'last'])
          expect(found.filter((f) => f.startsWith('damaged'))).toEqual([`damaged ${size}`])
        },
      ),
      { numRuns: 60 },
    )
  })

  it('reads a delivery that is larger than a batch', async () => {
    const spool = open(folder())
    const large = 'y'.repeat(300_000)
    for (const text of ['a', large, 'b']) await put(spool, text)
    expect(await all(spool, 1_000)).toEqual(['a', large, 'b'])
    await spool.close()
  })

  it('says no when it is full and yes when something was taken out; nothing that was accepted goes', async () => {
    const spool = open(folder(), { maxBytes: 1_000, segmentBytes: 300 })
    const kept: string[] = []
    for (let n = 0; n < 40; n++)
      await put(spool, `delivery ${n}`).then(
        () => kept.push(`delivery ${n}`),
        (error: unknown) => expect(error).toMatchObject({ code: 'full', retryable: true, retryAfterMs: 5_000 }),
      )
    expect(kept.length).toBeGreaterThan(5)
    expect(kept.length).toBeLessThan(40)
    expect(await all(spool)).toEqual(kept)
    const batch = (await spool.read(null, 10_000))!
    await spool.release({ segment: batch.segment, offset: batch.items.at(-1)!.end }, batch.items.length)
    await put(spool, 'there is room again')
    await spool.close()
    await expect(put(spool, 'too late')).rejects.toMatchObject({ code: 'full' })
  })

  it('leaves the stores their room: with too little of it nothing is accepted', async () => {
    const spool = open(folder(), { reserveBytes: Number.MAX_SAFE_INTEGER })
    await expect(put(spool, 'x')).rejects.toMatchObject({ code: 'full', message: /nearly full/ })
    expect(spool.state().failure).toMatch(/nearly full/)
    await spool.close()
  })

  it('finds no record where none was written, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => {
        const parts = [...scan(Buffer.from(noise))]
        expect(parts.every((p) => p.what === 'damaged')).toBe(true)
        expect(parts.reduce((sum, p) => sum + p.end - p.start, 0)).toBe(noise.length)
      }),
      { numRuns: 500 },
    )
  })
})
