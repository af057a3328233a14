/** Longest expression, in UTF-16 units: what jsonata parses in well under a millisecond. Asked before anything reads it. */
export const MAX_EXPRESSION_LENGTH = 8192;

/** Longest text of a condition, its placeholders included. Asked before anything reads it. */
export const MAX_CONDITION_LENGTH = 32_768;

/**
 * A counted repetition is written out when a pattern is compiled, at 2.5 microseconds a node: eight thousand characters of
 * `a{1000}` took 2.7 s. This many nodes are 25 ms, and plenty: `[\w.-]{1,100}@` has 1,600 by this rule.
 */
export const MAX_REGEX_NODES = 10_000;

/**
 * jsonata parses the left side of `??` and `?:` twice, so nesting them costs 2^n. The effort of an expression is its length
 * times 2^(number of those operators); this much is a few tens of milliseconds.
 */
export const MAX_EXPRESSION_EFFORT = 128 * 1024;

/**
 * jsonata goes over a path once for each of its parts: 4,096 of them took 0.7 s, of `%` twice that. The square of the dots
 * by this is what they add to the effort: 200 dots add as much as 8,000 characters.
 */
export const DOTS_PER_EFFORT = 5;

/** Of every attempt at parsing, however short: about 30 microseconds. */
export const PARSE_EFFORT = 64;

/** Of a placeholder that is a plain path, and of each like one in a chain: about 6 microseconds. */
export const PLAIN_EFFORT = 12;

/** Of a node of a regular expression: it takes five times as long as a character of an expression. */
export const REGEX_NODE_EFFORT = 5;

/** For all the expressions of one definition together: about a tenth of a second. Some 16,000 plain paths. */
export const MAX_DEFINITION_EFFORT = 192 * 1024;

/** jsonata's own guards. It checks the clock between evaluation steps only; the sandbox bounds what happens inside one. */
export const EVALUATION_TIMEOUT_MS = 500;
export const MAX_EVALUATION_DEPTH = 500;
export const MAX_SEQUENCE_LENGTH = 100_000;

/** A result is copied into plain JSON within these bounds, so that a small expression cannot make a huge value. */
export const MAX_RESULT_VALUES = 1_000_000;
export const MAX_RESULT_CHARACTERS = 16 * 1024 * 1024;

/** From the moment a sandbox process takes an expression; then the process is killed. */
export const SANDBOX_TIMEOUT_MS = 1_000;
export const SANDBOX_HEAP_MIB = 128;
/** All that is resident: a process without work has some 60. */
export const SANDBOX_MEMORY_MIB = 384;
export const SANDBOX_PROCESSES = 2;
export const SANDBOX_IDLE_MS = 30_000;
