/** Facts: the ClickHouse side of the store, embedded or by URL behind one interface. */

export interface Facts {
  /** Where it runs, for people: `embedded engine in ./data/facts` or the server's address. */
  where: string
  embedded: boolean
  /** Database name, validated; every table is written `${database}.table`. */
  database: string
  /** Runs one SELECT; rows as objects, 64-bit integers and decimals as strings, instants as ISO text. Values only as {name:Type} parameters. */
  query<Row = Record<string, unknown>>(sql: string, params?: Record<string, unknown>): Promise<Row[]>
  /** The same in batches, for results that must not be held at once. */
  stream<Row = Record<string, unknown>>(
    sql: string,
    params?: Record<string, unknown>,
    batch?: number,
  ): AsyncIterable<Row[]>
  /** A statement without a result. */
  command(sql: string, params?: Record<string, unknown>): Promise<void>
  /** Durable when it resolves. `rows` as objects, or ready NDJSON text (faster). One insert is one block up to 100,000 rows. */
  insert(table: string, rows: readonly object[] | string): Promise<void>
  /** Another database of the same engine, brought to the same schema; it ends with this one. */
  beside(database: string): Promise<Facts>
  close(): Promise<void>
}
