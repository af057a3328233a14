import { Ctx, createUnionType, Field, ID, Int, ObjectType } from "type-graphql";
import type { ActivityItem as ActivityRecord, ExecutionChange as ChangeRecord, EventType } from "../../engine/index.ts";
import type { Context } from "../context.ts";
import { Execution } from "../execution/execution.ts";
import { ExecutionEventTypeEnum } from "../execution/execution-event.ts";
import { ExecutionStatusEnum } from "../execution/statuses.ts";
import { toNodeId } from "../relay/node-id.ts";
import { DateTime } from "../scalars.ts";

@ObjectType({ description: "An execution has another status.", simpleResolvers: true })
export class ExecutionChange {
  constructor(private readonly change: ChangeRecord) {}

  @Field(() => ID, { description: "Of the execution." })
  get executionId(): string {
    return toNodeId("Execution", this.change.executionId);
  }

  @Field(() => ID, { description: "Of the execution's workflow." })
  get workflowId(): string {
    return toNodeId("Workflow", this.change.workflowId);
  }

  @Field(() => ExecutionStatusEnum, { description: "Its status after the change." })
  get status() {
    return this.change.status;
  }

  @Field(() => ExecutionEventTypeEnum, { description: "What happened." })
  get type(): EventType {
    return this.change.type;
  }

  @Field(() => Int, { description: "Seq of the event. A list that shows a later state of the execution keeps that." })
  get seq(): number {
    return this.change.seq;
  }

  @Field(() => DateTime, { description: "When." })
  get at(): number {
    return this.change.at;
  }

  @Field(() => Execution, {
    nullable: true,
    description: "The execution as it is now, which may be later than this change. Read from the database.",
  })
  async execution(@Ctx() { loaders }: Context): Promise<Execution | null> {
    const record = await loaders.execution.load(this.change.executionId);
    return record && new Execution(record);
  }
}

@ObjectType({
  description:
    "From here on no change is missed, but before this some may have been: read again what was read before. The first item is one, and one follows each gap: a broker that was away, or a reader that was too slow.",
  simpleResolvers: true,
})
export class ActivityResync {
  constructor(private readonly sentAt: number) {}

  @Field(() => DateTime, { description: "When." })
  get at(): number {
    return this.sentAt;
  }
}

export const ActivityItem = createUnionType({
  name: "ActivityItem",
  description: "A change, or word that some were missed.",
  types: () => [ExecutionChange, ActivityResync] as const,
});

export function toActivityItem(item: ActivityRecord): ExecutionChange | ActivityResync {
  return item.kind === "change" ? new ExecutionChange(item) : new ActivityResync(item.at);
}
