/** Failures of the engine, as our error with what to do about them. */
import { PlumblineError, type ErrorCode } from '../../errors.ts'

interface Reading {
  code: ErrorCode
  says: string
  remedy: string
  retryable?: boolean
}

/** ClickHouse error codes that have an answer of their own. */
const KNOWN: Record<string, Reading> = {
  241: {
    code: 'full',
    says: 'A query needed more memory than it may use.',
    remedy: 'Raise memory.max_query_mb and memory.max_engine_mb, or narrow what is asked.',
  },
  159: {
    code: 'full',
    says: 'A query ran longer than it may.',
    remedy: 'Try again when the machine is less busy, or narrow what is asked.',
    retryable: true,
  },
  160: {
    code: 'full',
    says: 'A query would run longer than it may.',
    remedy: 'Try again when the machine is less busy, or narrow what is asked.',
    retryable: true,
  },
  243: {
    code: 'full',
    says: 'The disk of the facts database is full.',
    remedy: 'Free space there; nothing acknowledged was lost and the next run continues.',
  },
  252: {
    code: 'full',
    says: 'The facts database has too many parts to merge.',
    remedy: 'Wait a few minutes for its merges; if it stays so, its disk is too slow or too full.',
    retryable: true,
  },
  202: {
    code: 'upstream',
    says: 'The ClickHouse server is too busy.',
    remedy: 'It is tried again; raise max_concurrent_queries if it stays so.',
    retryable: true,
  },
  242: {
    code: 'upstream',
    says: 'The facts tables are read-only at the moment.',
    remedy: 'Check the ClickHouse server and its Keeper.',
    retryable: true,
  },
  516: {
    code: 'auth',
    says: 'The ClickHouse server refuses the user or password.',
    remedy: 'Set clickhouse.user and clickhouse.password, or CLICKHOUSE_USER and CLICKHOUSE_PASSWORD.',
  },
  497: {
    code: 'auth',
    says: 'The ClickHouse user may not do this.',
    remedy: 'Grant it ALL on the Plumbline database.',
  },
  209: {
    code: 'upstream',
    says: 'The ClickHouse server did not answer in time.',
    remedy: 'Check the server and the network between.',
    retryable: true,
  },
}

const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_SOCKET',
])

/** `where` names the engine for people; it never holds a password. */
export function failure(thrown: unknown, where: string): PlumblineError {
  if (thrown instanceof PlumblineError) return thrown
  const cause = thrown instanceof Error ? thrown : new Error(String(thrown))
  // A streamed result fails with the engine's own text, where the client would have taken the code out.
  const [, number, rest] = /^Code: (\d+)\. DB::Exception: ([^]*)/.exec(cause.message) ?? []
  const code = number ?? (cause as { code?: string | number }).code
  const text = rest ?? cause.message
  const known = KNOWN[String(code)]
  if (/no space left on device|errno: 28/i.test(text)) return made(KNOWN['243']!, cause)
  if (known) return made(known, cause)
  if (NETWORK.has(String(code)) || /timeout error|socket hang up/i.test(text))
    return new PlumblineError('upstream', `${where} is not reachable (${code ?? 'no answer in time'}).`, {
      cause,
      remedy:
        'Check that ClickHouse runs at that address and that nothing blocks the way; work continues when it answers.',
    })
  return new PlumblineError('sql', `The database refuses a statement: ${brief(text)}`, {
    cause,
    remedy: 'This is a fault in Plumbline or in an expert check; please report it with this message.',
  })
}

function made({ code, says, remedy, retryable }: Reading, cause: Error): PlumblineError {
  return new PlumblineError(code, says, { cause, remedy, retryable: retryable ?? false })
}

/** First line, without the engine's own version and stack, short enough for a log line. */
function brief(text: string): string {
  const line = text.split('\n')[0] ?? ''
  return line.length > 400 ? `${line.slice(0, 400)}…` : line
}
