import { Field, Float, ID, Int, ObjectType } from "type-graphql";
import type { CompensationStatus } from "../../engine/index.ts";
import {
  type Saga as SagaRecord,
  type SagaStatus,
  type SagaStepStatus,
  type SagaStep as StepRecord,
  sagaStepTexts,
  sagaTexts,
} from "../../saga/index.ts";
import { Failure, toFailure } from "../execution/failure.ts";
import { CompensationStatusEnum } from "../execution/statuses.ts";
import { connectionType } from "../relay/connection.ts";
import { toNodeId } from "../relay/node-id.ts";
import { DateTime, Json, JsonObject } from "../scalars.ts";
import { Told } from "../told.ts";
import { SagaStatusEnum, SagaStepStatusEnum } from "./statuses.ts";

@ObjectType({ description: "A step of a saga: of its type's definition, begun or not.", simpleResolvers: true })
@Told(sagaStepTexts)
export class SagaStep {
  constructor(private readonly step: StepRecord) {}

  @Field(() => String)
  get name(): string {
    return this.step.name;
  }

  @Field(() => String, { description: "Its step type: `participant` for a command to a service." })
  get type(): string {
    return this.step.type;
  }

  @Field(() => String, { nullable: true })
  get service(): string | null {
    return this.step.service;
  }

  @Field(() => String, { nullable: true })
  get command(): string | null {
    return this.step.command;
  }

  @Field(() => String, { nullable: true })
  get compensationCommand(): string | null {
    return this.step.compensationCommand;
  }

  @Field(() => Float, { nullable: true })
  get timeoutSeconds(): number | null {
    return this.step.timeoutSeconds;
  }

  @Field(() => Int)
  get retryAttempts(): number {
    return this.step.retryAttempts;
  }

  @Field(() => Boolean, { description: "The point of no return of its saga." })
  get isPivot(): boolean {
    return this.step.isPivot;
  }

  @Field(() => SagaStepStatusEnum)
  get status(): SagaStepStatus {
    return this.step.status;
  }

  @Field(() => Int, { description: "Attempts that were begun; 0 before." })
  get attempt(): number {
    return this.step.record?.attempt ?? 0;
  }

  @Field(() => Int, { description: "Attempts to undo it that were begun." })
  get compensationAttempt(): number {
    return this.step.undo?.attempt ?? 0;
  }

  @Field(() => DateTime, { nullable: true })
  get startedAt(): number | null {
    return this.step.startedAt;
  }

  @Field(() => DateTime, { nullable: true })
  get completedAt(): number | null {
    return this.step.completedAt;
  }

  @Field(() => Failure, { nullable: true, description: "Why it failed, or why undoing it did." })
  get error(): Failure | null {
    return toFailure(this.step.undo?.error ?? this.step.record?.error ?? null);
  }

  @Field(() => Json, { nullable: true })
  get result() {
    return this.step.result;
  }
}

@ObjectType({
  description:
    "Work across services that is either completed or undone. Every execution is one; those of workflows have the type `workflow_execution`.",
  simpleResolvers: true,
})
@Told(sagaTexts)
export class Saga {
  constructor(private readonly saga: SagaRecord) {}

  @Field(() => ID, { description: "A UUID, the same in the REST API." })
  get id(): string {
    return this.saga.id;
  }

  @Field(() => String)
  get type(): string {
    return this.saga.type;
  }

  @Field(() => SagaStatusEnum)
  get status(): SagaStatus {
    return this.saga.status;
  }

  @Field(() => CompensationStatusEnum)
  get compensationStatus(): CompensationStatus {
    return this.saga.execution.compensationStatus;
  }

  @Field(() => [SagaStep])
  get steps(): SagaStep[] {
    return this.saga.steps.map((step) => new SagaStep(step));
  }

  @Field(() => Int)
  get currentStep(): number {
    return this.saga.currentStep;
  }

  @Field(() => JsonObject, { description: "What it was started with." })
  get input() {
    return this.saga.input;
  }

  @Field(() => JsonObject, { description: "What participants have answered, merged; other steps under their names." })
  get output() {
    return this.saga.output;
  }

  @Field(() => Failure, { nullable: true, description: "Why it did not complete." })
  get error(): Failure | null {
    return toFailure(this.saga.execution.error);
  }

  @Field(() => String)
  get correlationId(): string {
    return this.saga.correlationId;
  }

  @Field(() => ID, { description: "Its execution in the engine's API, such as `ex_789`." })
  get executionId(): string {
    return toNodeId("Execution", this.saga.execution.id);
  }

  @Field(() => Int, { description: "Seq of its latest event: `sagaEvents` with `after` set to it goes on from here." })
  get lastEventSeq(): number {
    return this.saga.execution.lastSeq;
  }

  @Field(() => DateTime, { description: "When it was stored." })
  get createdAt(): number {
    return this.saga.execution.createdAt;
  }

  @Field(() => DateTime, { nullable: true, description: "When its first step could begin." })
  get startedAt(): number | null {
    return this.saga.execution.startedAt;
  }

  @Field(() => DateTime, { nullable: true })
  get completedAt(): number | null {
    return this.saga.execution.completedAt;
  }
}

export const SagaConnection = connectionType("Saga", () => Saga, "newest first");
