/** The agreement certificate: its counts are counted again another way, its hashes are made again from exports, and no byte of it can be changed. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { main } from '../server/cli.ts'
import { issueCertificate, type Issued } from '../server/report/certificate/issue.ts'
import { canonical, type Json } from '../server/report/certificate/canonical.ts'
import { publicKeys, rotate } from '../server/report/certificate/keys.ts'
import { bitsFor, partitions } from '../server/report/certificate/lines.ts'
import { verifyCertificate, verifyRecords, type GivenRecord } from '../server/report/certificate/verify.ts'
import { recordsExport } from '../server/store/facts/records-export.ts'
import { controlWorld, type ControlWorld } from './world/control.ts'
import { factsWorld, type FactsWorld } from './world/facts.ts'
import { customers, reportWorld, type ReportWorld } from './world/report-world.ts'

let engine: FactsWorld
let stores: ControlWorld
let world: ReportWorld
let issued: Issued
let records: GivenRecord[]
let folder: string

async function* given(all: readonly GivenRecord[]): AsyncIterable<GivenRecord> {
  for (const record of all) yield await Promise.resolve(record)
}
const exported = async () => {
  const all: GivenRecord[] = []
  for await (const batch of recordsExport(engine.facts, 'customer')) all.push(...batch)
  return all
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plumbline-certificate-'))
  engine = await factsWorld()
  stores = controlWorld()
  world = reportWorld(engine.facts, stores.control)
  // Customer 1 has other terms, 0 and 5 differ in name and mail; 6 is known to the CRM alone; 7 changed a minute ago.
  await world.put(
    ...customers([1], '2026-11-02T08:00:00Z'),
    {
      platform: 'crm',
      kind: 'customer',
      record_id: 'S6',
      name: 'Alone',
      state: 'customer',
      changed_at: '2026-11-02T08:00:00Z',
    },
    ...customers([], '2026-11-02T08:00:00Z')
      .slice(2, 4)
      .map((r) => ({
        ...r,
        record_id: r.record_id.replace('1', '7'),
        legal_name: 'Sieben GmbH',
        name: 'Sieben',
        email: '',
        refs: Object.fromEntries(
          Object.entries(r['refs'] as Record<string, string>).map(([k, v]) => [k, v.replace('1', '7')]),
        ),
        ...(r.platform === 'erp' && { payment_terms: 'net_45', changed_at: '2026-11-16T11:59:00Z' }),
      })),
  )
  await world.look()
  issued = await issueCertificate(world.ctx, 'u1')
  records = await exported()
})
afterAll(async () => {
  await engine.end()
  stores.end()
  rmSync(folder, { recursive: true, force: true })
})

describe('the counts of a certificate', () => {
  it('are those of an independent count over exports and findings, and undecided never agrees', async () => {
    const live = records.filter((r) => r['deleted'] !== true)
    const entities = new Map<string, Set<string>>()
    for (const r of live)
      entities.set(
        String(r['entity_id']),
        (entities.get(String(r['entity_id'])) ?? new Set()).add(String(r['platform'])),
      )
    const found = (await world.findings()).filter((f) => f.kind === 'customer' && f.state !== 'resolved')
    const stand = (entity: string) => {
      const mine = found.filter((f) => f.entity_id === entity)
      if (mine.some((f) => f.state === 'open')) return 'disagree'
      if (mine.length > 0) return 'undecided'
      return entities.get(entity)!.size < 2 ? 'alone' : 'agree'
    }
    const counted = { agree: 0, disagree: 0, undecided: 0, alone: 0 }
    for (const entity of entities.keys()) counted[stand(entity)] += 1
    expect(counted).toEqual({ agree: 3, disagree: 3, undecided: 1, alone: 1 })
    expect(issued.certificate.customers).toEqual({ total: 8, ...counted })
    expect(issued.certificate.findings).toEqual({
      open: found.filter((f) => f.state === 'open').length,
      undecided: found.filter((f) => f.state === 'undecided').length,
      in_flight: found.filter((f) => f.state === 'in_flight').length,
    })
    expect(issued.certificate.statement).toBe(
      'As of 2026-11-16T12:00:00.000Z, 3 of 8 customers agree on 4 owned fields in 2 platforms; 3 disagree, 1 are undecided, 1 are known to one platform alone.',
    )
  })

  it('hold no personal data: no name, no id, no value', () => {
    for (const secret of [
      'Firma',
      'Anders',
      'kunde.example',
      'net_30',
      'S1',
      ...records.map((r) => String(r['entity_id'])),
    ])
      expect(JSON.stringify(issued.certificate.partitions), secret).not.toContain(`"${secret}"`)
    expect(issued.text).not.toContain('kunde.example')
  })

  it('leave out a platform that was not read, and call what it holds undecided', async () => {
    world.read(world.clock.now() - 3 * 86_400_000, ['erp'])
    await expect(issueCertificate(world.ctx, 'u1')).rejects.toThrow('Fewer than two platforms')
    world.read()
  })

  it('count a change that no check has looked at as undecided', async () => {
    await world.put(...customers([1, 2], '2026-11-02T08:00:00Z').slice(4, 6))
    const { certificate } = await issueCertificate(world.ctx, 'u1')
    expect(certificate.customers).toMatchObject({ agree: 2, undecided: 2 })
    await world.put(...customers([1], '2026-11-02T08:00:01Z').slice(4, 6))
    await world.check()
  })
})

describe('verifying', () => {
  it('accepts what was issued, alone and with the records', async () => {
    const verified = verifyCertificate(issued.text)
    expect(verified.problems).toEqual([])
    const compared = await verifyRecords(verified, given(records))
    expect(compared).toMatchObject({ problems: [], compared: { customers: 8 } })
    expect(compared.compared!.values).toBe(issued.certificate.fields.reduce((n, f) => n + f.agreed, 0))
    expect(compared.compared!.values).toBeGreaterThan(10)
  })

  it('takes the records of each platform from files of their own, in any order', async () => {
    const verified = verifyCertificate(issued.text)
    const apart = [...records].sort((a, b) => (String(a['platform']) < String(b['platform']) ? 1 : -1)).reverse()
    expect((await verifyRecords(verified, given(apart))).problems).toEqual([])
  })

  it('sees one value changed, one customer missing and one too many', async () => {
    const verified = verifyCertificate(issued.text)
    const n = records.findIndex((r) => r['legal_name'] === 'Firma 2 GmbH')
    const changed = records.map((r, i) => (i === n ? { ...r, legal_name: 'Firma Zwei GmbH' } : r))
    const agreeing = records.filter((r) => r['entity_id'] !== records[n]!['entity_id'])
    const more = [
      ...records,
      ...records.slice(n, n + 1).map((r) => ({ ...r, entity_id: 'x' })),
      ...records
        .slice(n, n + 1)
        .map((r) => ({ ...r, entity_id: 'x', platform: r['platform'] === 'crm' ? 'erp' : 'crm' })),
    ]
    for (const wrong of [changed, agreeing, more])
      expect((await verifyRecords(verified, given(wrong))).problems).toHaveLength(1)
  })

  it('catches every field that is changed, and every byte', () => {
    const caught = (text: string) => {
      try {
        return verifyCertificate(text).problems.length > 0
      } catch {
        return true
      }
    }
    const paths: (string | number)[][] = []
    const walk = (value: Json, path: (string | number)[]) => {
      if (value !== null && typeof value === 'object')
        for (const [key, inner] of Object.entries(value))
          walk(inner, [...path, Array.isArray(value) ? Number(key) : key])
      else paths.push(path)
    }
    walk(issued.certificate as unknown as Json, [])
    expect(paths.length).toBeGreaterThan(40)
    for (const path of paths) {
      const copy = structuredClone(issued.certificate) as unknown as Record<string, unknown>
      let at = copy as Record<string | number, unknown>
      for (const step of path.slice(0, -1)) at = at[step] as typeof at
      const last = path.at(-1)!
      const was = at[last]
      at[last] = typeof was === 'number' ? was + 1 : `${String(was)}x`
      expect(caught(`${canonical(copy as Json)}\n`), path.join('.')).toBe(true)
    }
    for (let n = 0; n < issued.text.length; n++) {
      const other = issued.text[n] === '0' ? '1' : '0'
      expect(caught(issued.text.slice(0, n) + other + issued.text.slice(n + 1)), `byte ${n}`).toBe(true)
      if (n % 7 === 0) expect(caught(`${issued.text.slice(0, n)} ${issued.text.slice(n)}`), `space at ${n}`).toBe(true)
    }
    expect(caught(issued.text.trimEnd())).toBe(true)
  }, 60_000)

  it('trusts only the key that it is given, and old certificates outlive a new key', async () => {
    const [old] = publicKeys(world.ctx)
    const fresh = rotate(world.ctx, 'u1')
    const second = await issueCertificate(world.ctx, 'u1')
    expect(second.certificate.signature.key_id).toBe(fresh.id)
    expect(verifyCertificate(issued.text, old!.pem).problems).toEqual([])
    expect(verifyCertificate(second.text, old!.pem).problems[0]).toContain('not by')
    expect(publicKeys(world.ctx).map((k) => k.retired_at !== null)).toEqual([false, true])
    expect(JSON.stringify(publicKeys(world.ctx))).not.toContain('private')
  })

  it('is a command with exit codes that needs no configuration and no data folder', async () => {
    const file = join(folder, 'certificate.json')
    const ndjson = join(folder, 'customers.ndjson')
    writeFileSync(file, issued.text)
    writeFileSync(ndjson, records.map((r) => JSON.stringify(r)).join('\n'))
    writeFileSync(join(folder, 'bad.json'), issued.text.replace('"agree":3', '"agree":4'))
    writeFileSync(join(folder, 'none.json'), '{}')
    writeFileSync(
      join(folder, 'less.ndjson'),
      records
        .slice(4)
        .map((r) => JSON.stringify(r))
        .join('\n'),
    )
    const write = process.stdout.write.bind(process.stdout)
    const error = process.stderr.write.bind(process.stderr)
    process.stdout.write = () => true
    process.stderr.write = () => true
    try {
      expect(await main(['verify-certificate', file])).toBe(0)
      expect(await main(['verify-certificate', file, '--records', ndjson])).toBe(0)
      expect(await main(['verify-certificate', file, '--records', join(folder, 'less.ndjson')])).toBe(1)
      expect(await main(['verify-certificate', join(folder, 'bad.json')])).toBe(1)
      expect(await main(['verify-certificate', join(folder, 'none.json')])).toBe(2)
      expect(await main(['verify-certificate'])).toBe(2)
    } finally {
      process.stdout.write = write
      process.stderr.write = error
    }
  })
})

describe('partitions', () => {
  it('depend on what is in them, not on its order, and hold about 256 customers each', () => {
    expect([0, 255, 512, 1_000_000, 10 ** 9].map(bitsFor)).toEqual([0, 0, 1, 11, 12])
    const fill = (order: number[]) => {
      const made = partitions('salt', 3)
      for (const n of order)
        made.add(`e${n}`, [
          ['name', `n${n}`],
          ['email', `m${n}`],
        ])
      return made.finished()
    }
    const forward = fill(Array.from({ length: 64 }, (_, n) => n))
    expect(fill(Array.from({ length: 64 }, (_, n) => 63 - n))).toEqual(forward)
    expect(forward).toHaveLength(8)
    expect(forward.reduce((n, p) => n + p.subjects, 0)).toBe(64)
    expect(forward.every((p) => p.subjects > 0 && p.lines === 2 * p.subjects)).toBe(true)
  })
})
