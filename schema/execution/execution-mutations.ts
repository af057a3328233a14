import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { ExecutionRecord, StepRecord } from "../../engine/index.ts";
import type { Context } from "../context.ts";
import { attempt } from "../errors/user-error.ts";
import { fromNodeId } from "../relay/node-id.ts";
import { Execution } from "./execution.ts";
import {
  ApproveStepInput,
  CancelExecutionInput,
  ExecuteWorkflowInput,
  ForkExecutionInput,
  PauseExecutionInput,
  ResumeExecutionInput,
  RetryStepInput,
  SendEventInput,
  SkipStepInput,
} from "./execution-inputs.ts";
import {
  ApproveStepPayload,
  CancelExecutionPayload,
  ExecuteWorkflowPayload,
  ForkExecutionPayload,
  PauseExecutionPayload,
  ResumeExecutionPayload,
  RetryStepPayload,
  SendEventPayload,
  SkipStepPayload,
} from "./execution-payloads.ts";
import { Step } from "./step.ts";

@Resolver()
export class ExecutionMutations {
  @Mutation(() => ExecuteWorkflowPayload, {
    description:
      "Starts an execution. When this answers, it is stored and will run to its end whatever happens. User errors: WORKFLOW_NOT_FOUND, WORKFLOW_NOT_EXECUTABLE, IDEMPOTENCY_CONFLICT, VALIDATION_FAILED.",
  })
  executeWorkflow(
    @Arg("input", () => ExecuteWorkflowInput, { description: "What to execute." }) input: ExecuteWorkflowInput,
    @Ctx() { engine, actor, correlationId }: Context,
  ) {
    return attempt(async () => {
      const record = await engine.executions.start({
        tenantId: actor.tenantId,
        workflowId: fromNodeId("Workflow", input.workflowId, "workflowId"),
        triggerData: input.triggerData ?? {},
        idempotencyKey: input.idempotencyKey ?? null,
        correlationId,
      });
      return { execution: new Execution(record) };
    });
  }

  @Mutation(() => ForkExecutionPayload, {
    description:
      "Starts a new execution that takes over what an earlier one did before a step, and runs from there with changed data. What it took over it never undoes: that is the earlier one's. User errors: EXECUTION_NOT_FOUND, WORKFLOW_NOT_FOUND, WORKFLOW_NOT_EXECUTABLE, IDEMPOTENCY_CONFLICT, VALIDATION_FAILED for an unknown step, and for each step before it that has no output to take over.",
  })
  forkExecution(
    @Arg("input", () => ForkExecutionInput, { description: "Which execution, where, and what is different." })
    input: ForkExecutionInput,
    @Ctx() { engine, actor, correlationId }: Context,
  ) {
    const { fromStep, definition, idempotencyKey = null, triggerDataPatch, outputPatches } = input;
    return steered(input, (id) =>
      engine.executions.fork(actor.tenantId, id, {
        fromStep,
        definition,
        idempotencyKey,
        triggerDataPatch: triggerDataPatch ?? {},
        outputPatches: outputPatches ?? {},
        correlationId,
      }),
    );
  }

  @Mutation(() => CancelExecutionPayload, {
    description:
      "Stops an execution and, unless told not to, undoes what it has done. User errors: EXECUTION_NOT_FOUND, INVALID_STATE when it is over or being stopped, or it comes too late, IDEMPOTENCY_CONFLICT.",
  })
  cancelExecution(
    @Arg("input", () => CancelExecutionInput, { description: "Which one, and how." }) input: CancelExecutionInput,
    @Ctx() { engine, actor }: Context,
  ) {
    const { compensate, reason = null, idempotencyKey = null } = input;
    return steered(input, (id) => engine.executions.cancel(actor.tenantId, id, { compensate, reason, idempotencyKey }));
  }

  @Mutation(() => PauseExecutionPayload, {
    description:
      "Holds an execution: what is in hand ends, nothing new begins, and its time limit stands still. User errors: EXECUTION_NOT_FOUND, INVALID_STATE.",
  })
  pauseExecution(
    @Arg("input", () => PauseExecutionInput, { description: "Which one." }) input: PauseExecutionInput,
    @Ctx() { engine, actor }: Context,
  ) {
    return steered(input, (id) => engine.executions.pause(actor.tenantId, id));
  }

