import { GraphQLError } from "graphql";
import { DomainError, type Issue, RETRY_AFTER_SECONDS, unavailable } from "../../engine/index.ts";
import { toInputName } from "./input-path.ts";

/**
 * What a client may see of an error outside `userErrors`. Errors of the document and those that carry a code were
 * written for clients; a DomainError is too. All else is a fault of ours: it is reported, and its text stays here.
 */
export function presentError(
  error: GraphQLError,
  correlationId: string,
  report: (fault: unknown) => void,
): GraphQLError {
  const originalError = unavailable(error.originalError) ?? error.originalError;
  if (originalError instanceof DomainError) {
    const { code } = originalError;
    if (code === "INTERNAL") report(originalError);
    const issues = issuesOf(originalError);
    const message = originalError.issues.length > 0 ? DomainError.invalid(issues).message : originalError.message;
    const later = code === "DATABASE_UNAVAILABLE" && { retryAfter: RETRY_AFTER_SECONDS };
    return inPlaceOf(error, message, { code, ...(issues.length > 0 && { issues }), ...later });
  }
  if (originalError === undefined || originalError instanceof GraphQLError) {
    // What graphql-js itself says against variables and arguments comes without a code.
    if (error.extensions?.code !== undefined) return error;
    return inPlaceOf(error, error.message, { code: "BAD_USER_INPUT" });
  }
  report(originalError);
  const message = "Internal error. Quote the correlation id when you report it.";
  return inPlaceOf(error, message, { code: "INTERNAL", correlationId });
}

/** In the names of the schema. An error about one field is an issue of that field. */
function issuesOf({ issues, field, message }: DomainError): Issue[] {
  const found = issues.length === 0 && field !== undefined ? [{ path: field, message }] : issues;
  return found.map((issue) => ({ ...issue, path: toInputName(issue.path) }));
}

function inPlaceOf({ path, locations }: GraphQLError, message: string, extensions: object): GraphQLError {
  const error = new GraphQLError(message, { ...(path && { path }), extensions: { ...extensions } });
  return Object.assign(error, { locations });
}
