/** A PostgreSQL engine inside the process, with the company's tables kept as they stand. */
import type { PGlite } from '@electric-sql/pglite'
import type { PlatformState } from '../../platform.ts'
import { createFollower, TABLES } from '../../warehouse/tables.ts'
import type { CellType } from '../../warehouse/tables.ts'

export const READER = 'plumbline_reader'
export const OWNER = 'postgres'

const TYPES: Record<CellType, string> = {
  text: 'text',
  decimal: 'numeric(38, 9)',
  date: 'date',
  instant: 'timestamptz',
  boolean: 'boolean',
}

/** The laboratory's time is that of the server: a function of its own stands before PostgreSQL's. */
const CLOCK = `
  CREATE SCHEMA lab;
  CREATE TABLE lab.clock (at timestamptz NOT NULL);
  INSERT INTO lab.clock VALUES (now());
  CREATE FUNCTION lab.clock_timestamp() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT at FROM lab.clock';
  CREATE ROLE ${READER} LOGIN;
  GRANT USAGE ON SCHEMA lab TO ${READER};
  GRANT SELECT ON lab.clock TO ${READER};`

export interface Engine {
  db: PGlite
  /** Brings the tables and the clock to where the company is. Only between transactions. */
  follow(): Promise<void>
}

export async function startEngine(state: PlatformState): Promise<Engine> {
  // Only tests and the laboratory have it: a product that reads a real server does not bring one along.
  const { PGlite } = await import('@electric-sql/pglite')
  const db = await PGlite.create()
  const tables = TABLES.map(({ name, columns }) => {
    const typed = columns.map((c) => `"${c.name}" ${TYPES[c.type]}`).join(', ')
    return `CREATE TABLE ${name} (${typed}, PRIMARY KEY (id)); CREATE INDEX ON ${name} (updated_at, id);
      GRANT SELECT ON ${name} TO ${READER};`
  })
  await db.exec(`${CLOCK}${tables.join('\n')} SET search_path = lab, pg_catalog, public`)
  const moved = createFollower(state)
  return {
    db,
    async follow() {
      // RESET would keep the reader: this engine takes whoever was set last for who signed in.
      await db.exec(`SET SESSION AUTHORIZATION ${OWNER}`)
      await db.query('UPDATE lab.clock SET at = to_timestamp($1::bigint / 1000.0)', [state.now()])
      for (const table of TABLES) {
        const { rows, gone } = moved(table)
        if (gone.length > 0) await db.query(`DELETE FROM ${table.name} WHERE id = ANY ($1::text[])`, [gone])
        if (rows.length === 0) continue
        const taken = table.columns.map((c) => `"${c.name}" = excluded."${c.name}"`).join(', ')
        await db.query(
          `INSERT INTO ${table.name} SELECT * FROM jsonb_populate_recordset(NULL::${table.name}, $1::text::jsonb)
           ON CONFLICT (id) DO UPDATE SET ${taken}`,
          [JSON.stringify(rows)],
        )
      }
      await db.exec(`SET SESSION AUTHORIZATION ${READER}`)
    },
  }
}
