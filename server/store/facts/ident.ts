/** Identifiers: the only way a name, instead of a value, gets into SQL text. */
import { PlumblineError } from '../../errors.ts'

/**
 * The name, quoted for ClickHouse. Our own names are lower-case words; anything else would have to come
 * from outside and is refused, so that no text of a person or platform can become SQL.
 * @throws PlumblineError sql
 */
export function ident(name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name))
    throw new PlumblineError(
      'sql',
      `${JSON.stringify(name.slice(0, 80))} is not a name that a table or column may have.`,
      {
        remedy: 'Use letters, digits and underscores, starting with a letter.',
      },
    )
  return `\`${name}\``
}

/** `database.table`, both checked. */
export function tableOf(facts: { database: string }, table: string): string {
  return `${ident(facts.database)}.${ident(table)}`
}
