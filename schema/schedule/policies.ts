import { Field, InputType, Int, ObjectType } from "type-graphql";
import { type SchedulePolicies as EnginePolicies, fieldTexts, policiesInput } from "../../engine/index.ts";
import { enumeration } from "../enumeration.ts";
import { Told } from "../told.ts";

type Named<K extends keyof EnginePolicies> = NonNullable<EnginePolicies[K]>;

const DstGapEnum = enumeration<Named<"dst_gap"> & string>(
  "ScheduleDstGap",
  "What becomes of a local time that does not exist because the clock is put forward.",
  { run_after: "It runs at the first instant after the gap.", skip: "It is left out." },
);

const DstOverlapEnum = enumeration<Named<"dst_overlap"> & string>(
  "ScheduleDstOverlap",
  "What becomes of a local time that occurs twice because the clock is put back.",
  { first: "It runs once, at the first.", both: "It runs twice." },
);

const MissedEnum = enumeration<EnginePolicies["missed"]>(
  "ScheduleMissed",
  "What becomes of times that passed by more than 60 seconds while no scheduler ran.",
  {
    skip: "They are left out.",
    latest: "The last one is made up for.",
    all: "The last `missedMax` are made up for: they start together, whatever `overlap` says.",
  },
);

const OverlapEnum = enumeration<EnginePolicies["overlap"]>(
  "ScheduleOverlap",
  "What becomes of a time that comes while an execution of the schedule is not over.",
  {
    skip: "It is left out.",
    queue: "It starts when that one ends. One waits; further ones are left out.",
    cancel: "That one is cancelled, with compensation, and it starts.",
  },
);

@ObjectType({
  description: "How a schedule deals with changes of the clock, downtime, and executions that take long.",
  simpleResolvers: true,
})
export class SchedulePolicies {
  constructor(private readonly policies: EnginePolicies) {}

  @Field(() => DstGapEnum, {
    nullable: true,
    description: "When the clock is put forward; null: RUN_AFTER, or SKIP when the hour field is a wildcard.",
  })
  get dstGap() {
    return this.policies.dst_gap;
  }

  @Field(() => DstOverlapEnum, {
    nullable: true,
    description: "When the clock is put back; null: FIRST, or BOTH when the hour field is a wildcard.",
  })
  get dstOverlap() {
    return this.policies.dst_overlap;
  }

  @Field(() => MissedEnum, { description: "After downtime." })
  get missed() {
    return this.policies.missed;
  }

  @Field(() => Int, { description: "How many missed times ALL makes up for at once." })
  get missedMax() {
    return this.policies.missed_max;
  }

  @Field(() => OverlapEnum, { description: "While its last execution still runs." })
  get overlap() {
    return this.policies.overlap;
  }
}

@InputType({
  description:
    "How a schedule deals with changes of the clock, downtime, and executions that take long. What is absent stays, or has its default.",
})
@Told(fieldTexts(policiesInput))
export class SchedulePoliciesInput {
  @Field(() => DstGapEnum, {
    nullable: true,
    description: "When the clock is put forward. Default: RUN_AFTER; SKIP when the hour field is a wildcard.",
  })
  dstGap?: EnginePolicies["dst_gap"];

  @Field(() => DstOverlapEnum, {
    nullable: true,
    description: "When the clock is put back. Default: FIRST; BOTH when the hour field is a wildcard.",
  })
  dstOverlap?: EnginePolicies["dst_overlap"];

  @Field(() => MissedEnum, { nullable: true, description: "After downtime. Default LATEST." })
  missed?: EnginePolicies["missed"] | null;

  @Field(() => Int, { nullable: true })
  missedMax?: number | null;

  @Field(() => OverlapEnum, { nullable: true, description: "While its last execution still runs. Default SKIP." })
  overlap?: EnginePolicies["overlap"] | null;
}
