/** Files in a bucket: signed requests, long lists, pieces of one unchanged object, and the same series and manifests as in a folder. */
import { parquetWriteBuffer } from 'hyparquet-writer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import connector from '../connectors/files/connector.ts'
import { addressOf } from '../connectors/files/s3.ts'
import { s3Headers } from '../connectors/files/s3-signature.ts'
import { Secret } from '../connectors/secret.ts'
import { connectorSettings } from '../server/config/connector-settings.ts'
import type { Bucket } from './world/bucket.ts'
import { bucket } from './world/bucket.ts'
import type { Simulated } from './world/simulated.ts'
import { ids, lastCursor, simulated } from './world/simulated.ts'

const T0 = Date.parse('2026-11-20T12:00:00Z')
const BASE = 'exports/erp & co/'
let store: Bucket
let world: Simulated

beforeAll(async () => {
  store = bucket({})
  world = await simulated(store, connector as never)
  store.put(`${BASE}customers-2026-11-01.csv`, 'record_id,name\n1,Acme\n2,Beta\n', T0 - 86_400_000)
  store.put(`${BASE}customers-2026-11-02.csv`, 'record_id,name\n1,Acme\n3,Gamma\n', T0 - 3_600_000)
  store.put(`${BASE}older/customers-2026-10-01.csv`, 'record_id,name\n9,Old\n', T0)
  store.put('exports/erp & co', '', T0)
  store.put(BASE, '', T0)
})
afterAll(() => world?.stop())

