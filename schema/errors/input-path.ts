import { pathSegments } from "../../engine/index.ts";

/**
 * The engine names input as the REST API does: `workflow_config.steps[2].config["X-Id"]`. Here it has GraphQL names.
 * Names of the schema are the first one, and those below the one input that has an input in it.
 */
const HEAD = /^policies\..+|^[^.[\]]+/;
const renamed: Readonly<Record<string, string>> = { workflow_config: "definition", template_config: "definition" };

/** The path as text. What follows the names of the schema is the client's own JSON. */
export function toInputName(path: string): string {
  return path.replace(HEAD, inputName);
}

/** The path as a list: names, and positions as digits. */
export function inputPath(path: string): string[] {
  return pathSegments(toInputName(path)).map(String);
}

function inputName(name: string): string {
  return renamed[name] ?? name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
