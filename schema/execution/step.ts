import { Ctx, Field, Int, ObjectType } from "type-graphql";
import type { ExecutionId, OwnedStep, StepRecord, StepStatus, StepSummary } from "../../engine/index.ts";
import type { Context } from "../context.ts";
import { connectionType } from "../relay/connection.ts";
import { Node } from "../relay/node.ts";
import { toNodeId } from "../relay/node-id.ts";
import { DateTime, Json, SafeInt } from "../scalars.ts";
import { Attempt } from "./attempt.ts";
import { Execution } from "./execution.ts";
import { Failure, toFailure } from "./failure.ts";
import { StepRoleEnum, StepStatusEnum } from "./statuses.ts";
import { Wait } from "./wait.ts";

@ObjectType({
  implements: Node,
  description:
    "A unit of an execution's work: a step of the definition, an item of its for_each, the chosen action of a conditional, or a compensation.",
  simpleResolvers: true,
})
export class Step implements Node {
  private readonly executionId: ExecutionId;
  private readonly record: StepSummary & Partial<StepRecord>;

  constructor({ executionId, step }: OwnedStep) {
    this.executionId = executionId;
    this.record = step;
  }

  get id(): string {
    return toNodeId("Step", this.record.id);
  }

  @Field(() => SafeInt, { description: "The step's id in the REST API." })
  get databaseId(): number {
    return this.record.id;
  }

  @Field(() => String, {
    description:
      "Its name in the definition; `fan[3]` for an item, `check[true]` for an action, `charge[undo]` for a compensation.",
  })
  get name(): string {
    return this.record.name;
  }

  @Field(() => String, { description: "Name of its StepType." })
  get type(): string {
    return this.record.type;
  }

  @Field(() => StepRoleEnum, { description: "Whether it does the work or undoes it." })
  get role(): StepRecord["role"] {
    return this.record.role;
  }

  @Field(() => StepStatusEnum, { description: "Where it stands." })
  get status(): StepStatus {
    return this.record.status;
  }

  @Field(() => Int, { description: "Place in the order in which the execution's steps began, from 1." })
  get order(): number {
    return this.record.order;
  }

  @Field(() => Int, { description: "Attempts that were begun; 0 for a skipped step." })
  get attempt(): number {
    return this.record.attempt;
  }

  @Field(() => Json, {
    nullable: true,
    description: "The config of the last attempt with its placeholders filled in; values of secrets are masked.",
  })
  async input(@Ctx() { loaders }: Context) {
    const { id, input } = this.record;
    return input === undefined ? loaders.stepInput.load(id) : input;
  }

  @Field(() => Json, {
    nullable: true,
    description: "The result; null until it has completed. Of a SKIPPED step: what was given in its place.",
  })
  async output(@Ctx() { loaders }: Context) {
    const { id, status, output } = this.record;
    if (status !== "completed" && status !== "skipped") return null;
    return output === undefined ? loaders.stepOutput.load(id) : output;
  }

  @Field(() => Failure, {
    nullable: true,
    description: "Why it failed, or why its last attempt did while it is retried.",
  })
  get error(): Failure | null {
    return toFailure(this.record.error);
  }

  @Field(() => [Attempt], {
    description:
      "Every attempt that was begun, in order, those before a retry by hand too. Read from the execution's events; a skipped step has none.",
  })
  async attempts(@Ctx() { loaders }: Context): Promise<Attempt[]> {
    const { executionId } = this;
    const attempts = await loaders.attempts.load({ executionId, stepId: this.record.id });
    return attempts.map((attempt) => new Attempt(attempt));
  }

  @Field(() => Wait, { nullable: true, description: "What it waits for; null unless it is WAITING." })
  get waitingOn(): Wait | null {
    if (this.record.status !== "waiting" || !this.record.wait) return null;
    return new Wait({ executionId: this.executionId, step: this.record });
  }

  @Field(() => DateTime, { nullable: true, description: "When its first attempt began." })
  get startedAt(): number | null {
    return this.record.startedAt;
  }

  @Field(() => DateTime, {
    nullable: true,
    description: "When it was settled: completed, failed, skipped or cancelled.",
  })
  get completedAt(): number | null {
    return this.record.completedAt;
  }

  @Field(() => SafeInt, {
    nullable: true,
    description: "From start to end in ms, waits included; null until it is over.",
  })
  get durationMs(): number | null {
    const { startedAt, completedAt } = this.record;
    return startedAt === null || completedAt === null ? null : completedAt - startedAt;
  }

  @Field(() => Step, { nullable: true, description: "The step that this item or action is part of." })
  parent(@Ctx() context: Context): Promise<Step | null> {
    return loadStep(this.record.parentId, context);
  }

  @Field(() => Step, { nullable: true, description: "The step that this compensation undoes." })
  compensates(@Ctx() context: Context): Promise<Step | null> {
    return loadStep(this.record.compensatesId, context);
  }

  @Field(() => Execution, { nullable: true, description: "The execution that it is part of." })
  async execution(@Ctx() { loaders }: Context): Promise<Execution | null> {
    const record = await loaders.execution.load(this.executionId);
    return record && new Execution(record);
  }
}

export async function loadStep(id: number | null, { loaders }: Context): Promise<Step | null> {
  const found = id === null ? null : await loaders.step.load(id);
  return found && new Step(found);
}

export const StepConnection = connectionType("Step", () => Step, "in the order in which they began");
