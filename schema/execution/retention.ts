import { Field, ID, InputType, ObjectType } from "type-graphql";
import { fieldTexts, holdInput } from "../../engine/index.ts";
import { MutationPayload } from "../errors/user-error.ts";
import { Told } from "../told.ts";
import { Execution } from "./execution.ts";

@InputType({ description: "Which execution to delete." })
export class DeleteExecutionInput {
  @Field(() => ID, { description: "One that is over, and nobody's child." })
  executionId!: string;
}

@InputType({ description: "Which execution to hold, and why." })
@Told(fieldTexts(holdInput))
export class HoldExecutionInput {
  @Field(() => ID, { description: "The execution to hold. What it is a child of is held with it." })
  executionId!: string;

  @Field(() => String)
  reason!: string;
}

@InputType({ description: "Which execution to release." })
export class ReleaseExecutionInput {
  @Field(() => ID, { description: "One that is held." })
  executionId!: string;
}

@ObjectType({ implements: MutationPayload, description: "What deleteExecution did.", simpleResolvers: true })
export class DeleteExecutionPayload {
  @Field(() => [ID], {
    nullable: true,
    description: "Ids of the execution that is gone and of its children: drop them from caches.",
  })
  readonly deletedExecutionIds?: readonly string[];
}

@ObjectType({ implements: MutationPayload, description: "What holdExecution did.", simpleResolvers: true })
export class HoldExecutionPayload {
  @Field(() => Execution, { nullable: true, description: "The execution, which is held." })
  readonly execution?: Execution;
}

@ObjectType({ implements: MutationPayload, description: "What releaseExecution did.", simpleResolvers: true })
export class ReleaseExecutionPayload {
  @Field(() => Execution, { nullable: true, description: "The execution, which is held no more." })
  readonly execution?: Execution;
}
