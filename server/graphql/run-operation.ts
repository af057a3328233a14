import type { ExecutionResult } from "graphql";
import type { Execute } from "./executor.ts";
import type { PreparedOperation } from "./prepare-operation.ts";

/** Runs a query or mutation that was prepared. */
export function createRun(execute: Execute) {
  return async (prepared: PreparedOperation): Promise<ExecutionResult> => {
    const { document, operation, variableValues: variables, contextValue, observed } = prepared;
    const result = await observed.run(() => execute({ document, operation, variables }, contextValue));
    observed.answered(operation, result.errors !== undefined);
    return result;
  };
}
