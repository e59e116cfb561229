/** Rows: objects as lines of JSON, the form in which both engines read them fastest. */

/** 64-bit numbers may be bigint or decimal text; both arrive exactly. */
export function ndjson(rows: readonly object[]): string {
  let text = ''
  for (const row of rows) text += `${line(row)}\n`
  return text
}

function line(row: object): string {
  try {
    return JSON.stringify(row)
  } catch {
    // Only a bigint makes plain rows fail; the replacer costs too much to run for every row.
    return JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value))
  }
}
