/** Limits of the collect stage, each with its unit. */

/** Rows gathered before they are stored: inserts are synced to disk, so few large ones. */
export const FLUSH_ROWS = 5_000
/** Text gathered before it is stored, characters. */
export const FLUSH_CHARS = 32 * 1024 * 1024
/** Longest time that rows wait to be stored, milliseconds. */
export const FLUSH_MS = 2_000
/** Rows a page that connectors are asked for. */
export const PAGE_SIZE = 1_000
/** A cursor is a place, not a store: characters of JSON. */
export const CURSOR_CHARS = 64 * 1024
/** Bytes of a row that quarantine keeps. */
export const RAW_BYTES = 256 * 1024
/** Quarantined rows of one run that are kept with their bytes; more are counted. */
export const QUARANTINE_ROWS = 10_000
/** Fewer records than this may vanish at once whatever their share: small streams change by halves. */
export const DISAPPEARED_MIN = 5
/** Vanished records that are asked for one by one before they are called deleted. */
export const CONFIRM_GONE = 50
/** How often the platform is asked for its own count, milliseconds. */
export const COUNT_EVERY_MS = 3_600_000
/** Records read again in one verification. */
export const VERIFY_MAX = 200
/** Notes kept of one run. */
export const NOTES_MAX = 20
/** Largest file that is read at once (Parquet), bytes. */
export const FILE_BYTES = 1024 * 1024 * 1024

/** What is learned of the shape of raw rows. */
export const SHAPE = {
  /** Rows of a reading that are all looked at; of more, one in so many, up to so many in all. */
  everyRow: 500,
  oneIn: 20,
  rowsMax: 5_000,
  /** Fields of one stream, characters of a name, levels are three. */
  fieldsMax: 400,
  nameChars: 80,
  /** Values of an enumeration that are kept, and their longest, characters. */
  valuesMax: 24,
  valueChars: 40,
  /** Rows after which the shape of a stream counts as known. */
  settled: 200,
  /** Rows in a row that prove a change. */
  proof: 30,
  /** Changes of a stream that are remembered. */
  changesMax: 100,
} as const

/** Weeks of hourly counts that the norm of a stream is learned from. */
export const VOLUME_WEEKS = 9
