import { Field, Float, Int, ObjectType } from "type-graphql";
import { type Statistics as StatisticsRecord, successRate } from "../../engine/index.ts";
import { DateTime, SafeInt } from "../scalars.ts";

type Totals = StatisticsRecord["executions"];

@ObjectType({ description: "How executions went over a time.", simpleResolvers: true })
export class ExecutionTotals {
  constructor(private readonly totals: Totals) {}

  @Field(() => SafeInt, { description: "Executions that were started." })
  get started(): number {
    return this.totals.started;
  }

  @Field(() => SafeInt, { description: "Executions that completed." })
  get completed(): number {
    return this.totals.completed;
  }

  @Field(() => SafeInt, { description: "Executions that failed or timed out." })
  get failed(): number {
    return this.totals.failed;
  }

  @Field(() => Float, {
    nullable: true,
    description: "Percent of those that completed or failed, 0 to 100, to one decimal; null while there are none.",
  })
  get successRate(): number | null {
    const { completed, failed } = this.totals;
    return completed + failed === 0 ? null : successRate({ completed, failed }, 0);
  }

  @Field(() => DateTime, { nullable: true, description: "When the last one was started." })
  get lastStartedAt(): Date | null {
    return this.totals.lastStartedAt;
  }
}

@ObjectType({ description: "Figures of the tenant, at most two seconds old.", simpleResolvers: true })
export class Stats {
  constructor(private readonly statistics: StatisticsRecord) {}

  @Field(() => Int, { description: "Workflows that are not deleted, counted to 10,000." })
  get workflows(): number {
    return this.statistics.workflows;
  }

  @Field(() => Int, { description: "Of those: ACTIVE and enabled." })
  get activeWorkflows(): number {
    return this.statistics.activeWorkflows;
  }

  @Field(() => Int, { description: "Executions that are not over yet, paused ones among them, counted to 10,000." })
  get activeExecutions(): number {
    return this.statistics.activeExecutions;
  }

  @Field(() => ExecutionTotals, { description: "Since the beginning." })
  get executions(): ExecutionTotals {
    return new ExecutionTotals(this.statistics.executions);
  }

  @Field(() => ExecutionTotals, { description: "Of the last 24 hours, and what has gone of this one." })
  get lastDay(): ExecutionTotals {
    return new ExecutionTotals(this.statistics.lastDay);
  }
}
