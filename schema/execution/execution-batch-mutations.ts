import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { Context } from "../context.ts";
import { attempt } from "../errors/user-error.ts";
import {
  CancelExecutionsInput,
  CancelExecutionsPayload,
  DeleteExecutionsInput,
  DeleteExecutionsPayload,
  ExecutionBatch,
  RetryExecutionsInput,
  RetryExecutionsPayload,
  toBatchRequest,
} from "./execution-batch.ts";

@Resolver()
export class ExecutionBatchMutations {
  @Mutation(() => CancelExecutionsPayload, {
    description:
      "Stops many executions, in batches. One that is over or being stopped is refused, the others are asked all the same. User errors: VALIDATION_FAILED, WORKFLOW_NOT_FOUND for the filter's workflow.",
  })
  cancelExecutions(
    @Arg("input", () => CancelExecutionsInput, { description: "Which ones, and how." }) input: CancelExecutionsInput,
    @Ctx() { engine, actor }: Context,
  ) {
    return attempt(async () => {
      const { compensate, reason = null } = input;
      const options = { compensate, reason };
      const report = await engine.executionBatches.cancel(actor.tenantId, toBatchRequest(input), options);
      return { batch: new ExecutionBatch(report) };
    });
  }

  @Mutation(() => RetryExecutionsPayload, {
    description:
      "Opens many failed executions again, in batches, each at the step that failed it. One that was undone, or that no step failed, is refused; the others are asked all the same. User errors: VALIDATION_FAILED, WORKFLOW_NOT_FOUND for the filter's workflow.",
  })
  retryExecutions(
    @Arg("input", () => RetryExecutionsInput, { description: "Which ones." }) input: RetryExecutionsInput,
    @Ctx() { engine, actor }: Context,
  ) {
    return attempt(async () => ({
      batch: new ExecutionBatch(await engine.executionBatches.retry(actor.tenantId, toBatchRequest(input))),
    }));
  }

  @Mutation(() => DeleteExecutionsPayload, {
    description:
      "Removes many executions that are over, in batches, each with its children and all that is theirs. One that is not over, is held, or is a child itself is refused, the others go all the same. User errors: VALIDATION_FAILED, WORKFLOW_NOT_FOUND for the filter's workflow.",
  })
  deleteExecutions(
    @Arg("input", () => DeleteExecutionsInput, { description: "Which ones." }) input: DeleteExecutionsInput,
    @Ctx() { engine, actor }: Context,
  ) {
    return attempt(async () => ({
      batch: new ExecutionBatch(await engine.executionBatches.delete(actor.tenantId, toBatchRequest(input))),
    }));
  }
}
