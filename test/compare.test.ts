/** Compare, as a new analyst uses it: exports with foreign column names, no configuration, one command. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compare } from '../server/commands/compare.ts'
import type { Comparison } from '../server/compare/differences.ts'
import { loadConfig } from '../server/config/load.ts'
import { discoverConnectors, foldersOf } from '../server/discover.ts'

const EXPORTS = join(dirname(fileURLToPath(import.meta.url)), 'exports')
const exported = (name: string) => join(EXPORTS, name)
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'compare-test-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function run(pairs: string[], more: Record<string, string | string[]> = {}) {
  let said = ''
  const out = join(folder, 'report.html')
  const globals = {
    config: '',
    configGiven: false,
    data: undefined,
    json: true,
    env: {},
    out: (text: string) => void (said += text),
    err: () => {},
  }
  const code = await compare.run(globals, { out, ...more }, pairs)
  return {
    code,
    found: JSON.parse(said) as Comparison & { unread: Record<string, number> },
    html: readFileSync(out, 'utf8'),
  }
}

const left = () => readdirSync(tmpdir()).filter((f) => f.startsWith('plumbline-compare-'))

describe('compare', () => {
  it('reads a German SAP export in Windows-1252 beside a HubSpot export, and finds what differs', async () => {
    const before = left()
    const saved = join(folder, 'saved.yaml')
    const { code, found, html } = await run(
      [`crm=${exported('hubspot-companies.csv')}`, `erp=${exported('sap-debitoren.csv')}`],
      { save: saved },
    )
    expect(code).toBe(1)
    expect(left()).toEqual(before)
    const [customers] = found.kinds
    expect(customers).toMatchObject({
      kind: 'customer',
      records: { crm: 8, erp: 8 },
      matched: 7,
      differing: 2,
      only: { crm: 1, erp: 1 },
      several: 0,
    })
    const differing = found.lines.filter((l) => l.state === 'differs').map((l) => [l.name, l.field, l.values])
    expect(differing).toEqual(
      expect.arrayContaining([
        ['Café Zürich AG', 'bill_to.postal_code', { crm: '8001', erp: '8002' }],
        ['Falke Logistik GmbH', 'bill_to.postal_code', { crm: '70173', erp: '70174' }],
      ]),
    )
    // Found without any id in common: by what they say.
    const mueller = found.lines.find((l) => l.records['erp']?.includes('100235'))!
    expect(mueller).toMatchObject({
      state: 'spelling',
      records: { crm: ['9001002'] },
      linked: 'similar in several fields',
    })
    expect(found.lines.find((l) => l.records['crm']?.includes('9001006'))).toMatchObject({
      state: 'only',
      note: 'not in erp',
    })

    // A hostile value stays text, and the page may reach nothing.
    expect(html).toContain("default-src 'none'")
    expect(html).not.toMatch(/(?:src|href)="(?!data:)/)
    expect(html).toContain('=HYPERLINK')

    // What was guessed is a configuration that the product reads.
    const connectors = await discoverConnectors(foldersOf('connectors', []))
    const { config, problems } = loadConfig(saved, { env: {}, connectors })
    expect(problems).toEqual([])
    expect(Object.keys(config!.platforms)).toEqual(['crm', 'erp'])
  })

  it('compares invoices beside customers, in decimal commas and points, and adds up the money', async () => {
    const { found } = await run([
      `erp=${exported('sap-debitoren.csv')}`,
      `erp=${exported('erp-rechnungen.csv')}`,
      `billing=${exported('billing-customers.csv')}`,
      `billing=${exported('billing-invoices.csv')}`,
    ])
    const invoices = found.kinds.find((k) => k.kind === 'invoice')!
    expect(invoices).toMatchObject({ matched: 3, only: { erp: 1, billing: 1 } })
    expect(invoices.money).toEqual([{ currency: 'EUR', differing: '0.54', only: { billing: '99', erp: '11900' } }])
    const customers = found.kinds.find((k) => k.kind === 'customer')!
    expect(customers.fields.find((f) => f.field === 'currency')).toMatchObject({ differing: 1 })
    // The billing export's customer ids lead to the same customers.
    expect(invoices.fields.find((f) => f.field === 'customer')).toMatchObject({ differing: 0, compared: 3 })
  })

  it('takes a column for what the caller says, and names columns that do not exist', async () => {
    const one = join(folder, 'one.csv')
    const two = join(folder, 'two.csv')
    writeFileSync(one, 'Key,Title,Budget\n1,Alpha Logistik,5\n2,Bruno Metallbau,6\n')
    writeFileSync(two, 'Key,Title,Rahmen\n1x,Alpha Logistik,5\n2x,Bruno Metallbau,7\n')
    const { found } = await run([`crm=${one}`, `erp=${two}`], {
      map: ['Title=name', 'Budget=health_score', 'erp.Rahmen=health_score'],
    })
    expect(found.lines).toMatchObject([
      { name: 'Bruno Metallbau', field: 'health_score', values: { crm: '6', erp: '7' } },
    ])
    await expect(run([`crm=${one}`, `erp=${two}`], { map: ['Titel=name'] })).rejects.toThrow(
      /No file has a column “Titel”/,
    )
    await expect(run([`crm=${one}`])).rejects.toThrow(/two platforms/)
    await expect(run([`crm=${one}`, 'erp=nothing.csv'])).rejects.toThrow(/There is no file nothing.csv/)
  })
})
