import { type DocumentNode, getOperationAST, Kind, type OperationDefinitionNode, visit } from "graphql";
import type { Actor, LiveSource } from "../../engine/index.ts";

/** The root field's argument that a log takes its cursor from. */
const CURSOR_ARGUMENT = "after";

interface Operation {
  readonly text: string;
  readonly document: DocumentNode;
  readonly operationName: string | null | undefined;
  readonly variables: Readonly<Record<string, unknown>> | null | undefined;
}

/** For each operation of a document: the names of the variables that its results depend on. */
const relevant = new WeakMap<OperationDefinitionNode, readonly string[]>();

/**
 * What makes two subscriptions one: the topic, the document, its variables, and what the key may see. Where subscribers
 * of a log stand does not: each has its own cursor.
 */
export function operationKey(operation: Operation, source: LiveSource<unknown>, actor: Actor): string {
  const { text, document, operationName, variables } = operation;
  const definition = getOperationAST(document, operationName)!;
  let names = relevant.get(definition);
  if (names === undefined) {
    names = relevantVariables(document, definition, source.kind === "log");
    relevant.set(definition, names);
  }
  const values = names.map((name) => variables?.[name] ?? null);
  return JSON.stringify([
    source.topic,
    actor.tenantId,
    [...actor.scopes].sort(),
    text,
    definition.name?.value ?? null,
    values,
  ]);
}

function relevantVariables(
  document: DocumentNode,
  definition: OperationDefinitionNode,
  hasCursor: boolean,
): readonly string[] {
  const names = (definition.variableDefinitions ?? []).map(({ variable }) => variable.name.value);
  const cursor = hasCursor ? cursorVariable(definition) : null;
  // The definition itself is one use.
  return names.filter((name) => name !== cursor || uses(document, name) > 2);
}

/** Of `executionEvents(after: $seen)`: seen. */
function cursorVariable({ selectionSet }: OperationDefinitionNode): string | null {
  const [field] = selectionSet.selections;
  const value =
    field?.kind === Kind.FIELD && field.arguments?.find(({ name }) => name.value === CURSOR_ARGUMENT)?.value;
  return value && value.kind === Kind.VARIABLE ? value.name.value : null;
}

function uses(document: DocumentNode, name: string): number {
  let count = 0;
  visit(document, {
    Variable: (variable) => {
      if (variable.name.value === name) count += 1;
    },
  });
  return count;
}
