/** A statement takes milliseconds. After this nobody is there, though the connection is open; the same call is harmless later. */
export const CALL_TIMEOUT_MS = 15_000;
/** A connection that nothing came over for so long is asked for a sign of life, and given up when there is none. */
export const KEEP_ALIVE_AFTER_MS = 10_000;