  @Mutation(() => ResumeExecutionPayload, {
    description: "Lets a paused execution go on. User errors: EXECUTION_NOT_FOUND, INVALID_STATE unless it is PAUSED.",
  })
  resumeExecution(
    @Arg("input", () => ResumeExecutionInput, { description: "Which one." }) input: ResumeExecutionInput,
    @Ctx() { engine, actor }: Context,
  ) {
    return steered(input, (id) => engine.executions.resume(actor.tenantId, id));
  }

  @Mutation(() => RetryStepPayload, {
    description:
      "Opens a failed execution again at the step that failed, with fresh attempts. User errors: STEP_NOT_FOUND, INVALID_STATE unless the step failed and nothing was undone.",
  })
  retryStep(
    @Arg("input", () => RetryStepInput, { description: "Which step." }) input: RetryStepInput,
    @Ctx() { engine, actor }: Context,
  ) {
    return decided(input, (id) => engine.executions.retryStep(actor.tenantId, id));
  }

  @Mutation(() => SkipStepPayload, {
    description:
      "Goes on without a step: one that waits, or one that failed its execution, which is opened again. It becomes SKIPPED, later steps see the given output in its place, and it is never undone. A child execution that it waits for is cancelled. User errors: STEP_NOT_FOUND, VALIDATION_FAILED, INVALID_STATE when it neither waits nor failed its execution, or the execution was undone.",
  })
  skipStep(
    @Arg("input", () => SkipStepInput, { description: "Which step, and what takes its place." }) input: SkipStepInput,
    @Ctx() { engine, actor }: Context,
  ) {
    const { output = null, reason = null } = input;
    return decided(input, (id) => engine.executions.skipStep(actor.tenantId, id, { output, reason }));
  }

  @Mutation(() => SendEventPayload, {
    description:
      "Sends an event to an execution, of which one step takes it. One that no step waits for yet is kept until a step does, or the execution ends. User errors: EXECUTION_NOT_FOUND, INVALID_STATE, IDEMPOTENCY_CONFLICT, VALIDATION_FAILED.",
  })
  sendEvent(
    @Arg("input", () => SendEventInput, { description: "The event." }) input: SendEventInput,
    @Ctx() { engine, actor }: Context,
  ) {
    const { name, correlation = null, data = null, idempotencyKey = null } = input;
    const event = { name, correlation, data, idempotencyKey };
    return attempt(async () => {
      const id = fromNodeId("Execution", input.executionId, "executionId");
      const { execution, delivered } = await engine.executions.sendEvent(actor.tenantId, id, event);
      return { execution: new Execution(execution), delivered };
    });
  }

  @Mutation(() => ApproveStepPayload, {
    description:
      "Answers a step that waits for a person. Of several answers the first counts. User errors: STEP_NOT_FOUND, IDEMPOTENCY_CONFLICT, INVALID_STATE unless it waits for an approval, and when another answer came first.",
  })
  approveStep(
    @Arg("input", () => ApproveStepInput, { description: "The decision." }) input: ApproveStepInput,
    @Ctx() { engine, actor }: Context,
  ) {
    const { approved, by = null, comment = null, idempotencyKey = null } = input;
    const decision = { approved, by, comment, idempotencyKey };
    return decided(input, (id) => engine.executions.approveStep(actor.tenantId, id, decision));
  }
}

function steered(input: { executionId: string }, steer: (id: number) => Promise<ExecutionRecord>) {
  return attempt(async () => ({
    execution: new Execution(await steer(fromNodeId("Execution", input.executionId, "executionId"))),
  }));
}

function decided(
  input: { stepId: string },
  decide: (id: number) => Promise<{ execution: ExecutionRecord; step: StepRecord }>,
) {
  return attempt(async () => {
    const { execution, step } = await decide(fromNodeId("Step", input.stepId, "stepId"));
    return { execution: new Execution(execution), step: new Step({ executionId: execution.id, step }) };
  });
}
