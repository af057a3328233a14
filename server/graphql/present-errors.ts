import type { GraphQLError, GraphQLFormattedError } from "graphql";
import { presentError } from "../../schema/index.ts";
import type { Logger } from "../log.ts";

export type ErrorPresenter = (
  errors: readonly GraphQLError[],
  correlationId: string,
) => readonly GraphQLFormattedError[];

/** What clients may see of errors; faults go to the log under the correlation id that the client is told. */
export function createErrorPresenter(logger: Logger): ErrorPresenter {
  return (errors, correlationId) =>
    errors.map((error) =>
      presentError(error, correlationId, (fault) =>
        logger.error({ err: fault, correlation_id: correlationId }, "fault in a GraphQL operation"),
      ).toJSON(),
    );
}
