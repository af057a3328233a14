/** One measure divided by another of the same run. */
export interface Comparison {
  readonly label: string;
  /** Scenario and metric. */
  readonly of: readonly [scenario: string, metric: string];
  readonly per: readonly [scenario: string, metric: string];
  readonly as: "share" | "multiple";
}

const names = { Memory: "memory", Postgres: "Postgres" } as const;

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
    label: "sagas, as a share of plain executions of the same requests",
    of: ["saga", "sagasPerSecond"],
    per: ["saga", "plainPerSecond"],
    as: "share",
  },
  {
    label: "sagas with one in ten undone, as a share of sagas that complete",
    of: ["saga", "mixedPerSecond"],
    per: ["saga", "sagasPerSecond"],
    as: "share",
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
  ...(["Memory", "Postgres"] as const).flatMap((source): Comparison[] => [
    {
      label: `GraphQL query from ${names[source]}, as a multiple of bare Apollo`,
      of: ["graphql", `${source.toLowerCase()}PerSecond`],
      per: ["graphql-peers", `apollo${source}PerSecond`],
      as: "multiple",
    },
    {
      label: `GraphQL query from ${names[source]}, as a multiple of Mercurius`,
      of: ["graphql", `${source.toLowerCase()}PerSecond`],
      per: ["graphql-peers", `mercurius${source}PerSecond`],
      as: "multiple",
    },
  ]),
  {
    label: "GET a workflow, as a share of a bare Fastify route",
    of: ["rest", "getWorkflow"],
    per: ["rest", "bareRoute"],
    as: "share",
  },
  {
    label: "GET a workflow, as a share of bare queries",
    of: ["rest", "getWorkflow"],
    per: ["rest", "bareQuery"],
    as: "share",
  },
  {
    label: "POST execute, as a share of bare queries",
    of: ["rest", "execute"],
    per: ["rest", "bareQuery"],
    as: "share",
  },
  {
    label: "a page of executions from a million: p50 as a multiple of that from a hundred",
    of: ["rest-list", "largeP50Ms"],
    per: ["rest-list", "smallP50Ms"],
    as: "multiple",
  },
];
