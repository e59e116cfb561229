/** A good configuration: what the rest of the product gets from it. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Secret } from '../connectors/secret.ts'
import { loadConfig, loadText, required } from '../server/config/load.ts'
import { formatProblems } from '../server/config/problem.ts'
import { PAPER_CONNECTORS } from './world/paper-connectors.ts'

const connectors = PAPER_CONNECTORS
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plumbline-config-'))
  mkdirSync(join(folder, 'secrets'))
  mkdirSync(join(folder, 'maps'))
  writeFileSync(join(folder, 'secrets/token'), 'from-a-file\n')
  writeFileSync(join(folder, 'secrets/empty'), '\n')
  writeFileSync(join(folder, 'outside'), 'not yours')
  symlinkSync(join(folder, 'outside'), join(folder, 'secrets/leaving'))
  symlinkSync(join(folder, 'secrets/token'), join(folder, 'secrets/staying'))
  writeFileSync(join(folder, 'maps/states.csv'), '\uFEFFvalue,platform,code\nbooked,erp,"B, really"\ncancelled,*,X\n')
  writeFileSync(join(folder, 'maps/terms.yaml'), 'owner: finance\nentries: { "*": { N30: net_30 } }\n')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const load = (text: string, more: Partial<Parameters<typeof loadText>[2]> = {}) =>
  loadText(join(folder, 'plumbline.yaml'), text, { env: {}, connectors, ...more })

const told = (text: string, more = {}) => formatProblems(load(text, more).problems).replaceAll(`${folder}/`, '')

const erp = (token: string, url = 'https://erp.example.com') => `platforms:
  erp:
    connector: ledger
    role: erp
    config:
      url: ${url}
      token: ${token}
`

describe('an empty configuration', () => {
  it('is good: every default is filled in, nested ones too', () => {
    const { config, problems } = load('')
    expect(problems).toEqual([])
    expect(config).toMatchObject({
      company: 'Our company',
      server: { host: '127.0.0.1', port: 7117 },
      checks: { folders: [], disable: [], override: {} },
      schedules: { timezone: 'UTC', collect: '*/5 * * * *' },
      money: { reporting_currency: 'EUR', rates: [] },
    })
    expect(load('server: { port: 80 }').config?.server).toEqual({ host: '127.0.0.1', port: 80, set_up: true })
  })
})

describe('secrets', () => {
  it('come from the environment and print as [secret] wherever the configuration is written', () => {
    const { config } = required(load(erp('${ENV:TOKEN}'), { env: { TOKEN: 'hunter-two' } }))
    const token = config.platforms['erp']!.config['token'] as Secret
    expect(token).toBeInstanceOf(Secret)
    expect(token.reveal()).toBe('hunter-two')
    expect(JSON.stringify(config) + inspect(config, { depth: 9 })).not.toContain('hunter-two')
  })

  it('come from files, without the line break at the end', () => {
    const { config } = required(load(erp('${file:token}'), { secretFolder: join(folder, 'secrets') }))
    expect((config.platforms['erp']!.config['token'] as Secret).reveal()).toBe('from-a-file')
  })

  it('may be a part of a text, and fill numbers and truth values', () => {
    const text =
      erp('"a-${ENV:A}-${ENV:B}"', 'https://${ENV:HOST}/api') +
      '    allow_private_network: ${ENV:PRIVATE}\nserver: { port: "${ENV:PORT}" }\n'
    const { config } = required(
      load(text, { env: { A: 'one', B: 'two', HOST: 'erp.example.com', PORT: '8080', PRIVATE: 'true' } }),
    )
    expect(config.platforms['erp']!.config['url']).toBe('https://erp.example.com/api')
    expect((config.platforms['erp']!.config['token'] as Secret).reveal()).toBe('a-one-two')
    expect(config.platforms['erp']!.allow_private_network).toBe(true)
    expect(config.server.port).toBe(8080)
  })

  it('of digits stay text where text is wanted', () => {
    const { config } = required(load(erp('${ENV:PIN}'), { env: { PIN: '0012' } }))
    expect((config.platforms['erp']!.config['token'] as Secret).reveal()).toBe('0012')
  })

  it('stay inside their folder, links included', () => {
    const inside = { secretFolder: join(folder, 'secrets') }
    const at = 'plumbline.yaml:7:14 platforms.erp.config.token: '
    expect(told(erp('${file:staying}'), inside)).toBe('')
    expect(told(erp('${file:leaving}'), inside)).toBe(
      `${at}the secret file leaving is outside of the folder for secrets`,
    )
    expect(told(erp('${file:../outside}'), inside)).toBe(
      `${at}the secret file ../outside is outside of the folder for secrets`,
    )
    expect(told(erp('${file:' + join(folder, 'outside') + '}'), inside)).toBe(
      `${at}the secret file outside is outside of the folder for secrets`,
    )
    expect(told(erp('${file:.}'), inside)).toContain('is outside of the folder for secrets')
  })

  it('without such a folder are absolute paths of regular files', () => {
    expect(told(erp('${file:' + join(folder, 'outside') + '}'))).toBe('')
    expect(told(erp('${file:secrets/token}'))).toContain('must be written as an absolute path')
    expect(told(erp('${file:' + join(folder, 'secrets/staying') + '}'))).toContain(
      'is a symbolic link; name the file itself',
    )
    expect(told(erp('${file:' + join(folder, 'secrets') + '}'))).toContain('is not a regular file')
    expect(told(erp('${file:' + join(folder, 'secrets/empty') + '}'))).toContain('is empty')
  })

  it('may be read by somebody else', () => {
    const { config } = required(load(erp('${file:/vault/x}'), { readSecretFile: (path: string) => `read ${path}` }))
    expect((config.platforms['erp']!.config['token'] as Secret).reveal()).toBe('read /vault/x')
  })

  it('are scrubbed from what a connector says about its settings', () => {
    expect(told(erp('x', '${ENV:URL}'), { env: { URL: 'hunter-two' } })).not.toContain('hunter-two')
  })
})

