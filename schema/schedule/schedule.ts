import { Arg, Ctx, Field, Int, ObjectType } from "type-graphql";
import { fieldMeanings, type ScheduleRow, scheduleInput } from "../../engine/index.ts";
import type { Context } from "../context.ts";
import { connectionType } from "../relay/connection.ts";
import { Node } from "../relay/node.ts";
import { toNodeId } from "../relay/node-id.ts";
import { DateTime, JsonObject } from "../scalars.ts";
import { Told } from "../told.ts";
import { Workflow } from "../workflow/workflow.ts";
import { SchedulePolicies } from "./policies.ts";

@ObjectType({
  implements: Node,
  description:
    "Starts a workflow at the times of a cron expression, each nominal time once, however many processes run.",
  simpleResolvers: true,
})
@Told(fieldMeanings(scheduleInput))
export class Schedule implements Node {
  constructor(private readonly row: ScheduleRow) {}

  get id(): string {
    return toNodeId("Schedule", this.row.id);
  }

  @Field(() => String)
  get name(): string {
    return this.row.name;
  }

  @Field(() => String)
  get cron(): string {
    return this.row.cron;
  }

  @Field(() => String)
  get timezone(): string {
    return this.row.timezone;
  }

  @Field(() => SchedulePolicies)
  get policies(): SchedulePolicies {
    return new SchedulePolicies(this.row.policies);
  }

  @Field(() => Boolean)
  get isEnabled(): boolean {
    return this.row.isEnabled;
  }

  @Field(() => Boolean, {
    description:
      "Whether it is made from its workflow's `cronSchedule`: then it is changed there, and by no mutation of schedules.",
  })
  get isOfWorkflow(): boolean {
    return this.row.source === "workflow";
  }

  @Field(() => JsonObject)
  get triggerData() {
    return this.row.triggerData;
  }

  @Field(() => DateTime, {
    nullable: true,
    description: "The next nominal time; null: it is paused, or no further date matches.",
  })
  get nextAt(): Date | null {
    return this.row.nextAt ?? null;
  }

  @Field(() => DateTime, { nullable: true, description: "The last nominal time that started an execution." })
  get lastAt(): Date | null {
    return this.row.lastAt ?? null;
  }

  @Field(() => String, { nullable: true, description: "Why the last nominal time started none; null: it did." })
  get lastError(): string | null {
    return this.row.lastError ?? null;
  }

  @Field(() => DateTime, {
    nullable: true,
    description: "The nominal time that waits for the execution before it to end; null: none does.",
  })
  get queuedAt(): Date | null {
    return this.row.queuedAt ?? null;
  }

  @Field(() => DateTime, { description: "When it was created." })
  get createdAt(): Date {
    return this.row.createdAt;
  }

  @Field(() => DateTime, { description: "When it was last changed." })
  get updatedAt(): Date {
    return this.row.updatedAt;
  }

  @Field(() => Workflow, { nullable: true, description: "What it starts." })
  async workflow(@Ctx() { loaders }: Context): Promise<Workflow | null> {
    const row = await loaders.workflow.load(this.row.workflowId);
    return row === null || row.status === "deleted" ? null : new Workflow(row);
  }

  @Field(() => [DateTime], {
    description:
      "The next nominal times, whether it is paused or not; fewer than `count` when no further date matches.",
  })
  nextTimes(
    @Arg("count", () => Int, { defaultValue: 5, description: "How many, 1 to 100. Default 5." }) count: number,
    @Ctx() { engine }: Context,
  ): readonly Date[] {
    const { cron, timezone, policies } = this.row;
    return engine.schedules.previewOf({ cron, timezone, policies: { ...policies } }, count);
  }
}

export const ScheduleConnection = connectionType("Schedule", () => Schedule, "newest first");
