import type { Metric } from "../harness/scenario.ts";

/** What `measureWorkflow` gives. */
export function workflowMetrics(inFlight: number, aims: { stepsPerSecond: number; p50Ms?: number }): readonly Metric[] {
  return [
    { id: "executionsPerSecond", label: `executions, ${inFlight} in flight`, unit: "executions/s" },
    {
      id: "stepsPerSecond",
      label: `steps, ${inFlight} executions in flight`,
      unit: "steps/s",
      aim: { atLeast: aims.stepsPerSecond },
    },
    { id: "commitsPerStep", label: "commits under that load", unit: "commits/step" },
    { id: "cpuCores", label: "CPU of the worker's process", unit: "cores" },
    { id: "rssMib", label: "memory of the worker's process after it (RSS)", unit: "MiB" },
    {
      id: "p50Ms",
      label: "a lone execution of five steps, p50",
      unit: "ms",
      ...(aims.p50Ms === undefined ? {} : { aim: { below: aims.p50Ms } }),
    },
    { id: "p99Ms", label: "a lone execution of five steps, p99", unit: "ms" },
    { id: "loneCommitsPerStep", label: "commits of a lone execution", unit: "commits/step" },
  ];
}
