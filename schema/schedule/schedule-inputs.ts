import { Field, ID, InputType, Int } from "type-graphql";
import type { JsonObject as JsonObjectValue } from "../../engine/index.ts";
import { toDocumentedNames, withoutNulls } from "../documented-input.ts";
import { DateTime, JsonObject } from "../scalars.ts";
import { SchedulePoliciesInput } from "./policies.ts";

const CRON =
  "5 fields: minute, hour, day of month, month, day of week; or @hourly, @daily, @weekly, @monthly, @yearly. When both day fields are restricted, a day that matches either counts; else INVALID_CRON.";

@InputType({ description: "Which schedules. What is absent does not restrict." })
export class ScheduleFilter {
  @Field(() => ID, { nullable: true, description: "Of this workflow." })
  workflowId?: string | null;
}

@InputType({ description: "A new schedule." })
export class CreateScheduleInput {
  @Field(() => ID, { description: "The workflow to start." })
  workflowId!: string;

  @Field(() => String, { description: "1 to 255 characters." })
  name!: string;

  @Field(() => String, { description: CRON })
  cron!: string;

  @Field(() => String, { nullable: true, description: "IANA time zone in which `cron` is read. Default UTC." })
  timezone?: string | null;

  @Field(() => SchedulePoliciesInput, {
    nullable: true,
    description: "What it does when its plan and the world do not fit.",
  })
  policies?: SchedulePoliciesInput | null;

  @Field(() => JsonObject, {
    nullable: true,
    description:
      "Trigger data of each execution, beside `scheduled_time` and `cron_schedule`. At most 1,000,000 bytes. Default `{}`.",
  })
  triggerData?: JsonObjectValue | null;

  @Field(() => Boolean, { nullable: true, description: "Whether it fires. Default true." })
  isEnabled?: boolean | null;
}

@InputType({ description: "Changes to a schedule: what is absent stays." })
export class UpdateScheduleInput {
  @Field(() => ID, { description: "The schedule to change." })
  scheduleId!: string;

  @Field(() => String, { nullable: true, description: "1 to 255 characters." })
  name?: string | null;

  @Field(() => String, { nullable: true, description: CRON })
  cron?: string | null;

  @Field(() => String, { nullable: true, description: "IANA time zone in which `cron` is read." })
  timezone?: string | null;

  @Field(() => SchedulePoliciesInput, {
    nullable: true,
    description: "What it does when its plan and the world do not fit; changed one by one.",
  })
  policies?: SchedulePoliciesInput | null;

  @Field(() => JsonObject, {
    nullable: true,
    description: "Trigger data of each execution. At most 1,000,000 bytes.",
  })
  triggerData?: JsonObjectValue | null;

  @Field(() => Boolean, { nullable: true, description: "Whether it fires." })
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
export class PreviewScheduleInput {
  @Field(() => String, { description: CRON })
  cron!: string;

  @Field(() => String, { nullable: true, description: "IANA time zone in which `cron` is read. Default UTC." })
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
