import { Field, ID, InputType, Int } from "type-graphql";
import {
  fieldTexts,
  type JsonObject as JsonObjectValue,
  previewInput,
  scheduleInput,
  schedulePatch,
} from "../../engine/index.ts";
import { toDocumentedNames, withoutNulls } from "../documented-input.ts";
import { DateTime, JsonObject } from "../scalars.ts";
import { Told } from "../told.ts";
import { SchedulePoliciesInput } from "./policies.ts";

@InputType({ description: "Which schedules. What is absent does not restrict." })
export class ScheduleFilter {
  @Field(() => ID, { nullable: true, description: "Of this workflow." })
  workflowId?: string | null;
}

@InputType({ description: "A new schedule." })
@Told(fieldTexts(scheduleInput))
export class CreateScheduleInput {
  @Field(() => ID)
  workflowId!: string;

  @Field(() => String)
  name!: string;

  @Field(() => String)
  cron!: string;

  @Field(() => String, { nullable: true })
  timezone?: string | null;

  @Field(() => SchedulePoliciesInput, { nullable: true })
  policies?: SchedulePoliciesInput | null;

  @Field(() => JsonObject, { nullable: true })
  triggerData?: JsonObjectValue | null;

  @Field(() => Boolean, { nullable: true })
  isEnabled?: boolean | null;
}

@InputType({ description: "Changes to a schedule: what is absent stays; policies are changed one by one." })
@Told(fieldTexts(schedulePatch))
export class UpdateScheduleInput {
  @Field(() => ID, { description: "The schedule to change." })
  scheduleId!: string;

  @Field(() => String, { nullable: true })
  name?: string | null;

  @Field(() => String, { nullable: true })
  cron?: string | null;

  @Field(() => String, { nullable: true })
  timezone?: string | null;

  @Field(() => SchedulePoliciesInput, { nullable: true })
  policies?: SchedulePoliciesInput | null;

  @Field(() => JsonObject, { nullable: true })
  triggerData?: JsonObjectValue | null;

  @Field(() => Boolean, { nullable: true })
  isEnabled?: boolean | null;
}

@InputType({ description: "Which schedule to pause." })
export class PauseScheduleInput {
  @Field(() => ID, { description: "The schedule to pause." })
  scheduleId!: string;
}

@InputType({ description: "Which schedule to let fire again." })
export class ResumeScheduleInput {
  @Field(() => ID, { description: "The paused schedule." })
  scheduleId!: string;
}

@InputType({ description: "Which schedule to delete." })
export class DeleteScheduleInput {
  @Field(() => ID, { description: "The schedule to delete." })
  scheduleId!: string;
}

@InputType({ description: "A stretch of the past for which a schedule is to start executions." })
export class BackfillScheduleInput {
  @Field(() => ID, { description: "The schedule." })
  scheduleId!: string;

  @Field(() => DateTime, { description: "The first nominal time may be this." })
  from!: Date;

  @Field(() => DateTime, { description: "The last nominal time may be this. Must have passed." })
  to!: Date;

  @Field(() => Int, {
    defaultValue: 100,
    description: "1 to 1,000. A stretch with more nominal times is refused, and nothing is started. Default 100.",
  })
  max!: number;
}

@InputType({ description: "A plan that is not stored." })
@Told(fieldTexts(previewInput))
export class PreviewScheduleInput {
  @Field(() => String)
  cron!: string;

  @Field(() => String, { nullable: true })
  timezone?: string | null;

  @Field(() => SchedulePoliciesInput, {
    nullable: true,
    description: "Of these, those for changes of the clock count here.",
  })
  policies?: SchedulePoliciesInput | null;
}

/** The engine takes a schedule in the names of the REST API. Null asks for the default, or leaves things as they are. */
export function toScheduleFields({ policies, ...rest }: Omit<UpdateScheduleInput, "scheduleId">): JsonObjectValue {
  const fields = toDocumentedNames(withoutNulls(rest));
  return policies == null ? fields : { ...fields, policies: toPolicies(policies) };
}

/** Null is a value of the two for changes of the clock: by the expression. */
function toPolicies({ dstGap, dstOverlap, ...rest }: SchedulePoliciesInput): JsonObjectValue {
  return {
    ...toDocumentedNames(withoutNulls(rest)),
    ...(dstGap !== undefined && { dst_gap: dstGap }),
    ...(dstOverlap !== undefined && { dst_overlap: dstOverlap }),
  };
}
