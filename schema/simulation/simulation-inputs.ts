import { Field, Float, ID, InputType, Int } from "type-graphql";
import {
  type JsonObject as JsonObjectValue,
  type JsonValue,
  type SimulationRequest,
  type StepErrorCode,
  stepErrorCodes,
} from "../../engine/index.ts";
import { withoutNulls } from "../documented-input.ts";
import { enumeration } from "../enumeration.ts";
import { fromNodeId } from "../relay/node-id.ts";
import { DateTime, Json, JsonObject } from "../scalars.ts";

const DEFAULT_TIMEOUT_SECONDS = 300;
const DEFAULT_MAX_RETRIES = 3;

const StepErrorCodeEnum = enumeration<StepErrorCode>(
  "StepErrorCode",
  "Why an attempt of a step failed: `code` of its Failure.",
  stepErrorCodes,
);

@InputType({ description: "How a simulated step fails." })
export class MockErrorInput {
  @Field(() => StepErrorCodeEnum, { defaultValue: "STEP_FAILED", description: "Default STEP_FAILED." })
  code!: StepErrorCode;

  @Field(() => String, { defaultValue: "The simulation makes it fail", description: "For people." })
  message!: string;

  @Field(() => Boolean, {
    defaultValue: true,
    description: "Whether the step's retry policy applies; false: it fails at once. Default true.",
  })
  isRetryable!: boolean;
}

@InputType({ description: "What a step does in a simulation, in place of its own work." })
export class StepMockInput {
  @Field(() => String, {
    description:
      "Name of a step, or of a part of one: `fan[2]` for an item, `check[true]` for an action, `charge[undo]` for a compensation. That of a step holds for its items and actions too.",
  })
  step!: string;

  @Field(() => Json, {
    nullable: true,
    description: "Its output; for a wait_for_event step, the event's data. Default: an example of its type's output.",
  })
  output?: JsonValue;

  @Field(() => MockErrorInput, { nullable: true, description: "Fails with this. Default: it does not fail." })
  error?: MockErrorInput | null;

  @Field(() => Int, {
    nullable: true,
    description: "How many attempts fail with `error` before one has the output, 1 to 100. Default: all.",
  })
  failures?: number | null;

  @Field(() => Float, {
    nullable: true,
    description: "When the output comes, in seconds of simulated time, 0 to 31,536,000 (a year). Default 0: at once.",
  })
  afterSeconds?: number | null;
}

@InputType({ description: "What to simulate, and in which world." })
export class SimulateInput {
  @Field(() => ID, {
    nullable: true,
    description: "The workflow whose current version runs. Either this or `definition`.",
  })
  workflowId?: string | null;

  @Field(() => JsonObject, {
    nullable: true,
    description: "The steps, as createWorkflow takes them. Either this or `workflowId`.",
  })
  definition?: JsonObjectValue | null;

  @Field(() => Int, {
    nullable: true,
    description: "With `definition`: as of a workflow, with the same default.",
  })
  timeoutSeconds?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "With `definition`: as of a workflow, with the same default.",
  })
  maxRetries?: number | null;

  @Field(() => JsonObject, { nullable: true, description: "`{{trigger.…}}` in the definition. Default `{}`." })
  triggerData?: JsonObjectValue | null;

  @Field(() => [StepMockInput], {
    nullable: true,
    description:
      "What steps do, at most 1,000. A step without a mock does its own work when it only computes or waits; otherwise it has an example of its type's output.",
  })
  mocks?: StepMockInput[] | null;

  @Field(() => String, {
    nullable: true,
    description:
      "A step, or a part of one, that fails for good with STEP_FAILED, whatever its mock says. Default: none.",
  })
  failAt?: string | null;

  @Field(() => DateTime, { nullable: true, description: "What the simulated clock shows at the start. Default: now." })
  startAt?: Date | null;

  @Field(() => JsonObject, {
    nullable: true,
    description:
      "Values of `{{env.NAME}}`, all of them texts. The service's own are never read: default `[env NAME]` for each.",
  })
  environment?: JsonObjectValue | null;
}

export function toRequest(input: SimulateInput): SimulationRequest {
  const { workflowId, definition, startAt, mocks, ...rest } = withoutNulls(input);
  return {
    workflowId: workflowId == null ? null : fromNodeId("Workflow", workflowId, "workflowId"),
    definition: definition ?? null,
    timeoutSeconds: rest.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS,
    maxRetries: rest.maxRetries ?? DEFAULT_MAX_RETRIES,
    triggerData: rest.triggerData ?? {},
    mocks: mocks ?? [],
    failAt: rest.failAt ?? null,
    startAt: (startAt ?? new Date()).getTime(),
    environment: rest.environment ?? {},
  };
}
