/** What PostgreSQL says by its five-letter codes, in the closed words of the contract. */
import { ConnectorError } from '../contract.ts'
import type { PostgresConfig } from './config.ts'

/**
 * Appendix A of the PostgreSQL manual. What the server never said (a connection that was cut) is left as it is: the
 * line has words for it.
 */
export function failed(error: unknown, { user, database, statement_timeout }: PostgresConfig): unknown {
  const { code, message } = error as { code?: unknown; message?: unknown }
  if (error instanceof ConnectorError) return error
  if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code) || /^E[A-Z]{4}$/.test(code)) return unsaid(error)
  // One line, bounded: it may quote a value of a row.
  const said = String(message).replace(/\s+/g, ' ').slice(0, 200)
  const made = (kind: ConnectorError['code'], text: string, remedy?: string, retryable?: boolean) =>
    new ConnectorError(kind, text, {
      cause: error,
      ...(remedy !== undefined && { remedy }),
      ...(retryable !== undefined && { retryable }),
    })
  if (code.startsWith('28'))
    return made('auth', `PostgreSQL refuses ${user}: ${said}.`, 'Check the user, the password and pg_hba.conf.')
  if (code === '42501') return made('auth', `${user} may not read this: ${said}.`, `GRANT SELECT on it to ${user}.`)
  if (code === '3D000')
    return made('config', `There is no database ${database}.`, 'Correct the database in the platform’s settings.')
  if (code === '57014')
    return made(
      'upstream',
      `PostgreSQL gave up a statement after ${statement_timeout} s.`,
      'Put an index on the columns of changed and id, or raise statement_timeout.',
      false,
    )
  if (code.startsWith('53')) return made('rate_limited', `PostgreSQL has no room for us now: ${said}.`)
  if (/^(08|40|57P|58|XX)/.test(code)) return made('upstream', `PostgreSQL fails: ${said}.`)
  if (code === '25006')
    return made(
      'config',
      `A query of the settings tries to write: ${said}.`,
      'Only SELECTs are run, and only read only.',
    )
  return made(
    'schema',
    `PostgreSQL does not run the statement: ${said} (${code}).`,
    'Check the table, columns or query in the settings.',
  )
}

/** The driver's own words for a connection that ended before the answer. */
function unsaid(error: unknown): unknown {
  const message = error instanceof Error ? error.message : String(error)
  if (/terminated|Connection ended|timeout expired/i.test(message))
    return new ConnectorError('upstream', 'The connection to PostgreSQL was cut before the answer was complete.', {
      cause: error,
    })
  if (/does not support SSL/i.test(message))
    return new ConnectorError('config', 'This server does not encrypt.', {
      cause: error,
      remedy: 'Switch TLS on there, or set tls: off for a server inside your own network.',
    })
  return error
}
