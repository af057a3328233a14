import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { type BatchReport, type BatchRequest, cancelInput, type ErrorCode, fieldTexts } from "../../engine/index.ts";
import { ErrorCodeEnum, MutationPayload } from "../errors/user-error.ts";
import { toNodeId } from "../relay/node-id.ts";
import { toCursor, toWindow } from "../relay/page-args.ts";
import { Told } from "../told.ts";
import { ExecutionFilter, toExecutionFilter } from "./execution-filter.ts";

const DEFAULT_LIMIT = 100;

@InputType({ description: "Which executions to open again." })
export class RetryExecutionsInput {
  @Field(() => ExecutionFilter, {
    description: "Which executions. Without `status`: those in which there is something to do. `{}`: all of those.",
  })
  filter!: ExecutionFilter;

  @Field(() => Int, {
    defaultValue: DEFAULT_LIMIT,
    description:
      "How many to look at, newest first, 1 to 1,000; fewer when that takes more than three seconds. Default 100.",
  })
  limit!: number;

  @Field(() => String, { nullable: true, description: "Goes on after this `endCursor`. Default: from the newest." })
  after?: string | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: "True: tells what would be done, and does nothing. Default false.",
  })
  dryRun!: boolean;
}

@InputType({ description: "Which executions to delete." })
export class DeleteExecutionsInput extends RetryExecutionsInput {}

@InputType({ description: "Which executions to stop, and how." })
@Told(fieldTexts(cancelInput))
export class CancelExecutionsInput extends RetryExecutionsInput {
  @Field(() => Boolean, { defaultValue: true })
  compensate!: boolean;

  @Field(() => String, { nullable: true })
  reason?: string | null;
}

@ObjectType({ description: "An execution that it was not done to.", simpleResolvers: true })
export class BatchRefusal {
  @Field(() => ID, { description: "Of the execution." })
  readonly executionId!: string;

  @Field(() => ErrorCodeEnum, { description: "Why, for programs." })
  readonly code!: ErrorCode;

  @Field(() => String, { description: "Why, for people." })
  readonly message!: string;
}

@ObjectType({ description: "What came of the same to many executions.", simpleResolvers: true })
export class ExecutionBatch {
  constructor(private readonly report: BatchReport) {}

  @Field(() => Int, {
    description:
      "How many were asked or deleted, or with `dryRun` would be. What was asked of each is stored; it acts on it soon.",
  })
  get acceptedCount(): number {
    return this.report.accepted.length;
  }

  @Field(() => [ID], { description: "Of those, newest first." })
  get acceptedIds(): string[] {
    return this.report.accepted.map((id) => toNodeId("Execution", id));
  }

  @Field(() => Int, { description: "How many were refused." })
  get refusedCount(): number {
    return this.report.refused.length;
  }

  @Field(() => [BatchRefusal], { description: "Those, newest first, each with the reason." })
  get refused(): BatchRefusal[] {
    return this.report.refused.map((one) => ({ ...one, executionId: toNodeId("Execution", one.executionId) }));
  }

  @Field(() => Boolean, { description: "Whether more match the filter. `after: endCursor` goes on with them." })
  get hasMore(): boolean {
    return this.report.hasMore;
  }

  @Field(() => String, { nullable: true, description: "For `after`; null when nothing matched." })
  get endCursor(): string | null {
    return this.report.last === null ? null : toCursor("Execution", this.report.last);
  }
}

@ObjectType({ implements: MutationPayload, description: "What cancelExecutions did.", simpleResolvers: true })
export class CancelExecutionsPayload {
  @Field(() => ExecutionBatch, { nullable: true, description: "How many, and which." })
  readonly batch?: ExecutionBatch;
}

@ObjectType({ implements: MutationPayload, description: "What retryExecutions did.", simpleResolvers: true })
export class RetryExecutionsPayload {
  @Field(() => ExecutionBatch, { nullable: true, description: "How many, and which." })
  readonly batch?: ExecutionBatch;
}

@ObjectType({ implements: MutationPayload, description: "What deleteExecutions did.", simpleResolvers: true })
export class DeleteExecutionsPayload {
  @Field(() => ExecutionBatch, {
    nullable: true,
    description: "How many, and which. The children that went with them are not counted.",
  })
  readonly batch?: ExecutionBatch;
}

export function toBatchRequest({ filter, limit, after, dryRun }: RetryExecutionsInput): BatchRequest {
  return {
    filter: toExecutionFilter(filter, "filter"),
    limit,
    after: toWindow({ after: after ?? null }, "Execution").after,
    dryRun,
  };
}
