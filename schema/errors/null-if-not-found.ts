import { DomainError } from "../../engine/index.ts";

/** For `.catch`: a query for what is not there answers null; so does one for what is another tenant's. */
export function nullIfNotFound(error: unknown): null {
  if (error instanceof DomainError && error.code.endsWith("_NOT_FOUND")) return null;
  throw error;
}
