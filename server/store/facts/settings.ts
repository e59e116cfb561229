/** Settings of every ClickHouse connection and table, in one place, because wrong defaults here lose rows or change numbers. */

export type Settings = Record<string, string | number>

/** `26.7.2.1` → [26, 7]. Anything unreadable counts as new: the newer name is the one that will stay. */
export function engineVersion(version: string): [number, number] {
  const [major, minor] = version.split('.').map(Number)
  return [Number.isFinite(major) ? major! : 99, Number.isFinite(minor) ? minor! : 0]
}

/**
 * Idempotency comes from our keys. The engine's own insert deduplication can swallow an acknowledged retry,
 * so it is off: under the name that the version listens to, since 26.2 ignores the older one.
 */
export function deduplicationOff(version: string): Settings {
  const [major, minor] = engineVersion(version)
  return major > 26 || (major === 26 && minor >= 2) ? { deduplicate_insert: 'disable' } : { insert_deduplicate: 0 }
}

/** Memory that the embedded engine may take, in megabytes. */
export interface MemoryBounds {
  /** One query. */
  queryMb: number
  /** Everything together, caches included. */
  engineMb: number
}

/** Caches that the engine keeps for good; each would otherwise grow to gigabytes. */
const CACHES = ['mark_cache_size', 'primary_index_cache_size', 'index_mark_cache_size', 'query_condition_cache_size']

/** Share of the engine's memory that one cache may fill. */
const CACHE_SHARE = 1 / 16

/** What the whole embedded engine keeps to: given when it starts, because none of it is a setting of a query. */
export function engineArguments({ engineMb }: MemoryBounds): string[] {
  const bytes = engineMb * 1024 * 1024
  return [`--max_server_memory_usage=${bytes}`, ...CACHES.map((name) => `--${name}=${Math.floor(bytes * CACHE_SHARE)}`)]
}

/** One query's memory, and where it starts to spill to disk instead of failing. */
export function memoryLimits(maxQueryMb: number): Settings {
  const bytes = maxQueryMb * 1024 * 1024
  return {
    max_memory_usage: bytes,
    max_bytes_before_external_group_by: Math.floor(bytes / 2),
    max_bytes_before_external_sort: Math.floor(bytes / 2),
  }
}

export function connectionSettings(version: string, maxQueryMb: number): Settings {
  return {
    // An insert is acknowledged when its rows are on disk, not when they are queued.
    async_insert: 0,
    ...deduplicationOff(version),
    // A missing record must never read as a zero amount or an empty name.
    join_use_nulls: 1,
    // 64-bit numbers and decimals never pass through a JavaScript number.
    output_format_json_quote_64bit_integers: 1,
    output_format_json_quote_decimals: 1,
    output_format_decimal_trailing_zeros: 0,
    // Distinct along the sort order looks at each small granule by itself, a hundred times as slow as a plain hash.
    optimize_distinct_in_order: 0,
    // Compiling an expression takes a hundred times as long as running it over a few thousand rows, and every check has
    // its own: their third run would stand still for half a second.
    compile_expressions: 0,
    compile_aggregate_expressions: 0,
    compile_sort_description: 0,
    date_time_output_format: 'iso',
    date_time_input_format: 'best_effort',
    // A misspelled column is an error, not a silently lost value.
    input_format_skip_unknown_fields: 0,
    // Broken Unicode of a platform is kept as it was written instead of blocking its whole batch.
    input_format_json_throw_on_bad_escape_sequence: 0,
    max_execution_time: MAX_QUERY_SECONDS,
    ...memoryLimits(maxQueryMb),
  }
}

/** Longest that any statement may run; checks set shorter limits in their own SETTINGS clause. */
export const MAX_QUERY_SECONDS = 900

/** Most rows that one insert carries: one block, so that it is stored whole or not at all. */
export const MAX_INSERT_ROWS = 100_000

/** Settings of every table: an acknowledged row survives power loss, and merges keep that promise for their sources. */
export const DURABLE = [
  'non_replicated_deduplication_window = 0',
  'fsync_after_insert = 1',
  'fsync_part_directory = 1',
  'min_rows_to_fsync_after_merge = 1',
].join(', ')
