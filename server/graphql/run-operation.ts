import type { ExecutionResult } from "graphql";
import { withDeadline } from "../../engine/index.ts";
import type { ServedApi } from "./graphql-api.ts";
import type { PreparedOperation } from "./prepare-operation.ts";

/** Runs a query or mutation that was prepared. */
export function createRun({ execute, requestMs }: Pick<ServedApi<never>, "execute" | "requestMs">) {
  return async (prepared: PreparedOperation): Promise<ExecutionResult> => {
    const { document, operation, variableValues: variables, contextValue, observed } = prepared;
    const result = await observed.run(() =>
      withDeadline(requestMs, async () => execute({ document, operation, variables }, contextValue)),
    );
    observed.answered(operation, result.errors !== undefined);
    return result;
  };
}