describe('what comes from elsewhere', () => {
  it('reference maps are read from CSV and YAML beside the file', () => {
    const { config } = required(
      load(
        'reference_maps:\n  states: { file: maps/states.csv, case_sensitive: true }\n  terms: { file: maps/terms.yaml }\n  own: { entries: { "*": { a: b } } }\nplatforms:\n  erp: { connector: paper, role: erp }\n',
      ),
    )
    expect(config.reference_maps).toEqual({
      states: { case_sensitive: true, entries: { erp: { 'B, really': 'booked' }, '*': { X: 'cancelled' } } },
      terms: { case_sensitive: false, entries: { '*': { N30: 'net_30' } } },
      own: { case_sensitive: false, entries: { '*': { a: 'b' } } },
    })
  })

  it('paths start from the folder of the file, the data folder of the command line does not', () => {
    const text = erp('${ENV:T}') + '      folder: ./exports\ndata: ./facts\nchecks: { folders: [mine] }\n'
    const { config } = required(load(text, { env: { T: 'hunter-two' } }))
    expect(config).toMatchObject({ data: join(folder, 'facts'), checks: { folders: [join(folder, 'mine')] } })
    expect(config.platforms['erp']!.config['folder']).toBe(join(folder, 'exports'))
    expect(required(load('', { data: './elsewhere' })).config.data).toBe('./elsewhere')
    expect(required(load('')).config.data).toBeUndefined()
  })

  it('CLICKHOUSE_URL overrides the address and keeps the rest', () => {
    const text = 'clickhouse: { url: http://one:8123, user: reader, database: facts }\n'
    expect(load(text, { env: { CLICKHOUSE_URL: 'http://two:8123' } }).config?.clickhouse).toEqual({
      url: 'http://two:8123',
      user: 'reader',
      database: 'facts',
    })
    expect(load('', { clickhouseUrl: 'http://two:8123' }).config?.clickhouse).toEqual({
      url: 'http://two:8123',
      database: 'plumbline',
    })
    expect(load('').config?.clickhouse).toBeUndefined()
  })

  it('settings of connectors come with their defaults, and parse again to the same', () => {
    const { config } = required(load(erp('${ENV:T}'), { env: { T: 'hunter-two' } }))
    const settings = config.platforms['erp']!.config
    expect(settings).toMatchObject({ pages: { size: 100 }, region: 'eu' })
    expect(connectors.get('ledger')!.config.parse(settings)).toEqual(settings)
  })

  it('the landscape knows what declared streams keep, and waits for those that are discovered', () => {
    const text = erp('${ENV:T}') + '    streams: [invoices]\n  crm: { connector: paper, role: crm }\n'
    const { landscape } = required(load(text, { env: { T: 'hunter-two' } }))
    expect([landscape.keeps('erp', 'customer'), landscape.keeps('erp', 'invoice')]).toEqual([false, true])
    expect(landscape.keeps('crm', 'invoice')).toBe(true)
    landscape.setKeeps('crm', ['customer'])
    expect(landscape.keeps('crm', 'invoice')).toBe(false)
  })
})

describe('YAML', () => {
  it('may use anchors and merges', () => {
    const text = 'x: &files { connector: paper }\n'
    expect(told(text)).toContain('x: unknown key')
    const { config } = required(
      load(
        'platforms:\n  crm: &p { connector: paper, role: crm, timezone: Europe/Zurich }\n  support: { <<: *p, role: support }\n',
      ),
    )
    expect(config.platforms['support']).toMatchObject({
      connector: 'paper',
      role: 'support',
      timezone: 'Europe/Zurich',
    })
  })

  it('cannot reach into the prototypes of our objects', () => {
    load(
      'reference_maps: { __proto__: { entries: { "*": { polluted: yes } } }, constructor: { entries: {} } }\n__proto__: { polluted: yes }\n',
    )
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it('with thousands of aliases is refused, not expanded', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefghij'.split('').map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefghi'[i]}`).join(',')}]`),
    ].join('\n')
    const { config, problems } = load(bomb)
    expect(config).toBeNull()
    expect(formatProblems(problems)).toContain('cannot be read')
  })

  it('is taken from a file the same way', () => {
    const file = join(folder, 'plumbline.yaml')
    writeFileSync(file, 'company: Acme\n')
    const loaded = loadConfig(file, { env: {}, connectors })
    expect(loaded.config?.company).toBe('Acme')
    expect(loaded.folder).toBe(folder)
  })
})
