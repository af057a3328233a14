import type { RunPorts } from "../execution/index.ts";
import { type JsonValue, type StepContext, StepError, type StepType, type Suspension } from "../model/index.ts";
import { findByName, type SimulationRequest, type StepMock } from "./simulation-input.ts";

/** Where a simulated step's output is from: its own work, a mock, or the example of its step type. */
const outputSources = ["computed", "mocked", "example"] as const;
export type OutputSource = (typeof outputSources)[number];

/**
 * What takes the place of each step's work. A step without outside effect that is not mocked does its own work: it only
 * computes, or waits by the simulated clock.
 */
export function mockedWork(
  { mocks, failAt }: Pick<SimulationRequest, "mocks" | "failAt">,
  compute: RunPorts["invoke"],
  toldSource: (stepName: string, source: OutputSource) => void,
): RunPorts["invoke"] {
  const byStep = new Map(mocks.map((mock) => [mock.step, mock]));
  return (type, config, context) => {
    const { stepName } = context;
    if (findByName(stepName, (name) => (name === failAt ? true : undefined))) {
      toldSource(stepName, "mocked");
      throw new StepError("STEP_FAILED", "The simulation makes it fail", { retryable: false });
    }
    const mock = findByName(stepName, (name) => byStep.get(name));
    if (mock) return mocked(mock, type, config, context, toldSource);
    if (type.effect === "none") {
      toldSource(stepName, "computed");
      return compute(type, config, context);
    }
    toldSource(stepName, "example");
    return exampleOf(type, config);
  };
}

function mocked(
  { error, failures, afterSeconds, ...mock }: StepMock,
  type: StepType,
  config: unknown,
  context: StepContext,
  toldSource: (stepName: string, source: OutputSource) => void,
): JsonValue | Suspension {
  const { stepName, attempt } = context;
  if (error && (failures == null || attempt <= failures)) {
    toldSource(stepName, "mocked");
    throw new StepError(error.code, error.message, { retryable: error.isRetryable });
  }
  toldSource(stepName, mock.output === undefined ? "example" : "mocked");
  const output = mock.output === undefined ? exampleOf(type, config) : mock.output;
  if (!afterSeconds) return output;
  return { suspend: "timer", until: new Date(context.now() + afterSeconds * 1_000), output };
}

function exampleOf(type: StepType, config: unknown): JsonValue {
  return type.example?.(config) ?? null;
}
