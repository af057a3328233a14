/** Longest expression, in UTF-16 units: what jsonata parses in well under a millisecond. */
export const MAX_EXPRESSION_LENGTH = 8192;

/**
 * jsonata parses the left side of `??` and `?:` twice, so nesting them costs 2^n. The effort of an expression is its length
 * times 2^(number of those operators); this much is a few tens of milliseconds.
 */
export const MAX_EXPRESSION_EFFORT = 128 * 1024;

/** Of every attempt at parsing, however short: about 30 microseconds. */
export const PARSE_EFFORT = 64;

/** For all the expressions of one definition together: about half a second. Plain paths are free. */
export const MAX_DEFINITION_EFFORT = 1024 * 1024;

/** jsonata's own guards. It checks the clock between evaluation steps only; the sandbox bounds what happens inside one. */
export const EVALUATION_TIMEOUT_MS = 500;
export const MAX_EVALUATION_DEPTH = 500;
export const MAX_SEQUENCE_LENGTH = 100_000;

/** A result is copied into plain JSON within these bounds, so that a small expression cannot make a huge value. */
export const MAX_RESULT_VALUES = 1_000_000;
export const MAX_RESULT_CHARACTERS = 16 * 1024 * 1024;

/** From the moment a sandbox process takes an expression; then the process is killed. */
export const SANDBOX_TIMEOUT_MS = 1_000;
export const SANDBOX_MEMORY_MIB = 128;
export const SANDBOX_PROCESSES = 2;
export const SANDBOX_IDLE_MS = 30_000;
