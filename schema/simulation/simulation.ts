import { Field, Int, ObjectType } from "type-graphql";
import type {
  CompensationStatus,
  EventType,
  ExecutionEvent,
  ExecutionStatus,
  SimulatedLog as SimulatedLogRecord,
  Simulation as SimulationRecord,
} from "../../engine/index.ts";
import { enumeration } from "../enumeration.ts";
import { ExecutionEventTypeEnum } from "../execution/execution-event.ts";
import { Failure, toFailure } from "../execution/failure.ts";
import { CompensationStatusEnum, ExecutionStatusEnum } from "../execution/statuses.ts";
import { DateTime, JsonObject, SafeInt } from "../scalars.ts";
import { SimulatedStep } from "./simulated-step.ts";

const SimulationLimitEnum = enumeration<NonNullable<SimulationRecord["stoppedBy"]>>(
  "SimulationLimit",
  "A bound of simulations.",
  {
    events: "20,000 events.",
    size: "16 Mi characters in the data of all events.",
    time: "Five seconds of real time.",
  },
);

@ObjectType({ description: "A conditional, and the way it went.", simpleResolvers: true })
export class SimulatedBranch {
  @Field(() => String, { description: "Name of the conditional step, item or action." })
  readonly step!: string;

  @Field(() => Boolean, { description: "Whether its condition held." })
  readonly taken!: boolean;
}

@ObjectType({ description: "A line that a step would write to the log.", simpleResolvers: true })
export class SimulatedLog {
  constructor(private readonly line: SimulatedLogRecord) {}

  @Field(() => String, { description: "Name of the step." })
  get step(): string {
    return this.line.step;
  }

  @Field(() => String, { description: "`debug`, `info`, `warning` or `error`." })
  get level(): string {
    return this.line.level;
  }

  @Field(() => String, { description: "The text." })
  get message(): string {
    return this.line.message;
  }

  @Field(() => DateTime, { description: "When, by the simulated clock." })
  get at(): number {
    return this.line.at;
  }
}

@ObjectType({ description: "An event that the execution would have. It is not stored.", simpleResolvers: true })
export class SimulatedEvent {
  constructor(private readonly event: ExecutionEvent) {}

  @Field(() => Int, { description: "From 1, without a gap." })
  get seq(): number {
    return this.event.seq;
  }

  @Field(() => ExecutionEventTypeEnum, { description: "What would happen." })
  get type(): EventType {
    return this.event.type;
  }

  @Field(() => DateTime, { description: "When, by the simulated clock." })
  get at(): number {
    return this.event.at;
  }

  @Field(() => String, { nullable: true, description: "Name of the step that it is about." })
  get stepName(): string | null {
    return this.event.stepId !== null && "name" in this.event.data ? this.event.data.name : null;
  }

  @Field(() => JsonObject, { description: "Details, as of ExecutionEvent." })
  get data() {
    return this.event.data;
  }
}

@ObjectType({
  description:
    "What an execution would do: the engine's own interpreter, with mocks for the world and a clock that jumps to what is due next. Nothing is sent or stored.",
  simpleResolvers: true,
})
export class Simulation {
  constructor(private readonly simulation: SimulationRecord) {}

  @Field(() => ExecutionStatusEnum, { description: "How it would end." })
  get status(): ExecutionStatus {
    return this.simulation.execution.status;
  }

  @Field(() => CompensationStatusEnum, { description: "How its undoing would end." })
  get compensationStatus(): CompensationStatus {
    return this.simulation.execution.compensationStatus;
  }

  @Field(() => Failure, { nullable: true, description: "Why it would not complete." })
  get error(): Failure | null {
    return toFailure(this.simulation.execution.error);
  }

  @Field(() => JsonObject, { description: "Output of each step that has one, by its name." })
  get result() {
    return this.simulation.result;
  }

  @Field(() => [SimulatedStep], { description: "Its steps, in the order in which they would begin." })
  get steps(): SimulatedStep[] {
    return this.simulation.steps.map((step) => new SimulatedStep(step));
  }

  @Field(() => [SimulatedBranch], { description: "Its conditionals and the ways they would go, in order." })
  get branches(): SimulatedBranch[] {
    return this.simulation.branches.map((branch) => ({ ...branch }));
  }

  @Field(() => [String], { description: "Names of the steps that would be undone, the first one first." })
  get undoPath(): readonly string[] {
    return this.simulation.undoPath;
  }

  @Field(() => [SimulatedEvent], { description: "Everything that would happen, by seq." })
  get events(): SimulatedEvent[] {
    return this.simulation.events.map((event) => new SimulatedEvent(event));
  }

  @Field(() => [SimulatedLog], { description: "What its log steps would write." })
  get logs(): SimulatedLog[] {
    return this.simulation.logs.map((line) => new SimulatedLog(line));
  }

  @Field(() => DateTime, { description: "What the simulated clock showed at the start." })
  get startedAt(): number {
    return this.simulation.startedAt;
  }

  @Field(() => DateTime, { description: "What the simulated clock showed at the end." })
  get endedAt(): number {
    return this.simulation.endedAt;
  }

  @Field(() => SafeInt, {
    description:
      "Simulated time in ms. Work takes none, but for mocks with `afterSeconds`; waits between attempts are half the backoff where it has jitter.",
  })
  get durationMs(): number {
    return this.simulation.endedAt - this.simulation.startedAt;
  }

  @Field(() => SimulationLimitEnum, {
    nullable: true,
    description: "The bound that cut it short; null: it ran to its end.",
  })
  get stoppedBy(): SimulationRecord["stoppedBy"] {
    return this.simulation.stoppedBy;
  }
}
