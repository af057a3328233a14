/** The engine names input as the REST API does: `workflow_config.steps[2].config["X-Id"]`. Here it has GraphQL names. */
const SEGMENT = /\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|([^.[\]]+)/g;
/** The names that are of the schema: the first one, and those below the one input that has an input in it. */
const HEAD = /^policies\..+|^[^.[\]]+/;
const renamed: Readonly<Record<string, string>> = { workflow_config: "definition", template_config: "definition" };

/** The path as text. What follows the names of the schema is the client's own JSON. */
export function toInputName(path: string): string {
  return path.replace(HEAD, inputName);
}

/** The path as a list: names, and positions as digits. */
export function inputPath(path: string): string[] {
  return [...toInputName(path).matchAll(SEGMENT)].map(
    ([, index, quoted, name]) => index ?? (quoted === undefined ? name! : (JSON.parse(quoted) as string)),
  );
}

function inputName(name: string): string {
  return renamed[name] ?? name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
