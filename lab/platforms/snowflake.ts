/** Simulated Snowflake: the SQL API with statements that go on in the background, results in partitions, and signed tokens. */
import { createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { Hono } from 'hono'
import type { ApiFault, PlatformState, RunningSimulator, Simulator } from '../platform.ts'
import { BadStatement, fixed, openTables, since1970 } from '../warehouse/sqlite.ts'
import type { Found, Tables } from '../warehouse/sqlite.ts'
import type { LabColumn } from '../warehouse/tables.ts'
import { holds, idOf, stateMaps, streamSettings, TABLES } from '../warehouse/tables.ts'
import type { WireEnv } from '../wire.ts'
import { answer, listen } from '../wire.ts'

interface KeyPair {
  /** PEM. */
  key: string
  /** Fingerprint of the public half. */
  print: string
}
let made: KeyPair | undefined
/** Made when it is first needed: it takes a while. */
function keyPair(): KeyPair {
  if (made) return made
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const der = publicKey.export({ type: 'spki', format: 'der' })
  return (made = {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    print: `SHA256:${createHash('sha256').update(der).digest('base64')}`,
  })
}
const WHO = 'LAB-WAREHOUSE.PLUMBLINE'

export interface SnowflakeOptions {
  /** Rows of a partition. */
  partition?: number
  /** Looks after which a statement is finished; 0: at once. */
  looks?: number
  /** What the role may do, as SHOW GRANTS lists it: privilege and object. */
  grants?: readonly (readonly [string, string])[]
  /** Tables that the role may not read. */
  forbidden?: readonly string[]
}

export const snowflakeAccount = (options: SnowflakeOptions = {}): Simulator => ({
  vendor: 'snowflake',
  role: 'warehouse',
  kinds: TABLES.map((t) => t.kind),
  holds,
  id: idOf,
  async start(state): Promise<RunningSimulator> {
    const tables = openTables(state, (t) => `MART.${t.name}`)
    const app = createAccount(state, tables, options)
    const wire = await listen(state, (request, env) => app.fetch(request, env), faulty)
    const { maps, referenceMaps } = stateMaps('snowflake')
    return {
      url: wire.url,
      platformConfig: {
        connector: 'snowflake',
        role: 'warehouse',
        title: 'Snowflake',
        timezone: 'UTC',
        config: {
          account: 'lab-warehouse',
          url: wire.url,
          auth: { flow: 'key_pair', user: 'plumbline', private_key: keyPair().key },
          warehouse: 'SMALL',
          database: 'ANALYTICS',
          streams: streamSettings('MART.'),
        },
        maps,
        allow_private_network: true,
      },
      referenceMaps,
      requests: wire.requests,
      async stop() {
        await wire.stop()
        tables.close()
      },
    }
  },
})
export const snowflake = snowflakeAccount()
export default snowflake

const failure = (status: number, code: string, message: string, more: object = {}) =>
  answer({ code, message, ...more }, status)

function faulty(fault: ApiFault): Response | undefined {
  if (fault.kind === 'throttle') {
    const seconds = fault.retryAfterSeconds
    const wait: Record<string, string> = seconds === undefined ? {} : { 'retry-after': String(seconds) }
    return answer({ code: '390429', message: 'Too many requests' }, 429, wait)
  }
  if (fault.kind === 'error') return failure(fault.status, '000000', 'Service unavailable')
  if (fault.kind === 'expired_session') return failure(401, '390318', 'JWT token is invalid.')
  return undefined
}

interface Result {
  rowType: object[]
  partitions: (string | null)[][][]
  looks: number
}

interface Submitted {
  statement: string
  bindings?: Record<string, { type: string; value: string }>
}

function createAccount(
  state: PlatformState,
  tables: Tables,
  { partition = 10, looks = 0, grants = [], forbidden = [] }: SnowflakeOptions,
) {
  const app = new Hono<WireEnv>()
  const results = new Map<string, Result>()
  /** A request that is sent again is not carried out again. */
  const handles = new Map<string, string>()
  app.use('*', async (c, next) => {
    const header = c.req.header('authorization') ?? ''
    if (c.req.header('x-snowflake-authorization-token-type') !== 'KEYPAIR_JWT' || !signed(header.slice(7), state.now()))
      return failure(401, '390144', 'JWT token is invalid.')
    return next()
  })
  app.post('/api/v2/statements', async (c) => {
    const id = c.req.query('requestId') ?? ''
    const known = handles.get(id)
    if (known !== undefined) return show(known, 0)
    const body = await c.req.json<Submitted>()
    try {
      const handle = `01b2c3d4-0000-4000-8000-${String(results.size).padStart(12, '0')}`
      results.set(handle, { ...run(body), looks })
      handles.set(id, handle)
      return show(handle, 0)
    } catch (error) {
      if (!(error instanceof BadStatement)) throw error
      const denied = error.message.includes('Insufficient privileges')
      return failure(
        422,
        denied ? '003001' : '002003',
        `SQL ${denied ? 'access control' : 'compilation'} error:\n${error.message}`,
        {
          sqlState: denied ? '42501' : '42S02',
        },
      )
    }
  })
  app.get('/api/v2/statements/:handle', (c) => show(c.req.param('handle'), Number(c.req.query('partition') ?? '0')))
  app.notFound(() => failure(404, '000404', 'Not found'))

  function run({ statement, bindings = {} }: Submitted): Omit<Result, 'looks'> {
    if (statement.startsWith('SELECT CURRENT_USER()'))
      return cut(['CURRENT_USER()', 'CURRENT_ACCOUNT()', 'CURRENT_ROLE()'].map(asText), [
        ['PLUMBLINE', 'LAB', 'READER'],
      ])
    if (statement.startsWith('SHOW GRANTS'))
      return cut(
        ['privilege', 'name'].map(asText),
        grants.map((g) => [...g]),
      )
    const no = forbidden.find((name) => statement.includes(`FROM MART.${name} `))
    if (no !== undefined) throw new BadStatement(`Insufficient privileges to operate on table '${no.toUpperCase()}'`)
    const { sql, values } = inSqlite(statement, bindings)
    const found = tables.query(sql, values)
    if (found.columns === null) return cut([{ name: 'N', type: 'fixed', scale: 0, nullable: false }], found.rows)
    const columns = found.table!.columns
    return cut(
      columns.map(rowType),
      found.rows.map((row) => row.map((cell, i) => shown(cell, columns[i]!))),
    )
  }

  function cut(types: object[], rows: Found['rows']): Omit<Result, 'looks'> {
    const partitions = [rows.slice(0, partition)]
    for (let from = partition; from < rows.length; from += partition)
      partitions.push(rows.slice(from, from + partition))
    return { rowType: types, partitions }
  }

  function show(handle: string, number: number): Response {
    const result = results.get(handle)
    const data = result?.partitions[number]
    if (!result || !data) return failure(404, '390142', 'The statement or its partition is not known.')
    const status = { statementHandle: handle, statementStatusUrl: `/api/v2/statements/${handle}` }
    if (result.looks-- > 0)
      return answer({ ...status, code: '333334', message: 'Asynchronous execution in progress.' }, 202)
    if (number > 0) return answer({ data })
    const partitionInfo = result.partitions.map((rows) => ({ rowCount: rows.length, uncompressedSize: 1000 }))
    const numRows = partitionInfo.reduce((sum, p) => sum + p.rowCount, 0)
    const resultSetMetaData = { numRows, format: 'jsonv2', partitionInfo, rowType: result.rowType }
    return answer({
      ...status,
      resultSetMetaData,
      data,
      code: '090001',
      sqlState: '00000',
      message: 'Statement executed successfully.',
    })
  }
  return app
}

/** Names come in capitals where nobody wrote them in quotes. */
function rowType({ name, type }: LabColumn): object {
  const types = { text: 'text', decimal: 'fixed', date: 'date', instant: 'timestamp_ltz', boolean: 'boolean' } as const
  return {
    name: name.toUpperCase(),
    type: types[type],
    scale: type === 'decimal' ? 9 : type === 'instant' ? 9 : null,
    nullable: true,
  }
}
const asText = (name: string) => ({ name, type: 'text', scale: null, nullable: true })

function shown(cell: string | null, { type }: LabColumn): string | null {
  if (cell === null) return null
  if (type === 'date') return String(Date.parse(cell) / 86_400_000)
  if (type !== 'instant') return cell
  const { seconds, nanos } = since1970(fixed(cell))
  return `${seconds}.${nanos}`
}

/** Casts of parameters say what a value is; SQLite takes it as text in the form that is stored. */
function inSqlite(statement: string, bindings: NonNullable<Submitted['bindings']>): { sql: string; values: string[] } {
  const values: string[] = []
  const sql = statement.replace(/CAST\(\? AS ([A-Z_]+)(?:\([\d, ]+\))?\)/g, (_, type: string) => {
    const value = bindings[String(values.length + 1)]?.value
    if (value === undefined) throw new BadStatement('Bind variable not set.')
    values.push(type.startsWith('TIMESTAMP') ? fixed(value) : value)
    return '?'
  })
  return { sql: sql.replace(/FROM (MART\.\w+)/, 'FROM "$1"'), values }
}

function signed(token: string, now: number): boolean {
  const [head, claims, signature] = token.split('.')
  if (!head || !claims || !signature) return false
  if (
    !verify(
      'RSA-SHA256',
      Buffer.from(`${head}.${claims}`),
      createPublicKey(keyPair().key),
      Buffer.from(signature, 'base64url'),
    )
  )
    return false
  const said = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>
  const [made, ends] = [Number(said['iat']), Number(said['exp'])]
  const fresh = ends - made <= 3600 && ends * 1000 > now && made * 1000 <= now + 60_000
  return said['iss'] === `${WHO}.${keyPair().print}` && said['sub'] === WHO && fresh
}
