import type { OperationTypeNode } from "graphql";
import type { RateLimitClass } from "../engine/index.ts";
import { mutationScopes } from "./authorization.ts";

/** Mutations whose REST counterpart creates a workflow. */
const creations: ReadonlySet<string> = new Set(["createWorkflow", "createWorkflowFromTemplate"]);

/** Mutations that have a file read, recognised or converted: as dear as an execution that does so. */
const fileWork: ReadonlySet<string> = new Set(["processFile", "extractFileText", "convertFile"]);

/**
 * The budget that a root field is charged to: that of its REST counterpart. What touches templates says so in its name;
 * what needs the scope `execute` starts or steers executions, and work on files is what executions do; all else is reading, as REST counts it.
 */
export function limitClassOf(operation: OperationTypeNode, field: string): RateLimitClass {
  const isMutation = operation === "mutation";
  if (isMutation && creations.has(field)) return "workflow_creation";
  if (/template/i.test(field)) return "templates";
  return isMutation && (mutationScopes[field] === "execute" || fileWork.has(field)) ? "execution" : "monitoring";
}
