import { DomainError, type JsonValue } from "../model/index.ts";

/** Checks of what commands to executions bring. Each throws VALIDATION_FAILED with the path. */

const MAX_NAME_LENGTH = 255;
/** A reason that a person gives. */
const MAX_TEXT_LENGTH = 2_000;
/** Of trigger data, and of an output or an event that is given from outside: they are copied into the record and into an event. */
const MAX_DATA_BYTES = 1_048_576;

export function checkName(path: string, value: string): void {
  if (value !== "" && value.length <= MAX_NAME_LENGTH && !value.includes("\0")) return;
  throw DomainError.invalid([{ path, message: `must have 1 to ${MAX_NAME_LENGTH} characters, none of them NUL` }]);
}

export function checkText(path: string, value: string): void {
  if (value.length <= MAX_TEXT_LENGTH && !value.includes("\0")) return;
  throw DomainError.invalid([{ path, message: `must have at most ${MAX_TEXT_LENGTH} characters, none of them NUL` }]);
}

export function checkSize(path: string, data: JsonValue): void {
  const bytes = Buffer.byteLength(JSON.stringify(data));
  if (bytes <= MAX_DATA_BYTES) return;
  throw DomainError.invalid([{ path, message: `has ${bytes} bytes; the limit is ${MAX_DATA_BYTES}` }]);
}
