import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { Context } from "../context.ts";
import { attempt } from "../errors/user-error.ts";
import { fromNodeId, toNodeId } from "../relay/node-id.ts";
import { Execution } from "./execution.ts";
import {
  DeleteExecutionInput,
  DeleteExecutionPayload,
  HoldExecutionInput,
  HoldExecutionPayload,
  ReleaseExecutionInput,
  ReleaseExecutionPayload,
} from "./retention.ts";

@Resolver()
export class RetentionMutations {
  @Mutation(() => DeleteExecutionPayload, {
    description:
      "Removes an execution that is over, with its children and all that is theirs: steps, events, webhook deliveries. Domain events, files and statistics stay. User errors: EXECUTION_NOT_FOUND, INVALID_STATE when it or a child of it is not over or is held, and when it is a child itself.",
  })
  deleteExecution(
    @Arg("input", () => DeleteExecutionInput, { description: "Which one." }) input: DeleteExecutionInput,
    @Ctx() { engine, actor }: Context,
  ) {
    return attempt(async () => {
      const removed = await engine.retention.delete(actor.tenantId, idOf(input));
      return { deletedExecutionIds: removed.map((id) => toNodeId("Execution", id)) };
    });
  }

  @Mutation(() => HoldExecutionPayload, {
    description:
      "Keeps an execution from being removed, by its age or by hand, until it is released. One that is held already is held for this reason now. User errors: EXECUTION_NOT_FOUND, VALIDATION_FAILED.",
  })
  holdExecution(
    @Arg("input", () => HoldExecutionInput, { description: "Which one, and why." }) input: HoldExecutionInput,
    @Ctx() { engine, actor }: Context,
  ) {
    return attempt(async () => {
      const id = idOf(input);
      await engine.retention.hold(actor.tenantId, id, { reason: input.reason });
      return { execution: new Execution(await engine.executions.get(actor.tenantId, id)) };
    });
  }

  @Mutation(() => ReleaseExecutionPayload, {
    description:
      "Lets an execution that was held be removed again, which it soon is when it is old enough. User errors: EXECUTION_NOT_FOUND, INVALID_STATE when it is not held.",
  })
  releaseExecution(
    @Arg("input", () => ReleaseExecutionInput, { description: "Which one." }) input: ReleaseExecutionInput,
    @Ctx() { engine, actor }: Context,
  ) {
    return attempt(async () => {
      const id = idOf(input);
      await engine.retention.release(actor.tenantId, id);
      return { execution: new Execution(await engine.executions.get(actor.tenantId, id)) };
    });
  }
}

function idOf({ executionId }: { readonly executionId: string }): number {
  return fromNodeId("Execution", executionId, "executionId");
}
