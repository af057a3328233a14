import type { StepType } from "../model/index.ts";

type KnownStepType = Pick<StepType, "type" | "summary" | "config" | "urls" | "computes" | "previousUnless" | "open">;

/** What a definition needs to know of the step types. */
export interface StepTypeLookup {
  get(type: string): KnownStepType | undefined;
  /** In the order in which the documentation lists them. */
  all(): readonly KnownStepType[];
}
