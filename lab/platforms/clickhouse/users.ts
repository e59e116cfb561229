/** Users of the simulated server: one that reads, and one that may not even send settings; what each may do at most. */

export const READER = { user: 'plumbline_reader', password: 'lab-clickhouse-reader-password' }
/** Signs in with readonly = 1: what the connector would send stands in its profile. */
export const STRICT = { user: 'plumbline_strict', password: 'lab-clickhouse-strict-password' }

export interface Bounds {
  /** Bytes of memory that one statement may take. */
  memory?: number
  /** Statements that a user may run at once. */
  atOnce?: number
  /** Rows after which an answer is broken off: in the middle of it, where it is not waited for as a whole. */
  rows?: number
  /** Tables of the company that nobody may read but the owner. */
  forbidden?: readonly string[]
  /** Tables that the owner adds, and others may read. */
  further?: readonly string[]
}

/** What the connector sends where it may. */
const SENT = {
  final: 1,
  max_execution_time: 120,
  date_time_output_format: 'iso',
  output_format_json_quote_64bit_integers: 1,
  output_format_json_quote_64bit_floats: 1,
  output_format_json_quote_decimals: 1,
  output_format_json_quote_denormals: 1,
}

type Xml = { [tag: string]: Xml | Xml[] | string | number }

/** users.xml: `default` is the owner, alone on this machine. */
export function usersXml(
  database: string,
  tables: readonly string[],
  { memory, atOnce, rows, forbidden = [], further = [] }: Bounds,
): string {
  const bounds = {
    ...(memory !== undefined && { max_memory_usage: memory }),
    ...(atOnce !== undefined && { max_concurrent_queries_for_user: atOnce }),
    ...(rows !== undefined && { max_result_rows: rows, max_block_size: Math.ceil(rows / 4) }),
  }
  const grants = [...tables, ...further]
    .filter((name) => !forbidden.includes(name))
    .map((name) => `GRANT SELECT ON ${database}.${name}`)
  const user = (password: string, profile: string, query?: string[]): Xml => ({
    password,
    profile,
    quota: 'default',
    networks: { ip: '127.0.0.1' },
    ...(query && { grants: query.map((one) => ({ query: one })) }),
  })
  return xml({
    clickhouse: {
      profiles: {
        default: {},
        [READER.user]: { readonly: 2, ...bounds },
        [STRICT.user]: { readonly: 1, ...SENT, ...bounds },
      },
      quotas: { default: {} },
      users: {
        default: user('', 'default'),
        [READER.user]: user(READER.password, READER.user, grants),
        [STRICT.user]: user(STRICT.password, STRICT.user, grants),
      },
    },
  })
}

const xml = (value: Xml | Xml[] | string | number): string => {
  if (Array.isArray(value)) return value.map(xml).join('')
  if (typeof value !== 'object') return String(value)
  return Object.entries(value)
    .map(([tag, inner]) => `<${tag}>${xml(inner)}</${tag}>`)
    .join('')
}
