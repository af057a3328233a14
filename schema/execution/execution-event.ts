import { Ctx, Field, ID, Int, ObjectType } from "type-graphql";
import type { ExecutionEvent as EventRecord, EventSummary, EventType, MaybePromise } from "../../engine/index.ts";
import type { Context } from "../context.ts";
import { enumeration } from "../enumeration.ts";
import { toCompositeId } from "../relay/composite-id.ts";
import { connectionType } from "../relay/connection.ts";
import { Node } from "../relay/node.ts";
import { toNodeId } from "../relay/node-id.ts";
import { DateTime, JsonObject } from "../scalars.ts";
import { Execution } from "./execution.ts";
import { loadStep, Step } from "./step.ts";

export const ExecutionEventTypeEnum = enumeration<EventType>("ExecutionEventType", "What happened to an execution.", {
  "execution.created": "It was stored. Data: what it was started with.",
  "execution.started": "Its work begins. Data: `deadline_at`.",
  "execution.waiting": "Every open step waits.",
  "execution.woken": "A wait ended.",
  "execution.paused": "It is held.",
  "execution.resumed": "It goes on. Data: the new `deadline_at`.",
  "execution.stopping": "The work is given up. Data: `outcome`, `error`, and whether it will `compensate`.",
  "execution.compensating": "What was done is being undone.",
  "execution.compensation_resumed": "An undoing that failed is taken up again by hand. Data: what it `was`.",
  "execution.completed": "It is over: completed. Data: `compensation_status`.",
  "execution.failed": "It is over: failed. Data: `compensation_status`.",
  "execution.timed_out": "It is over: timed out. Data: `compensation_status`.",
  "execution.cancelled": "It is over: cancelled. Data: `compensation_status`.",
  "execution.reopened": "A failed step is tried again by hand. Data: `step`, what it `was`, `deadline_at`.",
  "step.started": "An attempt began. Data: the step, `attempt`, `input`.",
  "step.waiting": "It waits. Data: `wait`, and `wake_at`.",
  "step.retrying": "An attempt failed and there will be another. Data: `attempt`, `error`, `retry_at`.",
  "step.completed": "Done. Data: `output`.",
  "step.failed": "Failed for good. Data: `error`.",
  "step.skipped": "Not done. Data: `reason`; `output` when it was skipped by hand.",
  "step.carried":
    "Taken over, as settled, from the execution that this one was forked from. Data: the step, `status`, `input`, `output`, `error`.",
  "step.cancelled": "Stopped with its execution. Data: `reason`.",
  "step.reset": "Back to its beginning, because it is retried by hand.",
});

@ObjectType({
  implements: Node,
  description: "A change of an execution, stored with that change in one commit. Folding all of them gives its state.",
  simpleResolvers: true,
})
export class ExecutionEvent implements Node {
  constructor(private readonly event: EventSummary & Partial<EventRecord>) {}

  get id(): string {
    return toCompositeId("ExecutionEvent", this.event.executionId, this.event.seq);
  }

  @Field(() => ID, { description: "Of the execution." })
  get executionId(): string {
    return toNodeId("Execution", this.event.executionId);
  }

  @Field(() => Int, {
    description: "Counts from 1 for each execution, without a gap. The cursor of `executionEvents`.",
  })
  get seq(): number {
    return this.event.seq;
  }

  @Field(() => ExecutionEventTypeEnum, { description: "What happened." })
  get type(): EventType {
    return this.event.type;
  }

  @Field(() => DateTime, { description: "When." })
  get at(): number {
    return this.event.at;
  }

  @Field(() => ID, {
    nullable: true,
    description: "Of the step that it is about; null for one of the execution itself.",
  })
  get stepId(): string | null {
    return this.event.stepId === null ? null : toNodeId("Step", this.event.stepId);
  }

  @Field(() => String, { nullable: true, description: "Name of the step that it is about." })
  stepName(@Ctx() { loaders }: Context): MaybePromise<string | null> {
    const { stepId, data } = this.event;
    if (stepId === null) return null;
    if (data) return "name" in data ? data.name : null;
    return loaders.step.load(stepId).then((owned) => owned?.step.name ?? null);
  }

  @Field(() => JsonObject, {
    description: "Details, in the names of the REST API; `type` says which. Values of secrets are masked.",
  })
  data(@Ctx() { loaders }: Context): MaybePromise<object> {
    return this.event.data ?? loaders.eventData.load(this.event);
  }

  @Field(() => Step, {
    nullable: true,
    description:
      "The step as it is now, which may be later than this event. Read from the database: `stepName` is not.",
  })
  step(@Ctx() context: Context): Promise<Step | null> {
    return loadStep(this.event.stepId, context);
  }

  @Field(() => Execution, {
    nullable: true,
    description: "The execution as it is now, which may be later than this event. Read from the database.",
  })
  async execution(@Ctx() { loaders }: Context): Promise<Execution | null> {
    const record = await loaders.execution.load(this.event.executionId);
    return record && new Execution(record);
  }
}

export const ExecutionEventConnection = connectionType("ExecutionEvent", () => ExecutionEvent, "by seq");
