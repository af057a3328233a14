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
  const { originalError, nodes, path } = error;
  if (originalError instanceof DomainError) {
    const { code, message, issues } = originalError;
    if (code === "INTERNAL") report(originalError);
    return new GraphQLError(message, {
      ...located(nodes, path),
      extensions: {
        code,
        ...(issues.length > 0 && { issues: issues.map((issue) => ({ ...issue, path: toInputName(issue.path) })) }),
      },
    });
  }
  if (originalError === undefined || originalError instanceof GraphQLError) {
    // What graphql-js itself says against variables and arguments comes without a code.
    if (error.extensions?.code !== undefined) return error;
    return new GraphQLError(error.message, { ...located(nodes, path), extensions: { code: "BAD_USER_INPUT" } });
  }
  report(originalError);
  return new GraphQLError("Internal error. Quote the correlation id when you report it.", {
    ...located(nodes, path),
    extensions: { code: "INTERNAL", correlationId },
  });
}

function located(nodes: GraphQLError["nodes"], path: GraphQLError["path"]) {
  return { ...(nodes && { nodes }), ...(path && { path }) };
}
