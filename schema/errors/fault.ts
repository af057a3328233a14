import { GraphQLError } from "graphql";
import { DomainError } from "../../engine/index.ts";
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
  const { originalError } = error;
  if (originalError instanceof DomainError) {
    const { code, message, issues } = originalError;
    if (code === "INTERNAL") report(originalError);
    const named = issues.map((issue) => ({ ...issue, path: toInputName(issue.path) }));
    return inPlaceOf(error, message, { code, ...(issues.length > 0 && { issues: named }) });
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

function inPlaceOf({ path, locations }: GraphQLError, message: string, extensions: object): GraphQLError {
  const error = new GraphQLError(message, { ...(path && { path }), extensions: { ...extensions } });
  return Object.assign(error, { locations });
}
