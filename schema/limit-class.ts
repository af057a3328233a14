import type { OperationTypeNode } from "graphql";
import type { RateLimitClass } from "../engine/index.ts";
import { mutationScopes } from "./authorization.ts";

/** Mutations whose REST counterpart creates a workflow. */
const creations: ReadonlySet<string> = new Set(["createWorkflow", "createWorkflowFromTemplate"]);

/**
 * The budget that a root field is charged to: that of its REST counterpart. What touches templates says so in its name;
 * what needs the scope `execute` starts or steers executions; all else is reading, as REST counts it.
 */
export function limitClassOf(operation: OperationTypeNode, field: string): RateLimitClass {
  const isMutation = operation === "mutation";
  if (isMutation && creations.has(field)) return "workflow_creation";
  if (/template/i.test(field)) return "templates";
  return isMutation && mutationScopes[field] === "execute" ? "execution" : "monitoring";
}
