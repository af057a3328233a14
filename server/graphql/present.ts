import type { GraphQLError, GraphQLFormattedError } from "graphql";
import { shortened } from "../../engine/index.ts";
import { presentError } from "../../schema/index.ts";
import type { Logger } from "../config/index.ts";
import { tooComplex } from "./refusals.ts";

/** How graphql-js words it; it gives no code. A test holds it to that. */
const tooManyTokens = /^Syntax Error: Document contains more tha[nt] \d+ tokens/;
const SUGGESTION = " Did you mean ";

/** An error as every transport shows it: with a code, and without what is ours. */
export type Present = (error: GraphQLError, correlationId: string) => GraphQLFormattedError;

export function createPresenter(logger: Logger, introspection: boolean): Present {
  return (error, correlationId) => {
    if (tooManyTokens.test(error.message)) return tooComplex("tokens").toJSON();
    const presented = presentError(error, correlationId, (fault) =>
      logger.error({ err: fault, correlation_id: correlationId }, "fault in a GraphQL operation"),
    ).toJSON();
    const { http: _http, ...extensions } = presented.extensions ?? {};
    return {
      ...presented,
      // Suggestions would give the schema away word by word.
      message: shortened(introspection ? presented.message : withoutSuggestion(presented.message)),
      // Apollo puts a code of its own over those of the rules of validation.
      extensions:
        "limit" in extensions && "max" in extensions ? { ...extensions, code: "OPERATION_TOO_COMPLEX" } : extensions,
    };
  };
}

/** Messages quote what clients sent, of any length: a regular expression would look from each place where one may begin. */
function withoutSuggestion(message: string): string {
  const at = message.endsWith("?") ? message.indexOf(SUGGESTION) : -1;
  return at === -1 ? message : message.slice(0, at);
}
