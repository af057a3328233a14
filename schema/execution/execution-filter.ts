import { ArgsType, Field, ID, InputType } from "type-graphql";
import type { ExecutionStatus } from "../../engine/index.ts";
import { PageArgs } from "../relay/page-args.ts";
import { ExecutionStatusEnum } from "./statuses.ts";

@InputType({ description: "Which executions. What is absent does not restrict." })
export class ExecutionFilter {
  @Field(() => ID, { nullable: true, description: "Of this workflow." })
  workflowId?: string | null;

  @Field(() => [ExecutionStatusEnum], { nullable: true, description: "With one of these." })
  status?: ExecutionStatus[] | null;
}

@ArgsType()
export class WorkflowExecutionsArgs extends PageArgs {
  @Field(() => [ExecutionStatusEnum], { nullable: true, description: "With one of these. Default: any." })
  status?: ExecutionStatus[] | null;
}
