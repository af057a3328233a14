import { ArgsType, Field, ID, InputType } from "type-graphql";
import type { ExecutionFilter as EngineFilter, ExecutionStatus } from "../../engine/index.ts";
import { fromNodeId } from "../relay/node-id.ts";
import { PageArgs } from "../relay/page-args.ts";
import { DateTime } from "../scalars.ts";
import { ExecutionStatusEnum } from "./statuses.ts";

@InputType({ description: "Which executions. What is absent does not restrict." })
export class ExecutionFilter {
  @Field(() => ID, { nullable: true, description: "Of this workflow." })
  workflowId?: string | null;

  @Field(() => [ExecutionStatusEnum], { nullable: true, description: "With one of these." })
  status?: ExecutionStatus[] | null;

  @Field(() => String, { nullable: true, description: "With this correlation id, at most 2,000 characters." })
  correlationId?: string | null;

  @Field(() => DateTime, { nullable: true, description: "Created then or later." })
  since?: Date | null;

  @Field(() => DateTime, { nullable: true, description: "Created before then; later than `since`." })
  until?: Date | null;
}

/** Ids in it have their GraphQL form; `path` is where it stands in the input. */
export function toExecutionFilter(given: ExecutionFilter | null, path: string): EngineFilter {
  const { workflowId, status, correlationId, since, until } = given ?? {};
  return {
    workflowId: workflowId == null ? undefined : fromNodeId("Workflow", workflowId, `${path}.workflowId`),
    statuses: status ?? undefined,
    correlationId: correlationId ?? undefined,
    since: since?.getTime(),
    until: until?.getTime(),
  };
}

@ArgsType()
export class WorkflowExecutionsArgs extends PageArgs {
  @Field(() => [ExecutionStatusEnum], { nullable: true, description: "With one of these. Default: any." })
  declare status?: ExecutionStatus[] | null;
}
