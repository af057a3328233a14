import { Field, ID, Int, ObjectType } from "type-graphql";
import { MutationPayload } from "../errors/user-error.ts";
import { Schedule } from "./schedule.ts";

@ObjectType({ implements: MutationPayload, description: "What createSchedule did.", simpleResolvers: true })
export class CreateSchedulePayload {
  @Field(() => Schedule, { nullable: true, description: "The new schedule." })
  readonly schedule?: Schedule;
}

@ObjectType({ implements: MutationPayload, description: "What updateSchedule did.", simpleResolvers: true })
export class UpdateSchedulePayload {
  @Field(() => Schedule, { nullable: true, description: "The schedule as it is now." })
  readonly schedule?: Schedule;
}

@ObjectType({ implements: MutationPayload, description: "What pauseSchedule did.", simpleResolvers: true })
export class PauseSchedulePayload {
  @Field(() => Schedule, { nullable: true, description: "The schedule as it is now." })
  readonly schedule?: Schedule;
}

@ObjectType({ implements: MutationPayload, description: "What resumeSchedule did.", simpleResolvers: true })
export class ResumeSchedulePayload {
  @Field(() => Schedule, { nullable: true, description: "The schedule as it is now." })
  readonly schedule?: Schedule;
}

@ObjectType({ implements: MutationPayload, description: "What deleteSchedule did.", simpleResolvers: true })
export class DeleteSchedulePayload {
  @Field(() => ID, { nullable: true, description: "Id of the schedule that is gone: drop it from caches." })
  readonly deletedScheduleId?: string;
}

@ObjectType({ implements: MutationPayload, description: "What backfillSchedule did.", simpleResolvers: true })
export class BackfillSchedulePayload {
  @Field(() => [ID], {
    nullable: true,
    description: "The executions that were started, in order of nominal time.",
  })
  readonly executionIds?: readonly string[];

  @Field(() => Int, { nullable: true, description: "Nominal times that had an execution already." })
  readonly existing?: number;
}
