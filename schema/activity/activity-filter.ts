import { Field, ID, InputType } from "type-graphql";
import type { ExecutionStatus } from "../../engine/index.ts";
import { ExecutionStatusEnum } from "../execution/statuses.ts";

@InputType({ description: "Which changes. What is absent does not restrict." })
export class ActivityFilter {
  @Field(() => ID, { nullable: true, description: "Of this workflow's executions; else WORKFLOW_NOT_FOUND." })
  workflowId?: string | null;

  @Field(() => [ExecutionStatusEnum], { nullable: true, description: "To one of these." })
  status?: ExecutionStatus[] | null;
}