describe('signatures', () => {
  // From the store's own documentation: "Signature calculations for the Authorization header".
  const keys = {
    region: 'us-east-1',
    access_key_id: 'AKIAIOSFODNN7EXAMPLE',
    secret_access_key: new Secret('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'),
  }
  it.each([
    ['/test.txt', { Range: 'bytes=0-9' }, 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41'],
    ['/?lifecycle', {}, 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
    ['/?max-keys=2&prefix=J', {}, '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
  ])('are those of the published examples: %s', (path, headers, signature) => {
    const request = { url: `https://examplebucket.s3.amazonaws.com${path}`, headers }
    const { authorization } = s3Headers(request, keys, Date.UTC(2013, 4, 24))
    expect(authorization!.split('Signature=')[1]).toBe(signature)
  })

  it.each([
    [{ secret_access_key: 'another' }, 'SignatureDoesNotMatch'],
    [{ access_key_id: 'NOBODY' }, 'InvalidAccessKeyId'],
  ])('that do not fit are a refusal with its reason', async (wrong, reason) => {
    const other = await simulated(bucket({}), connector as never, {
      config: (shipped) => ({ ...shipped, s3: { ...(shipped['s3'] as object), ...wrong } }),
    })
    const refusal = { code: 'auth', message: expect.stringContaining(reason) as string }
    await expect(connector.ping(other.context() as never)).rejects.toMatchObject(refusal)
    await other.stop()
  })
})

describe('a bucket', () => {
  it('is listed to its end, and only what lies directly below the prefix', async () => {
    store.most = 1
    const before = world.seen.length
    expect((await connector.ping(world.context() as never)).account).toContain('customers')
    expect(world.seen.length - before).toBe(3)
    store.most = 1000
  })

  it('gives a series from its oldest file, and later only what is newer', async () => {
    const first = await world.read('customers')
    expect(ids(first)).toEqual(['1', '2', '1', '3'])
    expect(first.filter((p) => p.last).map((p) => p.source!.name)).toEqual([
      'customers-2026-11-01.csv',
      'customers-2026-11-02.csv',
    ])
    expect(first.at(-1)!.completeThrough).toBe(T0 - 3_600_000)
    const cursor = lastCursor(first)
    expect(ids(await world.read('customers', cursor))).toEqual([])
    store.put(`${BASE}customers-2026-11-03.csv`, 'record_id,name\n4,Delta\n', T0)
    expect(ids(await world.read('customers', cursor))).toEqual(['4'])
  })

  it('knows an object by what the store calls its bytes, not by when it was put there', async () => {
    const cursor = lastCursor(await world.read('customers'))
    store.put(`${BASE}customers-2026-11-03.csv`, 'record_id,name\n4,Delta\n', T0 + 60_000)
    expect(ids(await world.read('customers', cursor))).toEqual([])
    store.put(`${BASE}customers-2026-11-03.csv`, 'record_id,name\n5,Omega\n', T0 + 60_000)
    expect(ids(await world.read('customers', cursor))).toEqual(['5'])
  })

  it('is believed as complete as its manifest says', async () => {
    const files = { 'customers-2026-11-03.csv': { rows: 2, complete_through: '2026-11-20T06:00:00Z' } }
    store.put(`${BASE}manifest.json`, JSON.stringify({ files }), T0)
    const pages = await world.read('customers', null, 'full')
    expect(pages.find((p) => p.counted)).toMatchObject({ counted: { theirs: 2, ours: 1 }, last: false })
    expect(pages.flatMap((p) => p.notes ?? [])).toEqual([expect.stringContaining('1 rows where the manifest says 2')])
    expect(pages.at(-1)!.completeThrough).toBe(Date.parse('2026-11-20T06:00:00Z'))
    store.drop(`${BASE}manifest.json`)
  })

  it('gives Parquet with its own digits', async () => {
    const columns = [
      { name: 'record_id', data: ['p1'], type: 'STRING' as const },
      { name: 'amount', data: [90071992547409931n], type: 'INT64' as const },
    ]
    store.put(`${BASE}payments.parquet`, new Uint8Array(parquetWriteBuffer({ columnData: columns })), T0)
    const [record] = await world.mapped('payments', await world.read('payments'))
    expect(record).toMatchObject({ record_id: 'p1', fields: { amount: '90071992547409931' } })
  })
})

describe('a large object', () => {
  const ROWS = 100
  const large = Array.from({ length: ROWS }, (_, n) =>
    JSON.stringify({ record_id: String(n), name: 'x'.repeat(100_000) }),
  )

  it('comes in pieces, with no row lost at their edges', async () => {
    store.put(`${BASE}contacts.ndjson`, large.join('\n'), T0)
    const asked: string[] = []
    store.onPiece = (_, range) => void asked.push(range)
    const read = ids(await world.read('contacts'))
    expect(read).toEqual(Array.from({ length: ROWS }, (_, n) => String(n)))
    expect(asked).toEqual(['bytes=0-8388607', expect.stringMatching(/^bytes=8388608-\d+$/)])
  })

  it('that is replaced between two pieces is no whole file: nothing is concluded, and it is read again', async () => {
    let pieces = 0
    store.onPiece = (key) => {
      if (++pieces === 2) store.put(key, large.slice(0, 50).join('\n'), T0 + 1000)
    }
    const pages = await world.read('contacts')
    store.onPiece = () => {}
    expect(pages.some((p) => p.last)).toBe(false)
    expect(pages.flatMap((p) => p.notes ?? [])).toEqual([expect.stringContaining('still being written')])
    expect(pages.at(-1)!.completeThrough).toBeUndefined()
    expect(ids(await world.read('contacts', lastCursor(pages)))).toHaveLength(50)
  })

  it.each([{ kind: 'throttle' }, { kind: 'error', status: 500 }, { kind: 'truncated' }, { kind: 'hang' }] as const)(
    'survives what happens once: %o',
    async (fault) => {
      const before = world.seen.length
      world.meet((_, n) => (n === before + 3 ? fault : null))
      expect(ids(await world.read('contacts'))).toHaveLength(50)
      world.meet(() => null)
    },
  )
})

describe('settings', () => {
  const s3 = { region: 'eu-central-1', access_key_id: 'a', secret_access_key: 'b' }
  it.each([
    [{ ...s3 }, 'https://drops.s3.eu-central-1.amazonaws.com'],
    [{ ...s3, path_style: true }, 'https://s3.eu-central-1.amazonaws.com/drops'],
    [{ ...s3, endpoint: 'https://minio.internal:9000' }, 'https://minio.internal:9000/drops'],
    [{ ...s3, endpoint: 'https://store.example', path_style: false }, 'https://drops.store.example'],
  ])('say where a bucket is', (given, address) => {
    expect(addressOf(connector.config.parse({ folder: 's3://drops/in', s3: given }))).toBe(address)
  })

  it('need keys for a bucket, and refuse them for a folder', () => {
    expect(connector.config.safeParse({ folder: 's3://drops/in' }).error?.message).toContain('say how to sign in')
    expect(connector.config.safeParse({ folder: './in', s3 }).error?.message).toContain('s3://')
  })

  it('leave the address of a bucket as it is, and start paths from the folder of the file', () => {
    const read = (folder: string, more: object = {}) => {
      const raw = { platforms: { erp: { connector: 'files', config: { folder, ...more } } } }
      const found = connectorSettings(new Map([['files', connector as never]]), raw, raw, '/etc/plumbline', () => {})
      return found.get('erp')!['folder']
    }
    expect(read('s3://drops/in', { s3 })).toBe('s3://drops/in')
    expect(read('./in')).toBe('/etc/plumbline/in')
  })
})
