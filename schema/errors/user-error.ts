import { Field, Int, InterfaceType, ObjectType } from "type-graphql";
import { DomainError, type ErrorCode, errorCodes } from "../../engine/index.ts";
import { enumeration } from "../enumeration.ts";
import { inputPath, toInputName } from "./input-path.ts";

export const ErrorCodeEnum = enumeration(
  "ErrorCode",
  "What went wrong, for programs. Stable; the same words as `error_code` of the REST API.",
  errorCodes,
);

@ObjectType({
  description: "A reason why a mutation did nothing, that the caller can understand and act on.",
  simpleResolvers: true,
})
export class UserError {
  @Field(() => String, { description: "For people: programs look at `code`." })
  readonly message!: string;

  @Field(() => [String], {
    nullable: true,
    description:
      'Path of the offending value below `input`, such as `["definition", "steps", "2", "config", "url"]`; null when no single field is at fault.',
  })
  readonly field!: readonly string[] | null;

  @Field(() => ErrorCodeEnum, { description: "For programs. Stable." })
  readonly code!: ErrorCode;

  @Field(() => Int, {
    nullable: true,
    description: "Seconds after which the same may succeed; null when asking again does not help.",
  })
  readonly retryAfter!: number | null;
}

@InterfaceType({
  description:
    "What every mutation returns. Either its object is there and `userErrors` is empty, or nothing was changed and `userErrors` says why, all reasons at once.",
})
export abstract class MutationPayload {
  @Field(() => [UserError], { description: "Why nothing was changed; empty after success." })
  readonly userErrors!: readonly UserError[];
}

/** Faults of ours and of the key are GraphQL errors: no input would mend them. */
const systemCodes: ReadonlySet<ErrorCode> = new Set([
  "UNAUTHENTICATED",
  "FORBIDDEN",
  "RATE_LIMITED",
  "LEASE_LOST",
  "DATABASE_UNAVAILABLE",
  "SHUTTING_DOWN",
  "INTERNAL",
]);

/** Runs a mutation; what the caller can mend becomes `userErrors`. */
export async function attempt<P extends object>(
  work: () => Promise<P>,
): Promise<(P | object) & { readonly userErrors: readonly UserError[] }> {
  try {
    return { ...(await work()), userErrors: [] };
  } catch (error) {
    if (!(error instanceof DomainError) || systemCodes.has(error.code)) throw error;
    return { userErrors: toUserErrors(error) };
  }
}

/** Of a mutation's result: why it did nothing; null when it did something. */
export function firstUserError(payload: unknown): ErrorCode | null {
  return (payload as Partial<MutationPayload> | null)?.userErrors?.[0]?.code ?? null;
}

function toUserErrors({ code, field, issues, message, retryAfterSeconds }: DomainError): UserError[] {
  const retryAfter = retryAfterSeconds ?? null;
  if (issues.length === 0) {
    return [{ code, message, field: field === undefined ? null : inputPath(field), retryAfter }];
  }
  return issues.map((issue) => ({
    code,
    message: issue.path === "" ? issue.message : `${toInputName(issue.path)} ${issue.message}`,
    field: issue.path === "" ? null : inputPath(issue.path),
    retryAfter,
  }));
}
