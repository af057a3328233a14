import { Field, ObjectType } from "type-graphql";
import type { OutputSource, SimulatedStep as SimulatedStepRecord, StepRecord, StepStatus } from "../../engine/index.ts";
import { enumeration } from "../enumeration.ts";
import { Attempt } from "../execution/attempt.ts";
import { Failure, toFailure } from "../execution/failure.ts";
import { StepRoleEnum, StepStatusEnum } from "../execution/statuses.ts";
import { DateTime, Json } from "../scalars.ts";

const OutputSourceEnum = enumeration<OutputSource>("OutputSource", "Where a simulated step's outcome is from.", {
  computed: "Its own work: it only computes, or waits.",
  mocked: "A mock, or `failAt`.",
  example: "An example of its type's output: a mock would tell more.",
});

@ObjectType({ description: "A step as it would go. Times are of the simulated clock.", simpleResolvers: true })
export class SimulatedStep {
  constructor(private readonly step: SimulatedStepRecord) {}

  private get record(): StepRecord {
    return this.step.record;
  }

  @Field(() => String, {
    description: "As Step.name: `fan[3]` for an item, `check[true]` for an action, `charge[undo]` for a compensation.",
  })
  get name(): string {
    return this.record.name;
  }

  @Field(() => String, { description: "Name of its StepType." })
  get type(): string {
    return this.record.type;
  }

  @Field(() => StepRoleEnum, { description: "Whether it does the work or undoes it." })
  get role(): StepRecord["role"] {
    return this.record.role;
  }

  @Field(() => StepStatusEnum, { description: "How it ended." })
  get status(): StepStatus {
    return this.record.status;
  }

  @Field(() => OutputSourceEnum, {
    nullable: true,
    description: "Where its outcome is from; null for one that only holds its parts together, or did not begin.",
  })
  get source(): OutputSource | null {
    return this.step.source;
  }

  @Field(() => [Attempt], { description: "Every attempt, in order, with the waits between them." })
  get attempts(): Attempt[] {
    return this.step.attempts.map((attempt) => new Attempt(attempt));
  }

  @Field(() => Json, { nullable: true, description: "Its config with placeholders filled in." })
  get input() {
    return this.record.input;
  }

  @Field(() => Json, { nullable: true, description: "Its output; null unless it completed." })
  get output() {
    return this.record.output;
  }

  @Field(() => Failure, { nullable: true, description: "Why it failed." })
  get error(): Failure | null {
    return toFailure(this.record.error);
  }

  @Field(() => DateTime, { nullable: true, description: "When its first attempt began." })
  get startedAt(): number | null {
    return this.record.startedAt;
  }

  @Field(() => DateTime, { nullable: true, description: "When it was settled." })
  get completedAt(): number | null {
    return this.record.completedAt;
  }
}
