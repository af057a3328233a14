import { Field, Float, Int, ObjectType } from "type-graphql";
import { type Statistics as StatisticsRecord, statisticsTexts, successRate, totalsTexts } from "../../engine/index.ts";
import { DateTime, SafeInt } from "../scalars.ts";
import { Told } from "../told.ts";

type Totals = StatisticsRecord["executions"];

@ObjectType({ description: "How executions went over a time.", simpleResolvers: true })
@Told(totalsTexts)
export class ExecutionTotals {
  constructor(private readonly totals: Totals) {}

  @Field(() => SafeInt)
  get started(): number {
    return this.totals.started;
  }

  @Field(() => SafeInt)
  get completed(): number {
    return this.totals.completed;
  }

  @Field(() => SafeInt)
  get failed(): number {
    return this.totals.failed;
  }

  @Field(() => Float, {
    nullable: true,
    description: `${totalsTexts.success_rate}; null while there are none.`,
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
@Told(statisticsTexts)
export class Stats {
  constructor(private readonly statistics: StatisticsRecord) {}

  @Field(() => Int)
  get workflows(): number {
    return this.statistics.workflows;
  }

  @Field(() => Int)
  get activeWorkflows(): number {
    return this.statistics.activeWorkflows;
  }

  @Field(() => Int)
  get activeExecutions(): number {
    return this.statistics.activeExecutions;
  }

  @Field(() => ExecutionTotals)
  get executions(): ExecutionTotals {
    return new ExecutionTotals(this.statistics.executions);
  }

  @Field(() => ExecutionTotals)
  get lastDay(): ExecutionTotals {
    return new ExecutionTotals(this.statistics.lastDay);
  }
}
