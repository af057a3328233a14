import { Args, Ctx, Field, ID, Int, ObjectType } from "type-graphql";
import {
  type CompensationStatus,
  type ExecutionRecord,
  type ExecutionStatus,
  type ExecutionSummary,
  executionTexts,
  isExecutionOver,
  type TriggerType,
} from "../../engine/index.ts";
import type { Context } from "../context.ts";
import { Connection } from "../relay/connection.ts";
import { Node } from "../relay/node.ts";
import { toNodeId } from "../relay/node-id.ts";
import { PageArgs, toWindow } from "../relay/page-args.ts";
import { DateTime, JsonObject, SafeInt } from "../scalars.ts";
import { Told } from "../told.ts";
import { Workflow } from "../workflow/workflow.ts";
import { WorkflowVersion } from "../workflow/workflow-version.ts";
import { ExecutionEvent, ExecutionEventConnection } from "./execution-event.ts";
import { ExecutionHold } from "./execution-hold.ts";
import { Failure, toFailure } from "./failure.ts";
import { CompensationStatusEnum, ExecutionStatusEnum, TriggerTypeEnum } from "./statuses.ts";
import { Step, StepConnection } from "./step.ts";
import { Wait } from "./wait.ts";

@ObjectType({
  implements: Node,
  description: "One run of a workflow. Goes on after any crash from the last step that was stored.",
  simpleResolvers: true,
})
@Told(executionTexts)
export class Execution implements Node {
  constructor(private readonly record: ExecutionSummary & Partial<ExecutionRecord>) {}

  get id(): string {
    return toNodeId("Execution", this.record.id);
  }

  @Field(() => SafeInt, { description: "The execution's id in the REST API." })
  get databaseId(): number {
    return this.record.id;
  }

  @Field(() => ExecutionStatusEnum, { description: "Where it stands." })
  get status(): ExecutionStatus {
    return this.record.status;
  }

  @Field(() => CompensationStatusEnum, {
    description: "How its undoing stands: a fact of its own beside `status`.",
  })
  get compensationStatus(): CompensationStatus {
    return this.record.compensationStatus;
  }

  @Field(() => TriggerTypeEnum, { description: "What started it." })
  get triggerType(): TriggerType {
    return this.record.triggerType;
  }

  @Field(() => JsonObject, { description: "What it was started with: `{{trigger.…}}` in the definition." })
  async triggerData(@Ctx() { loaders }: Context) {
    return this.record.triggerData ?? loaders.triggerData.load(this.record.id);
  }

  @Field(() => JsonObject, { nullable: true })
  async result(@Ctx() { loaders }: Context) {
    return isExecutionOver(this.record.status) ? loaders.result.load(this.record.id) : null;
  }

  @Field(() => Failure, { nullable: true, description: "Why it did not complete." })
  get error(): Failure | null {
    return toFailure(this.record.error);
  }

  @Field(() => ID, {
    description: "Its id as a saga on the orchestrator's port, where `saga(id:)` shows it with its undoing.",
  })
  get sagaId(): string {
    return this.record.uid;
  }

  @Field(() => String, { nullable: true, description: "Ties it to the request that started it, and to its logs." })
  get correlationId(): string | null {
    return this.record.correlationId;
  }

  @Field(() => String, { nullable: true, description: "The key that its start carried." })
  get idempotencyKey(): string | null {
    return this.record.idempotencyKey;
  }

  @Field(() => Int, {
    description: "Seq of its latest event. `executionEvents` with `after` set to it goes on from this very state.",
  })
  get lastEventSeq(): number {
    return this.record.lastSeq;
  }

  @Field(() => DateTime, { description: "When it was stored." })
  get createdAt(): number {
    return this.record.createdAt;
  }

  @Field(() => DateTime, { nullable: true, description: "When its first step could begin." })
  get startedAt(): number | null {
    return this.record.startedAt;
  }

  @Field(() => DateTime, { nullable: true })
  get completedAt(): number | null {
    return this.record.completedAt;
  }

  @Field(() => DateTime, { nullable: true, description: "When it will be TIMED_OUT; moves while it is paused." })
  get deadlineAt(): number | null {
    return this.record.deadlineAt;
  }

  @Field(() => SafeInt, { nullable: true, description: "From start to end in ms; null until it is over." })
  get durationMs(): number | null {
    const { startedAt, completedAt } = this.record;
    return startedAt === null || completedAt === null ? null : completedAt - startedAt;
  }

  @Field(() => Workflow, { nullable: true, description: "The workflow that it runs, also after that was deleted." })
  async workflow(@Ctx() { loaders }: Context): Promise<Workflow | null> {
    const row = await loaders.workflow.load(this.record.workflowId);
    return row && new Workflow(row);
  }

  @Field(() => WorkflowVersion, { description: "The version that it is pinned to." })
  async workflowVersion(@Ctx() { loaders }: Context): Promise<WorkflowVersion> {
    const { workflowId, workflowVersion: version } = this.record;
    return new WorkflowVersion(await loaders.version.load({ workflowId, version }));
  }

  @Field(() => Execution, { nullable: true, description: "The execution whose `workflow` step started it." })
  async parent(@Ctx() { loaders }: Context): Promise<Execution | null> {
    const { parentId } = this.record;
    const record = parentId === null ? null : await loaders.execution.load(parentId);
    return record && new Execution(record);
  }

  @Field(() => Execution, { nullable: true, description: "The execution that this one was forked from." })
  async forkedFrom(@Ctx() { loaders }: Context): Promise<Execution | null> {
    const { forkedFromId } = this.record;
    const record = forkedFromId === null ? null : await loaders.execution.load(forkedFromId);
    return record && new Execution(record);
  }

  @Field(() => ExecutionHold, {
    nullable: true,
    description: "Why it is not removed, however old it is; null unless it is held.",
  })
  hold(@Ctx() { loaders }: Context): Promise<ExecutionHold | null> {
    return loaders.hold.load(this.record.id);
  }

  @Field(() => [Wait], {
    description:
      "What it waits for, the nearest `until` first, at most 100. Empty while something is in hand and nothing waits. PENDING waits for a worker, PAUSED for resumeExecution: `status` says so.",
  })
  async waitingOn(@Ctx() { loaders }: Context): Promise<Wait[]> {
    if (isExecutionOver(this.record.status)) return [];
    const executionId = this.record.id;
    const steps = await loaders.waitingSteps.load(executionId);
    return steps.map((step) => new Wait({ executionId, step }));
  }

  @Field(() => StepConnection, {
    description: "Its steps so far, in the order in which they began. A step that was not reached has no entry.",
  })
  async steps(@Args(() => PageArgs) args: PageArgs, @Ctx() { loaders }: Context) {
    const window = toWindow(args, "Step");
    const executionId = this.record.id;
    return new Connection({
      page: await loaders.steps.load({ of: executionId, args: window }),
      window,
      keyOf: (step) => step.order,
      toNode: (step) => new Step({ executionId, step }),
      count: () => loaders.stepCount.load(executionId),
    });
  }

  @Field(() => ExecutionEventConnection, {
    description: "What has happened to it so far, by seq. `executionEvents` goes on from there.",
  })
  async events(@Args(() => PageArgs) args: PageArgs, @Ctx() { loaders }: Context) {
    const window = toWindow(args, "ExecutionEvent");
    return new Connection({
      page: await loaders.events.load({ of: this.record.id, args: window }),
      window,
      keyOf: (event) => event.seq,
      toNode: (event) => new ExecutionEvent(event),
      // Seqs count from 1 without a gap.
      count: async () => this.record.lastSeq,
    });
  }
}
