import { Field, ObjectType } from "type-graphql";
import { MutationPayload } from "../errors/user-error.ts";
import { Execution } from "./execution.ts";
import { Step } from "./step.ts";

const AFTER = "The execution after it has acted on this, or as it is after two seconds: the request is stored by then.";

@ObjectType({ implements: MutationPayload, description: "What executeWorkflow did.", simpleResolvers: true })
export class ExecuteWorkflowPayload {
  @Field(() => Execution, { nullable: true, description: "The execution: stored, and maybe over already." })
  readonly execution?: Execution;
}

@ObjectType({ implements: MutationPayload, description: "What forkExecution did.", simpleResolvers: true })
export class ForkExecutionPayload {
  @Field(() => Execution, { nullable: true, description: "The new execution: stored, and maybe over already." })
  readonly execution?: Execution;
}

@ObjectType({ implements: MutationPayload, description: "What cancelExecution did.", simpleResolvers: true })
export class CancelExecutionPayload {
  @Field(() => Execution, { nullable: true, description: AFTER })
  readonly execution?: Execution;
}

@ObjectType({ implements: MutationPayload, description: "What pauseExecution did.", simpleResolvers: true })
export class PauseExecutionPayload {
  @Field(() => Execution, { nullable: true, description: AFTER })
  readonly execution?: Execution;
}

@ObjectType({ implements: MutationPayload, description: "What resumeExecution did.", simpleResolvers: true })
export class ResumeExecutionPayload {
  @Field(() => Execution, { nullable: true, description: AFTER })
  readonly execution?: Execution;
}

@ObjectType({ implements: MutationPayload, description: "What retryStep did.", simpleResolvers: true })
export class RetryStepPayload {
  @Field(() => Step, { nullable: true, description: "The step as it is now." })
  readonly step?: Step;

  @Field(() => Execution, { nullable: true, description: AFTER })
  readonly execution?: Execution;
}

@ObjectType({ implements: MutationPayload, description: "What skipStep did.", simpleResolvers: true })
export class SkipStepPayload {
  @Field(() => Step, { nullable: true, description: "The step as it is now." })
  readonly step?: Step;

  @Field(() => Execution, { nullable: true, description: AFTER })
  readonly execution?: Execution;
}

@ObjectType({ implements: MutationPayload, description: "What sendEvent did.", simpleResolvers: true })
export class SendEventPayload {
  @Field(() => Execution, { nullable: true, description: AFTER })
  readonly execution?: Execution;

  @Field(() => Boolean, {
    nullable: true,
    description: "Whether a step has taken it. False: within two seconds none did; it is kept until one waits for it.",
  })
  readonly delivered?: boolean;
}

@ObjectType({ implements: MutationPayload, description: "What approveStep did.", simpleResolvers: true })
export class ApproveStepPayload {
  @Field(() => Step, { nullable: true, description: "The step as it is now." })
  readonly step?: Step;

  @Field(() => Execution, { nullable: true, description: AFTER })
  readonly execution?: Execution;
}
