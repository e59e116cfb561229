import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
let folder: string

beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'plumbline-cli-'))))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Outcome {
  code: number | null
  out: string
  err: string
}

/** The real command, in a process of its own, as a person runs it. */
function plumbline(args: string[], env: Record<string, string> = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(ROOT, 'bin/plumbline.mjs'), ...args], {
      cwd: folder,
      env: { ...process.env, ...env },
    })
    const outcome: Outcome = { code: null, out: '', err: '' }
    child.stdout.on('data', (d: Buffer) => (outcome.out += d.toString()))
    child.stderr.on('data', (d: Buffer) => (outcome.err += d.toString()))
    child.on('close', (code) => resolve({ ...outcome, code }))
  })
}

function write(path: string, text: string, at = '2026-11-20T12:00:00Z'): void {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  utimesSync(file, new Date(at), new Date(at))
}

const files = (name: string, role: string) =>
  `  ${name}: { connector: files, role: ${role}, config: { folder: ./${name} } }\n`
const sentence = (outcome: Outcome) =>
  outcome.err
    .split('\n')
    .filter((l) => l && !l.startsWith('{'))
    .join('\n')

describe('the command line over files that it has never seen', () => {
  it('finds every seeded difference, invents none, and exports them in the public shape', async () => {
    write('plumbline.yaml', `platforms:\n${files('crm', 'crm')}${files('erp', 'erp')}${files('billing', 'billing')}`)
    write(
      'crm/customers.csv',
      'record_id,name,legal_name,tax_id,bill_to.country,payment_terms,state,changed_at\nS1,Nordwind,Nordwind Logistik GmbH,DE136695976,DE,net_30,customer,2026-11-01T08:00:00Z\nS2,Talwerk,Talwerk AG,CHE-116.281.710,CH,net_30,customer,2026-11-01T08:00:00Z\nS3,Lindgren,Lindgren AB,,SE,net_30,customer,2026-11-01T08:00:00Z\n',
    )
    write(
      'erp/customers.csv',
      'record_id,name,legal_name,tax_id,bill_to.country,payment_terms,state,refs.crm,changed_at\nN1,NORDWIND,Nordwind Logistik G.m.b.H.,DE 136 695 976,Germany,Net 30,customer,S1,2026-11-01T08:05:00Z\nN2,Talwerk,Talwerk AG,CHE116281710,Schweiz,Net 45,customer,S2,2026-11-01T08:05:00Z\n',
    )
    write(
      'billing/customers.csv',
      'record_id,name,refs.crm,changed_at\nC1,Nordwind,S1,2026-11-01T08:05:00Z\nC2,Talwerk,S2,2026-11-01T08:05:00Z\nC3,Lindgren,S3,2026-11-01T08:05:00Z\n',
    )
    expect((await plumbline(['validate'])).code).toBe(0)
    const collected = await plumbline(['collect'])
    expect(collected, collected.err).toMatchObject({ code: 0 })
    expect(collected.out).toContain('customers: 3 read, 3 changed')
    expect((await plumbline(['check', '--as-of', '2026-11-20T12:00:00Z'])).code).toBe(0)
    const exported = await plumbline(['export', 'findings', '--format', 'ndjson', '--where', 'state=open'])
    const findings = exported.out
      .trim()
      .split('\n')
      .map((l) => JSON.parse(l) as Record<string, unknown>)
    expect(findings.map((f) => [f.category, f.kind, f.field, f.owner_platform, f.platform]).sort()).toEqual([
      ['mismatch', 'customer', 'payment_terms', 'erp', 'crm'],
      ['missing', 'customer', null, 'crm', 'erp'],
    ])
    expect(findings.find((f) => f.field)).toMatchObject({
      expected: { erp: 'net_45' },
      actual: { crm: 'net_30' },
      verdict: 'drift',
      amount_at_risk: null,
    })
    // Looking at everything finds the same.
    const full = await plumbline(['check', '--full', '--as-of', '2026-11-20T12:00:00Z', '--fail-on', 'high'])
    expect(full.out).toContain('2 open findings')
    expect(full.code).toBe(1)
  }, 240_000)

  it('talks to the running server instead of opening its data folder', async () => {
    const server = spawn(process.execPath, [join(ROOT, 'bin/plumbline.mjs'), 'start'], {
      cwd: folder,
      env: process.env,
    })
    let said = ''
    const up = new Promise<void>((resolve) =>
      server.stdout.on('data', (d: Buffer) => (said += d.toString()).includes('administrator at') && resolve()),
    )
    await up
    expect(said).toMatch(/running at http:\/\/127\.0\.0\.1:7117/)
    const checked = await plumbline(['check', '--json'])
    expect(checked, checked.err).toMatchObject({ code: 0 })
    expect((JSON.parse(checked.out) as unknown[]).length).toBeGreaterThan(5)
    expect((await plumbline(['export', 'records', '--kind', 'customer'])).out.trim().split('\n')).toHaveLength(8)
    const second = await plumbline(['start'])
    expect(second.code).toBe(1)
    expect(sentence(second)).toMatch(
      /in use by process \d+.*\nUse that server, stop it, or give another folder with --data\./,
    )
    server.kill('SIGINT')
    await new Promise((resolve) => server.on('close', resolve))
  }, 240_000)
})

