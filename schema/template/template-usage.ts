import { Field, Float, ObjectType } from "type-graphql";
import type { TemplateUsage as TemplateUsageRecord } from "../../engine/index.ts";
import { SafeInt } from "../scalars.ts";

@ObjectType({
  description: "Executions of the tenant's own workflows that were made from a template.",
  simpleResolvers: true,
})
export class TemplateUsage {
  constructor(private readonly usage: TemplateUsageRecord) {}

  @Field(() => SafeInt, { description: "Executions that were ever started." })
  get executions(): number {
    return this.usage.totalExecutions;
  }

  @Field(() => SafeInt, { description: "Of those: COMPLETED." })
  get completed(): number {
    return this.usage.successfulExecutions;
  }

  @Field(() => SafeInt, { description: "Of those: FAILED or TIMED_OUT." })
  get failed(): number {
    return this.usage.failedExecutions;
  }

  @Field(() => Float, {
    description: "Percent of those that completed or failed, 0 to 100, to one decimal; 0 while there are none.",
  })
  get successRate(): number {
    return this.usage.successRate;
  }
}
