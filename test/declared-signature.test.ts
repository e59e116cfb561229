/** Declared signatures against independent signers: the Standard Webhooks library, its published vector, and Node's own keys. */
import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { signatureSchema, verifyDeclared } from '../connectors/declared-signature.ts'
import { deliveriesOf, readTemplate } from '../connectors/job-runs.ts'
import type { HookRequest } from '../connectors/receiver.ts'

const NOW = Date.parse('2026-11-20T12:00:00Z')
const request = (body: string | Uint8Array, headers: Record<string, string>): HookRequest => ({
  method: 'POST',
  path: '/',
  query: {},
  headers,
  body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
})
const trust = (config: unknown, r: HookRequest, now = NOW) => verifyDeclared(signatureSchema.parse(config), r, now)

describe('Standard Webhooks', () => {
  const KEY = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
  const config = { scheme: 'standard_webhooks', secrets: [KEY] }

  it('takes the vector that its libraries publish', () => {
    const headers = {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    }
    expect(trust(config, request('{"test": 2432232314}', headers), 1614265330_000)).toEqual({ trust: 'signed' })
    expect(trust(config, request('{"test": 2432232315}', headers), 1614265330_000)).toMatchObject({ trust: 'refused' })
  })

  it('agrees with the library about any body, and refuses every other byte', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.nat(), (body, at) => {
        const id = `msg_${at}`
        const signature = new Webhook(KEY).sign(id, new Date(NOW), body)
        const headers = { 'webhook-id': id, 'webhook-timestamp': String(NOW / 1000), 'webhook-signature': signature }
        expect(trust(config, request(body, headers))).toEqual({ trust: 'signed' })
        expect(trust(config, request(`${body} `, headers))).toMatchObject({ reason: 'the signature is wrong' })
      }),
      { numRuns: 50 },
    )
  })

  it('takes one right signature among many wrong ones, and an old key beside the new', () => {
    const signature = new Webhook(KEY).sign('m', new Date(NOW), 'x')
    const headers = {
      'webhook-id': 'm',
      'webhook-timestamp': String(NOW / 1000),
      'webhook-signature': `v1,AA== v2,zz ${signature}`,
    }
    const rotating = { ...config, secrets: [`whsec_${Buffer.alloc(24, 1).toString('base64')}`, KEY] }
    expect(trust(rotating, request('x', headers))).toEqual({ trust: 'signed' })
    const flooded = { ...headers, 'webhook-signature': `${'v1,AAAA '.repeat(1_000)}${signature}` }
    expect(trust(config, request('x', flooded))).toMatchObject({ trust: 'refused' })
  })

  it('tolerates the stamp on both sides and no further', () => {
    for (const [offset, good] of [
      [-300, true],
      [300, true],
      [-301, false],
      [301, false],
      [86_400, false],
    ] as const) {
      const at = NOW + offset * 1000
      const headers = {
        'webhook-id': 'm',
        'webhook-timestamp': String(at / 1000),
        'webhook-signature': new Webhook(KEY).sign('m', new Date(at), 'x'),
      }
      expect(trust(config, request('x', headers)).trust, String(offset)).toBe(good ? 'signed' : 'refused')
    }
  })

  it('takes ed25519 signatures (v1a)', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64')
    const stamp = String(NOW / 1000)
    const signature = sign(null, Buffer.from(`m.${stamp}.x`), privateKey).toString('base64')
    const headers = { 'webhook-id': 'm', 'webhook-timestamp': stamp, 'webhook-signature': `v1a,${signature}` }
    const asymmetric = { scheme: 'standard_webhooks', secrets: [`whpk_${raw}`] }
    expect(trust(asymmetric, request('x', headers))).toEqual({ trust: 'signed' })
    expect(trust(asymmetric, request('y', headers))).toMatchObject({ trust: 'refused' })
  })
})

