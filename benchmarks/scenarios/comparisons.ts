/** One measure divided by another of the same run. */
export interface Comparison {
  readonly label: string;
  /** Scenario and metric. */
  readonly of: readonly [scenario: string, metric: string];
  readonly per: readonly [scenario: string, metric: string];
  readonly as: "share" | "multiple";
}

export const comparisons: readonly Comparison[] = [
  {
    label: "engine, as a share of batched inserts (two in flight)",
    of: ["engine", "stepsPerSecond"],
    per: ["postgres-limits", "batch2"],
    as: "share",
  },
  {
    label: "engine, as a multiple of a commit a step (16 connections)",
    of: ["engine", "stepsPerSecond"],
    per: ["postgres-limits", "single16"],
    as: "multiple",
  },
  {
    label: "engine, as a multiple of DBOS",
    of: ["engine", "stepsPerSecond"],
    per: ["peers", "stepsPerSecond"],
    as: "multiple",
  },
  {
    label: "p50 of a lone execution, in single commits",
    of: ["engine", "p50Ms"],
    per: ["postgres-limits", "singleAloneP50Ms"],
    as: "multiple",
  },
  {
    label: "p50 of a lone execution: DBOS' as a multiple of the engine's",
    of: ["peers", "p50Ms"],
    per: ["engine", "p50Ms"],
    as: "multiple",
  },
  ...(["1", "100", "1000", "Apart"] as const).flatMap((audience): Comparison[] => [
    {
      label: `fan-out (${audience}), as a multiple of graphql-ws`,
      of: ["fan-out", `perSecond${audience}`],
      per: ["fan-out-graphql-ws", `perSecond${audience}`],
      as: "multiple",
    },
    {
      label: `fan-out (${audience}), as a share of a broadcast by ws`,
      of: ["fan-out", `perSecond${audience}`],
      per: ["fan-out-broadcast", `perSecond${audience}`],
      as: "share",
    },
  ]),
  {
    label: "memory a subscriber, as a share of graphql-ws'",
    of: ["fan-out", "rssKib"],
    per: ["fan-out-graphql-ws", "rssKib"],
    as: "share",
  },
];
