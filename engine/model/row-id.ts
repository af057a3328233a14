declare const kind: unique symbol;

/**
 * The number of a row that was read for whoever may see it. What belongs to the row is read by it without asking again whose it is;
 * the numbers that clients send are plain ones, and take the way of methods that ask for the tenant.
 */
type RowId<Kind extends string> = number & { readonly [kind]: Kind };

export type ExecutionId = RowId<"execution">;
export type StepId = RowId<"step">;
export type WorkflowId = RowId<"workflow">;
