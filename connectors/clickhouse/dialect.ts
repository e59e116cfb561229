/** What ClickHouse says by the numbers of its exceptions; a failure may come after a status of 200. */
import type { ErrorReader } from '../contract.ts'

/** Numbers of src/Common/ErrorCodes.cpp. */
const AUTH = new Set([192, 193, 194, 195, 497, 516])
const BUSY = new Set([202, 203, 439])
/** Time, memory, bytes or rows that a statement may take. */
const EXCEEDED = new Set([158, 159, 160, 241, 307, 396])
const WRONG = new Set([
  6, 10, 16, 20, 27, 36, 38, 41, 42, 43, 44, 46, 47, 53, 60, 62, 63, 70, 72, 81, 115, 164, 179, 215, 352, 386, 452, 456,
  457, 469,
])

export const errors: ErrorReader = ({ status, headers, text }) => {
  const said = exceptionIn(status, text)
  const code = Number(headers['x-clickhouse-exception-code'] ?? /Code: (\d+)/.exec(said ?? '')?.[1] ?? Number.NaN)
  if (said === null && !Number.isInteger(code)) return undefined
  // The version stands behind the message; the statement itself is never repeated.
  const message = (said ?? `exception ${code}`)
    .replace(/^Code: \d+\. DB::Exception: /, '')
    .replace(/: In scope[\s\S]*|\(version [\s\S]*/, '')
    .trim()
  if (AUTH.has(code)) return { code: 'auth', message }
  if (BUSY.has(code)) return { code: 'rate_limited', message }
  if (EXCEEDED.has(code)) return { code: 'upstream', message, retryable: false }
  if (WRONG.has(code)) return { code: 'schema', message }
  return { code: 'upstream', message }
}

/**
 * The exception stands behind what came of the rows: where the answer was not waited for as a whole (the status is 200 then),
 * and where it was packed (the server cannot take back what it has packed already).
 */
function exceptionIn(status: number, text: string): string | null {
  const tail = text.slice(-4096)
  const inside =
    /"exception": "((?:[^"\\]|\\.)*)"\s*\}\s*$/.exec(tail)?.[1] ??
    /(Code: \d+\. DB::Exception: [\s\S]*)$/.exec(tail)?.[1]
  // A cell may say it too: then the answer goes on to its end.
  return inside === undefined || (status < 300 && text.trimEnd().endsWith(']}')) ? null : inside
}
