import { Field, Float, ObjectType } from "type-graphql";
import { type TemplateUsage as TemplateUsageRecord, templateUsageTexts } from "../../engine/index.ts";
import { SafeInt } from "../scalars.ts";
import { Told } from "../told.ts";

@ObjectType({
  description: templateUsageTexts.total_executions,
  simpleResolvers: true,
})
@Told(templateUsageTexts)
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

  @Field(() => Float)
  get successRate(): number {
    return this.usage.successRate;
  }
}
