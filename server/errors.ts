/** The one error class. Thrown anywhere, caught in three places: the HTTP retry loop, the stage runner, `app.onError`. */
import { ConnectorError } from '../connectors/contract.ts'

export const ERROR_CODES = [
  'config', // the configuration, a check or a command line is wrong; a person must change it
  'auth', // a platform refuses our credentials or a scope is missing
  'rate_limited', // a platform asks us to slow down
  'upstream', // a platform fails or is not reachable
  'schema', // a platform, file or message has a shape that we cannot read
  'sql', // the database refuses or fails
  'conflict', // somebody else holds what we need, or it moved on
  'not_found',
  'forbidden', // the signed-in person may not do this
  'full', // no space left, or a limit of ours is reached
] as const
export type ErrorCode = (typeof ERROR_CODES)[number]

export interface ErrorDetail {
  /** What to do about it, as one sentence for the person who reads it. */
  remedy?: string
  /** May the same call succeed later without anybody changing anything? */
  retryable?: boolean
  /** Wait at least this long before trying again. */
  retryAfterMs?: number
  status?: number
  cause?: unknown
  file?: string
  line?: number
  path?: string
}

export class PlumblineError extends Error {
  readonly code: ErrorCode
  readonly remedy: string | undefined
  readonly retryable: boolean
  readonly retryAfterMs: number | undefined
  /** HTTP status of the platform, where there was one. */
  readonly status: number | undefined
  readonly file: string | undefined
  readonly line: number | undefined
  /** Path inside the file or payload (`platforms.erp.connector`). */
  readonly path: string | undefined

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause })
    this.name = 'PlumblineError'
    this.code = code
    this.remedy = detail.remedy
    this.retryable = detail.retryable ?? (code === 'rate_limited' || code === 'upstream')
    this.retryAfterMs = detail.retryAfterMs
    this.status = detail.status
    this.file = detail.file
    this.line = detail.line
    this.path = detail.path
  }

  /** As it travels to the command line and into run records: without the stack. */
  toJSON(): { code: ErrorCode; message: string; remedy?: string } {
    return { code: this.code, message: this.message, ...(this.remedy !== undefined && { remedy: this.remedy }) }
  }
}

/** Anything thrown, as our error: the guarantee that every catch site relies on. */
export function asError(thrown: unknown): PlumblineError {
  if (thrown instanceof PlumblineError) return thrown
  if (thrown instanceof ConnectorError) {
    const { code, message, remedy, retryable, file, line } = thrown
    return new PlumblineError(code, message, {
      cause: thrown,
      retryable,
      ...(remedy && { remedy }),
      ...(file && { file }),
      ...(line && { line }),
    })
  }
  const cause = thrown instanceof Error ? thrown : new Error(String(thrown))
  const code = (cause as NodeJS.ErrnoException).code
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new PlumblineError('full', 'The disk is full.', {
      cause,
      remedy: 'Free space in the data folder; nothing was lost and the next run continues.',
    })
  return new PlumblineError('upstream', cause.message, { cause, retryable: false })
}
