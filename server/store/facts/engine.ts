/** Engine: what the two ways to reach ClickHouse have in common. Chosen in open.ts; nobody else knows which it is. */

export interface Engine {
  /** For people, without credentials. */
  where: string
  embedded: boolean
  version: string
  rows<Row>(sql: string, params: Record<string, unknown>): Promise<Row[]>
  batches<Row>(sql: string, params: Record<string, unknown>, size: number): AsyncIterable<Row[]>
  command(sql: string, params: Record<string, unknown>): Promise<void>
  /** `table` is already quoted; one line of JSON a row. */
  insert(table: string, ndjson: string): Promise<void>
  close(): Promise<void>
}

/** Collects rows into batches of one size, so that consumers see the same shape from both engines. */
export async function* batched<Row>(chunks: AsyncIterable<Row[]>, size: number): AsyncIterable<Row[]> {
  let batch: Row[] = []
  for await (const rows of chunks) {
    for (const row of rows) {
      batch.push(row)
      if (batch.length < size) continue
      yield batch
      batch = []
    }
  }
  if (batch.length) yield batch
}
