/** What Snowflake says by status, SQLSTATE and its own numbers. */
import type { ErrorReader } from '../contract.ts'

/** Not enough rights, as far as it says so; mostly it calls what may not be seen "does not exist or not authorized". */
const RIGHTS = new Set(['003001', '003011'])
/** Cancelled, by itself or by somebody. */
const ENDED = new Set(['000604', '000630', '000639'])

export const errors: ErrorReader = ({ status, text }) => {
  if (status < 400) return undefined
  const { code, sqlState, message } = body(text)
  const said = message ?? 'no reason given'
  if (status === 408 || (code !== undefined && ENDED.has(code)))
    return { code: 'upstream', message: `The statement was ended: ${said}`, retryable: false }
  if (status === 401 || status === 403)
    return { code: 'auth', message: `${said}${code === undefined ? '' : ` (${code})`}` }
  if (status !== 422) return undefined
  if ((code !== undefined && RIGHTS.has(code)) || sqlState === '42501') return { code: 'auth', message: said }
  return { code: 'schema', message: said }
}

function body(text: string): { code?: string; sqlState?: string; message?: string } {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null ? parsed : {}
  } catch {
    return {}
  }
}
