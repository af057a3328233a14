import type { Outcome } from "./run-scenario.ts";

/** As Markdown. */
export function table(outcomes: readonly Outcome[], seed: number): string {
  const rows = outcomes.map(({ scenario, ...outcome }) =>
    [
      scenario.name,
      scenario.fault,
      outcome.skipped ?? (outcome.wrong.length === 0 ? "held" : `**${outcome.wrong.join("; ")}**`),
      outcome.skipped ? "" : `${outcome.executions}`,
      outcome.skipped ? "" : `${outcome.repeated}`,
      outcome.skipped ? "" : `${outcome.refused}`,
      outcome.skipped ? "" : `${outcome.slowestLiveMs}`,
      scenario.seen,
    ].map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")),
  );
  const head = ["fault", "what is done", "result", "executions", "effects again", "refused", "slowest /live (ms)"];
  return [
    `Seed ${seed}, ${new Date().toISOString().slice(0, 10)}.`,
    "",
    `| ${[...head, "what an operator sees"].join(" | ")} |`,
    `|${"---|".repeat(head.length + 1)}`,
    ...rows.map((row) => `| ${row.join(" | ")} |`),
  ].join("\n");
}
