/** Limits of the intake. */

/** Nesting of JSON bodies. */
export const DEPTH_MAX = 64
/** Members of all headers of a kept delivery, in characters. */
export const HEADER_CHARS_MAX = 16_000
/** Deliveries taken out of the spool with one insert, and their bytes. */
export const BATCH_RECORDS = 2_000
export const BATCH_BYTES = 8 * 1024 * 1024
/** What a sender is told to wait when nothing can be accepted. */
export const RETRY_AFTER_S = 5
/** Spans of one request. */
export const SPANS_MAX = 20_000
/** Bodies that are being received at the same time, all together. */
export const IN_FLIGHT_BYTES = 64 * 1024 * 1024
