import { relative } from "node:path";
import type { EventData } from "node:test";

/** What is measured: the product, not its tests nor what is measured with. */
export const coverageOptions = {
  coverage: true,
  // Asked of what ran, and again of what that was compiled from.
  coverageIncludeGlobs: ["{dist/,}{edge,engine,live,saga,schema,server,web-compat}/**"],
  coverageExcludeGlobs: ["**/*.test.*", "**/write-*"],
};
/** So many files are named, of those that have some length. */
const LEAST = 10;
const MIN_LINES = 30;

/** One line in all, and the files that tests pass through least. */
export function coverageWords({ totals, files }: EventData.TestCoverage["summary"]): string {
  const percent = (value: number): string => `${value.toFixed(1)} %`;
  const least = files
    .filter(({ totalLineCount }) => totalLineCount >= MIN_LINES)
    .sort((a, b) => a.coveredLinePercent - b.coveredLinePercent)
    .slice(0, LEAST)
    .map(({ path, coveredLinePercent }) => `${relative(process.cwd(), path)} ${percent(coveredLinePercent)}`);
  return `Coverage: ${percent(totals.coveredLinePercent)} of lines, ${percent(totals.coveredBranchPercent)} of branches, ${percent(totals.coveredFunctionPercent)} of functions. Least: ${least.join(", ")}`;
}
