import { Field, Int, ObjectType } from "type-graphql";
import type { Attempt as AttemptRecord } from "../../engine/index.ts";
import { DateTime, SafeInt } from "../scalars.ts";
import { Failure, toFailure } from "./failure.ts";
import { StepStatusEnum } from "./statuses.ts";

@ObjectType({ description: "One try of a step.", simpleResolvers: true })
export class Attempt {
  constructor(private readonly attempt: AttemptRecord) {}

  @Field(() => Int, { description: "Counts from 1; again from 1 after a retry by hand." })
  get number(): number {
    return this.attempt.number;
  }

  @Field(() => StepStatusEnum, {
    description: "How it ended, or RUNNING or WAITING. SKIPPED: it waited, and was skipped by hand.",
  })
  get status(): AttemptRecord["status"] {
    return this.attempt.status;
  }

  @Field(() => DateTime, { description: "When it began." })
  get startedAt(): number {
    return this.attempt.startedAt;
  }

  @Field(() => DateTime, { nullable: true, description: "When it ended." })
  get endedAt(): number | null {
    return this.attempt.endedAt;
  }

  @Field(() => SafeInt, { nullable: true, description: "From start to end in ms, waits included; null until its end." })
  get durationMs(): number | null {
    const { startedAt, endedAt } = this.attempt;
    return endedAt === null ? null : endedAt - startedAt;
  }

  @Field(() => Failure, { nullable: true, description: "Why it failed." })
  get error(): Failure | null {
    return toFailure(this.attempt.error);
  }

  @Field(() => DateTime, {
    nullable: true,
    description: "When the next attempt was to begin, after a failure that is retried.",
  })
  get retryAt(): number | null {
    return this.attempt.retryAt;
  }

  @Field(() => Int, {
    description: "How often a process took it up again after another had died in the middle of it; usually 0.",
  })
  get resumptions(): number {
    return this.attempt.resumptions;
  }
}
