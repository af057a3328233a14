import { ArgsType, Field, ID, InputType } from "type-graphql";
import type { ExecutionFilter as EngineFilter, ExecutionStatus } from "../../engine/index.ts";
import { fromNodeId } from "../relay/node-id.ts";
import { PageArgs } from "../relay/page-args.ts";
import { ExecutionStatusEnum } from "./statuses.ts";

@InputType({ description: "Which executions. What is absent does not restrict." })
export class ExecutionFilter {
  @Field(() => ID, { nullable: true, description: "Of this workflow." })
  workflowId?: string | null;

  @Field(() => [ExecutionStatusEnum], { nullable: true, description: "With one of these." })
  status?: ExecutionStatus[] | null;
}

/** Ids in it have their GraphQL form; `path` is where it stands in the input. */
export function toExecutionFilter(given: ExecutionFilter | null, path: string): EngineFilter {
  const workflowId = given?.workflowId == null ? null : fromNodeId("Workflow", given.workflowId, `${path}.workflowId`);
  return { workflowId, statuses: given?.status ?? null };
}

@ArgsType()
export class WorkflowExecutionsArgs extends PageArgs {
  @Field(() => [ExecutionStatusEnum], { nullable: true, description: "With one of these. Default: any." })
  declare status?: ExecutionStatus[] | null;
}