describe('a declared signature', () => {
  it.each(['sha1', 'sha256', 'sha512'] as const)('is checked over the bytes with %s in every spelling', (algorithm) => {
    const body = Buffer.from([0xff, 0x00, 0x7b, 0x22, 0xc3])
    for (const encoding of ['hex', 'base64', 'base64url'] as const) {
      const signature = createHmac(algorithm, 'key').update(body).digest(encoding)
      const config = { scheme: 'hmac', header: 'X-Sig', algorithm, encoding, prefix: 'v0=', secrets: ['key'] }
      expect(trust(config, request(body, { 'x-sig': `v0=${signature}` })), encoding).toEqual({ trust: 'signed' })
      for (const wrong of ['', signature.slice(1), `${signature}00`, 'ü', '='.repeat(500)])
        expect(trust(config, request(body, { 'x-sig': `v0=${wrong}` })).trust).toBe('refused')
    }
  })

  it('reads a stamp inside the signature header, as Stripe writes it', () => {
    const stamp = String(NOW / 1000)
    const signature = createHmac('sha256', 'whsec').update(`${stamp}.{}`).digest('hex')
    const config = {
      scheme: 'hmac',
      header: 'stripe-signature',
      prefix: 'v1=',
      content: '{timestamp}.{body}',
      timestamp: { parameter: 't' },
      secrets: ['whsec'],
    }
    const headers = { 'stripe-signature': `t=${stamp},v1=${signature},v0=ignored` }
    expect(trust(config, request('{}', headers))).toEqual({ trust: 'signed' })
    expect(trust(config, request('{}', headers), NOW + 301_000)).toMatchObject({ reason: 'the stamp is too old' })
  })

  it('takes ed25519 keys as PEM, hexadecimal and base64, several at once', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
    const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString()
    const headers = { 'x-sig': sign(null, Buffer.from('body'), privateKey).toString('hex') }
    for (const key of [pem, raw.toString('hex'), raw.toString('base64')])
      expect(
        trust({ scheme: 'ed25519', header: 'x-sig', public_keys: ['0'.repeat(64), key] }, request('body', headers)),
      ).toEqual({ trust: 'signed' })
    expect(
      trust({ scheme: 'ed25519', header: 'x-sig', public_keys: ['0'.repeat(64)] }, request('body', headers)).trust,
    ).toBe('refused')
  })

  it('must cover the body', () => {
    expect(
      signatureSchema.safeParse({ scheme: 'hmac', header: 'x', secrets: ['k'], content: '{timestamp}' }).success,
    ).toBe(false)
  })
})

describe('a job run', () => {
  it('is read from its title by a template, and by no other title', () => {
    expect(readTemplate('Order {number} for {*}', 'Order SO-17 for Acme')).toEqual({ number: 'SO-17' })
    expect(readTemplate('{*} account {record_id}, change {correlation_id}', 'moved account N1, change c-9')).toEqual({
      record_id: 'N1',
      correlation_id: 'c-9',
    })
    for (const [template, text] of [
      ['Order {number}', 'Invoice 7'],
      ['Order {number} for {*}', 'Order SO-17'],
      ['Order {number}.', 'Order 7. more'],
    ] as const)
      expect(readTemplate(template, text), text).toBeNull()
  })

  it('is sent and answered, keeps what it repeats, and is only sent while it runs', () => {
    const job = { from: 'crm', to: 'erp', kind: 'order', read: ['Order {number}'] }
    const run = {
      id: 'r2',
      job: '1',
      name: 'Orders',
      texts: ['Order 17'],
      startedAt: '2026-11-20T11:00:00Z',
      endedAt: '2026-11-20T11:00:05Z',
      failed: true,
      error: 'locked',
      repeats: 'r1',
      attempt: 2,
    }
    expect(deliveriesOf(job, run).map((r) => r.value)).toMatchObject([
      {
        id: 'r2/sent',
        type: 'sent',
        number: '17',
        correlation_id: 'r1',
        detail: { run: 'r2', repeats: 'r1', attempt: 2 },
      },
      { id: 'r2/rejected', type: 'rejected', message: 'locked' },
    ])
    expect(deliveriesOf(job, { ...run, endedAt: null, failed: null })).toHaveLength(1)
  })
})
