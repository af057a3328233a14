import { getMetadataStorage } from "type-graphql";
import type { FieldTexts } from "../engine/index.ts";

/**
 * Fields of the class that have no description of their own are told as the engine tells those of the same name, which is how the
 * REST API tells them, too. A field in backquotes gets its GraphQL name.
 */
export function Told(...tables: readonly FieldTexts[]): ClassDecorator {
  const texts = new Map(
    tables.flatMap((table) => Object.entries(table)).map(([name, text]) => [inGraphQL(name), text]),
  );
  return (target) => {
    for (const field of getMetadataStorage().fields) {
      if (field.target === target) field.description ??= named(texts.get(field.name), texts);
    }
  };
}

function named(text: string | undefined, texts: ReadonlyMap<string, string>): string | undefined {
  return text?.replaceAll(/`(\w+)`/g, (quoted, name) =>
    texts.has(inGraphQL(name)) ? `\`${inGraphQL(name)}\`` : quoted,
  );
}

function inGraphQL(name: string): string {
  return name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
