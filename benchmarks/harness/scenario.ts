import type { BenchmarkServer } from "./postgres-server.ts";

export interface Metric {
  readonly id: string;
  readonly label: string;
  readonly unit: string;
  /** What the project wants of it. */
  readonly aim?: { readonly atLeast: number } | { readonly below: number };
}

/** Values by the ids of the scenario's metrics. */
export type Values = Readonly<Record<string, number>>;

export interface Scenario {
  readonly name: string;
  readonly metrics: readonly Metric[];
  /** Makes ready what all rounds need; not measured. Null when it cannot be had here, with a word on stderr. */
  open(server: BenchmarkServer): Promise<OpenScenario | null>;
}

export interface OpenScenario {
  /** One round. */
  measure(): Promise<Values>;
  close(): Promise<void>;
}
