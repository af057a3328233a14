import type { Comparison } from "../scenarios/comparisons.ts";
import type { Measured } from "./rounds.ts";
import type { Metric, Values } from "./scenario.ts";
import { median } from "./statistics.ts";

/** Two tables in Markdown: the measures, and how they compare. */
export function report(measured: Measured, comparisons: readonly Comparison[]): string {
  const rows = [...measured].flatMap(([{ name, metrics }, rounds]) =>
    metrics.map((metric) => [
      name,
      metric.label,
      ...spread(rounds.map((round) => round[metric.id]!)),
      metric.unit,
      aim(metric),
    ]),
  );
  const compared = comparisons.flatMap((comparison) => {
    const ratios = ratiosOf(measured, comparison);
    return ratios.length === 0 ? [] : [[comparison.label, ...spread(ratios, comparison.as)]];
  });
  return [
    table(["scenario", "measure", "median", "min–max", "unit", "aim"], rows),
    ...(compared.length === 0 ? [] : [table(["comparison within this run", "median", "min–max"], compared)]),
  ].join("\n\n");
}

/** The ratio of each round in which both were measured: neighbours in time, so noise weighs on both. */
function ratiosOf(measured: Measured, { of, per }: Comparison): number[] {
  const top = valuesOf(measured, of);
  const bottom = valuesOf(measured, per);
  return top.slice(0, bottom.length).map((value, round) => value / bottom[round]!);
}

function valuesOf(measured: Measured, [scenarioName, id]: Comparison["of"]): number[] {
  const rounds = [...measured].find(([scenario]) => scenario.name === scenarioName)?.[1] ?? [];
  return rounds.map((round: Values) => round[id]!);
}

function spread(values: readonly number[], as: "number" | Comparison["as"] = "number"): [string, string] {
  const show = (value: number): string => {
    if (as === "share") return `${number(value * 100)} %`;
    return as === "multiple" ? `${number(value)}×` : number(value);
  };
  return [show(median(values)), `${show(Math.min(...values))}–${show(Math.max(...values))}`];
}

function aim({ aim }: Metric): string {
  if (!aim) return "";
  return "atLeast" in aim ? `≥ ${number(aim.atLeast)}` : `< ${number(aim.below)}`;
}

/** Three figures, and no fraction from a hundred up. */
function number(value: number): string {
  return value.toLocaleString("en", value >= 100 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 });
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
