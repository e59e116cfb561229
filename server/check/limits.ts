/** Limits of the check stage, each with its unit. */

/** Longest that one SELECT of a check may run, seconds. */
export const CHECK_SECONDS = 300

/** Longest that one check may take over all its SELECTs and slices, milliseconds. */
export const CHECK_MS = 30 * 60_000

/** Memory of one SELECT of a check, bytes; it spills to disk at half of it. */
export const CHECK_BYTES = 2 * 1024 ** 3

/** Candidate rows that one slice may bring into memory; a full pass with more is cut into smaller slices. */
export const CANDIDATES_MAX = 300_000

/** Findings that one insert carries. */
export const WRITE_BATCH = 20_000

/** Records that are read again from their platform before their findings open, at most per check and run. */
export const VERIFY_MAX = 200

/** A finding that did not change is written again only when it was last written this long ago, milliseconds. */
export const SEEN_EVERY_MS = 24 * 3_600_000

/** Length of the lease that one check run holds, milliseconds; renewed between slices. */
export const LEASE_MS = 10 * 60_000
