import type { JsonObject } from "../../model/index.ts";

/** A template that ships with the product. Its id is part of the contract: scripts name it. */
export interface BuiltInTemplate {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly category: string;
  readonly definition: JsonObject;
  readonly defaultTriggerConfig: JsonObject;
  readonly defaultCronSchedule?: string;
  readonly tags: readonly string[];
  /** Further names by which requests may address a step: alias → name. */
  readonly stepAliases?: Readonly<Record<string, string>>;
}

export const manual: JsonObject = { type: "manual", enabled: true };
