import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  Kind,
  type NamedTypeNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
  typeFromAST,
  type ValueNode,
  visit,
} from "graphql";
import { noteWork } from "../../engine/index.ts";
import type { Operation } from "./admission.ts";
import { type CompiledQuery, compile } from "./compiled-query.ts";

/** Compiling takes as long as some ten executions: a document that comes once is not worth it. */
const COMPILE_AT = 3;
/** Fragments spread. Compiling takes 0.1 ms a field, for which everybody waits. */
const MAX_COMPILED_FIELDS = 300;

export type Execute = (operation: Operation, contextValue: unknown) => Promise<ExecutionResult> | ExecutionResult;

/** Runs queries and mutations. Queries that come again are compiled: see docs/decisions/022-graphql-execution.md. */
export function createExecutor(schema: GraphQLSchema): Execute {
  // Keyed by the parsed operation: what the caches of documents forget is forgotten here.
  const times = new WeakMap<OperationDefinitionNode, number>();
  const compiled = new WeakMap<OperationDefinitionNode, CompiledQuery | null>();

  function compiledQuery({ document, operation }: Operation): CompiledQuery | null {
    const found = compiled.get(operation);
    if (found !== undefined) return found;
    const seen = (times.get(operation) ?? 0) + 1;
    times.set(operation, seen);
    if (seen < COMPILE_AT) return null;
    const made = isFit(schema, { document, operation }) ? compile(schema, document, operation.name?.value) : null;
    compiled.set(operation, made);
    return made;
  }

  return (operation, contextValue) => {
    const { document, operation: node, variables } = operation;
    noteWork("operation", node.name?.value ?? node.operation);
    const run = compiledQuery(operation);
    if (run) return run(contextValue, variables);
    const operationName = node.name?.value ?? null;
    return execute({ schema, document, operationName, variableValues: variables, contextValue });
  };
}

function isFit(schema: GraphQLSchema, { document, operation }: Pick<Operation, "document" | "operation">): boolean {
  // The compiler writes names as keys of object literals, where this one is not a key.
  if (operation.operation !== "query" || document.loc?.source.body.includes("__proto__")) return false;
  return hasPlainVariables(schema, document, operation) && isSmall(document, operation);
}

/** The compiler gets input objects wrong that are, or hold, variables: it forgets defaults, and what may be absent. */
function hasPlainVariables(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): boolean {
  let arePlain = (operation.variableDefinitions ?? []).every(({ type }) =>
    isLeafType(getNamedType(typeFromAST(schema, type as NamedTypeNode))),
  );
  const isVariable = ({ kind }: ValueNode) => kind === Kind.VARIABLE;
  visit(document, {
    ObjectField: ({ value }) => {
      if (isVariable(value)) arePlain = false;
    },
    ListValue: ({ values }) => {
      if (values.some(isVariable)) arePlain = false;
    },
  });
  return arePlain;
}

function isSmall(document: DocumentNode, operation: OperationDefinitionNode): boolean {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  let left = MAX_COMPILED_FIELDS;
  const fits = (set: SelectionSetNode | undefined): boolean =>
    set === undefined ||
    set.selections.every((selection) => {
      left -= 1;
      const inner =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? fragments.get(selection.name.value)?.selectionSet
          : selection.selectionSet;
      return left > 0 && fits(inner);
    });
  return fits(operation.selectionSet);
}