describe('what goes wrong ends in a sentence that says what to do', () => {
  it('no configuration', async () => {
    const outcome = await plumbline(['start', '--config', 'nowhere.yaml'])
    expect(outcome.code).toBe(2)
    expect(sentence(outcome)).toContain('There is no configuration file nowhere.yaml.\nCopy plumbline.example.yaml')
  }, 240_000)

  it('no configuration at all, where the dashboard leads to one', async () => {
    const empty = join(folder, 'empty')
    mkdirSync(empty)
    const server = spawn(process.execPath, [join(ROOT, 'bin/plumbline.mjs'), 'start'], { cwd: empty })
    let said = ''
    await new Promise<void>((resolve) =>
      server.stdout.on('data', (d: Buffer) => (said += d.toString()).includes('/set-up leads') && resolve()),
    )
    expect(said).toMatch(/There is no plumbline\.yaml yet: http:\S+\/set-up leads through it/)
    server.kill('SIGTERM')
    expect(await new Promise((resolve) => server.on('close', resolve))).toBe(0)
    expect(existsSync(join(empty, 'plumbline.yaml'))).toBe(false)
  }, 240_000)

  it('an unknown key and a platform name given twice', async () => {
    write(
      'bad.yaml',
      `platforms:\n  erp: { conector: files, role: erp, config: { folder: ./erp } }\n  crm: { connector: files, role: crm, config: { folder: ./crm } }\n  crm: { connector: files, role: crm, config: { folder: ./old } }\n`,
    )
    const outcome = await plumbline(['validate', '--config', 'bad.yaml'])
    expect(outcome.code).toBe(2)
    expect(outcome.out).toMatch(/bad\.yaml:2:\d+ platforms\.erp\.conector.*did you mean "connector"/)
    expect(outcome.out).toMatch(/bad\.yaml:4:\d+ .*crm/)
  }, 240_000)

  it('an unknown command, platform, check and option', async () => {
    expect(sentence(await plumbline(['colect']))).toContain('There is no command "colect".')
    expect(sentence(await plumbline(['collect', 'crmm', '--data', 'd1']))).toContain('Did you mean "crm"?')
    expect(sentence(await plumbline(['check', 'existence/custommer', '--data', 'd1']))).toContain(
      'Did you mean "existence/customer"?',
    )
    expect((await plumbline(['check', '--ful'])).code).toBe(2)
  }, 240_000)

  it('a corrupt CSV: the rows that can be read are kept, nothing counts as deleted', async () => {
    write('torn.yaml', `platforms:\n${files('torn', 'crm')}`)
    write('torn/customers.csv', 'record_id,name\nA1,Fine\nA2,"never closed\nA3,lost\n')
    const outcome = await plumbline(['collect', '--config', 'torn.yaml', '--data', 'd2'])
    expect(outcome.code).toBe(1)
    expect(outcome.out).toMatch(/customers\.csv/)
    expect(outcome.out).toMatch(/quot/i)
  }, 240_000)

  it('a platform that is down, and credentials that are refused', async () => {
    const refusing = createServer((_, reply) => {
      reply.writeHead(401, { 'content-type': 'application/json' })
      reply.end(
        JSON.stringify({ error: { type: 'invalid_request_error', message: 'Invalid API Key provided: sk_****' } }),
      )
    })
    await new Promise<void>((ready) => refusing.listen(0, '127.0.0.1', ready))
    const port = (refusing.address() as AddressInfo).port
    const stripe = (url: string) =>
      `platforms:\n  stripe:\n    connector: stripe\n    role: billing\n    allow_private_network: true\n    config: { key: "\${ENV:STRIPE_KEY}", base_url: "${url}" }\n`
    write('auth.yaml', stripe(`http://127.0.0.1:${port}`))
    const env = { STRIPE_KEY: 'rk_test_0123456789abcdef' }
    const doctor = await plumbline(['doctor', '--config', 'auth.yaml', '--data', 'd3'], env)
    refusing.close()
    expect(doctor.code, doctor.err).toBe(1)
    expect(doctor.out).toMatch(/BAD {2}stripe: .*\n +\S/)
    expect(doctor.out + doctor.err).not.toContain('0123456789abcdef')
    const missing = await plumbline(['validate', '--config', 'auth.yaml'], { STRIPE_KEY: '' })
    expect(missing.code).toBe(2)
    expect(missing.out).toContain('STRIPE_KEY')
    write('down.yaml', stripe('http://127.0.0.1:9'))
    const down = await plumbline(['doctor', '--config', 'down.yaml', '--data', 'd4'], env)
    expect(down.code).toBe(1)
    expect(down.out).toMatch(/BAD {2}stripe: .*127\.0\.0\.1:9/)
  }, 120_000)
})
