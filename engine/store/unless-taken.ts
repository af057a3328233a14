import { UniqueConstraintViolationException } from "@mikro-orm/core";
import { DomainError } from "../model/index.ts";

/** Writes what has a name that is unique in its tenant. */
export async function unlessTaken<T>(what: "workflow" | "template", name: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    if (!(cause instanceof UniqueConstraintViolationException)) throw cause;
    throw new DomainError("NAME_TAKEN", `A ${what} named "${name}" exists already`, { field: "name", cause });
  }
}
