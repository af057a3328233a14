import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Comparison } from "../scenarios/comparisons.ts";
import { commit } from "./repository.ts";
import type { Scenario } from "./scenario.ts";

/** An earlier state of the service, measured in the same rounds as this one. */
export interface Before {
  readonly commit: string;
  /** This state's scenarios, each followed by the earlier state's of the same name. */
  readonly scenarios: readonly Scenario[];
  readonly comparisons: readonly Comparison[];
}

/** The scenarios of another checkout, which has to be built, beside ours. Those that it does not have yet are left out. */
export async function beside(checkout: string, ours: readonly Scenario[]): Promise<Before> {
  const file = pathToFileURL(join(checkout, "dist", "benchmarks", "scenarios", "index.js"));
  const theirs = ((await import(file.href)) as { scenarios: readonly Scenario[] }).scenarios;
  const pairs = ours.flatMap((now): [now: Scenario, then: Scenario][] => {
    const then = theirs.find(({ name }) => name === now.name);
    return then ? [[now, { ...then, name: `${then.name}, before` }]] : [];
  });
  return {
    commit: await commit(checkout),
    scenarios: pairs.flat(),
    comparisons: pairs.flatMap(([now, then]) =>
      now.metrics
        .filter(({ id }) => then.metrics.some((metric) => metric.id === id))
        .map(({ id, label }) => ({
          label: `${now.name}: ${label}, in those of before`,
          of: [now.name, id],
          per: [then.name, id],
          as: "multiple",
        })),
    ),
  };
}
