import type { Reads } from "./contract.ts";

export interface StepReference {
  readonly step: string;
  /** JSON path of the text that reads it. */
  readonly path: string;
}

/** The steps that are read by name. A name computed at run time is not among them. */
export function stepReferences(reads: readonly Reads[]): StepReference[] {
  return reads.flatMap(({ steps, path }) => steps.map((step) => ({ step, path })));
}

/** What is read by an expression that has others for its operands. */
export function mergeReads(path: string, reads: readonly Reads[]): Reads {
  return {
    path,
    env: unique(reads.map(({ env }) => env)),
    steps: unique(reads.map(({ steps }) => steps)),
    anyStep: reads.some(({ anyStep }) => anyStep),
    roots: unique(reads.map(({ roots }) => roots)),
  };
}

function unique(names: readonly (readonly string[])[]): string[] {
  return [...new Set(names.flat())];
}
