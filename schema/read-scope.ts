import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";
import type { Scope } from "../engine/index.ts";
import { type GuardedContext, requireScope, rootScope } from "./authorization.ts";

/**
 * What a type's fields need, however they are reached: `read`, but for these. Null: they tell only what became of the
 * request itself. A mutation's payload, and what it says of refusals, belong to whoever may send it.
 */
const typeScopes: Readonly<Record<string, Scope | null>> = {
  ApiKey: "admin",
  ApiKeyConnection: "admin",
  ApiKeyEdge: "admin",
  AuditEntry: "admin",
  AuditEntryConnection: "admin",
  AuditEntryEdge: "admin",
  MutationPayload: null,
  UserError: null,
  ExecutionBatch: null,
  BatchRefusal: null,
  PageInfo: null,
};
/** Whoever may start or change a thing is told which one it is, and where it stands. */
const openFields: ReadonlySet<string> = new Set(["id", "status"]);

/** A field that needs a scope, as `Execution.triggerData`. */
interface ScopedField {
  readonly scope: Scope;
  readonly field: string;
}

type FindUnreadable = (
  operation: { readonly document: DocumentNode; readonly operation: OperationDefinitionNode },
  scopes: readonly Scope[],
) => ScopedField | null;

/** Refuses the whole operation, before anything of it runs, and leaves an entry in the audit log. @throws DomainError FORBIDDEN */
export async function requireReadable(
  findUnreadable: FindUnreadable,
  context: GuardedContext,
  operation: Parameters<FindUnreadable>[0],
): Promise<void> {
  const refused = findUnreadable(operation, context.actor.scopes);
  if (!refused) return;
  const action = `${operation.operation.operation} ${operation.operation.name?.value ?? ""}`.trimEnd();
  await requireScope(context, refused.scope, action, refused.field);
}

/** What is selected below one field of the root: one field for each scope that it needs. */
interface Selected {
  readonly root: Scope;
  readonly needs: readonly ScopedField[];
}

/** The scope that a field below the root needs; null: none. */
export function fieldScope(type: GraphQLNamedType, field: string): Scope | null {
  if (field.startsWith("__") || type.name.startsWith("__") || openFields.has(field)) return null;
  const own = typeScopes[type.name];
  if (own !== undefined) return own;
  const isPayload = isObjectType(type) && type.getInterfaces().some(({ name }) => name === "MutationPayload");
  return isPayload ? null : "read";
}

/**
 * Tells the first field that a key with these scopes may not read. What a key lacks at the root is left to the guard
 * there, which refuses that field alone.
 */
export function createReadGuard(schema: GraphQLSchema): FindUnreadable {
  const known = new WeakMap<OperationDefinitionNode, readonly Selected[]>();
  return ({ document, operation }, scopes) => {
    let selected = known.get(operation);
    if (!selected) {
      selected = selectedBelowRoot(schema, document, operation);
      known.set(operation, selected);
    }
    const refused = selected
      .filter(({ root }) => scopes.includes(root))
      .flatMap(({ needs }) => needs)
      .find(({ scope }) => !scopes.includes(scope));
    return refused ?? null;
  };
}

function selectedBelowRoot(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Selected[] {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  const found: Selected[] = [];
  const rootType = schema.getRootType(operation.operation);
  if (rootType) {
    eachField(schema, fragments, rootType, operation.selectionSet, new Set(), (_, name, type, inner) => {
      const needs = new Map<Scope, ScopedField>();
      if (type && inner) collect(schema, fragments, type, inner, needs, new Set());
      found.push({ root: rootScope(operation.operation, name), needs: [...needs.values()] });
    });
  }
  return found;
}

function collect(
  schema: GraphQLSchema,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  type: GraphQLNamedType,
  set: SelectionSetNode,
  needs: Map<Scope, ScopedField>,
  spread: Set<string>,
): void {
  eachField(schema, fragments, type, set, spread, (parent, name, fieldType, inner) => {
    const scope = fieldScope(parent, name);
    if (scope !== null && !needs.has(scope)) needs.set(scope, { scope, field: `${parent.name}.${name}` });
    if (fieldType && inner) collect(schema, fragments, fieldType, inner, needs, spread);
  });
}

/** Fields of a selection with those of its fragments; each of these once, for it may be spread often and says the same again. */
function eachField(
  schema: GraphQLSchema,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  parent: GraphQLNamedType,
  set: SelectionSetNode,
  spread: Set<string>,
  visit: (
    parent: GraphQLNamedType,
    name: string,
    type: GraphQLNamedType | undefined,
    inner: SelectionSetNode | undefined,
  ) => void,
): void {
  const walk = (type: GraphQLNamedType, { selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        const name = selection.name.value;
        const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
        visit(type, name, field && getNamedType(field.type), selection.selectionSet);
        continue;
      }
      const isSpread = selection.kind === Kind.FRAGMENT_SPREAD;
      const fragment = isSpread ? fragments.get(selection.name.value) : selection;
      if (!fragment || (isSpread && spread.has(selection.name.value))) continue;
      if (isSpread) spread.add(selection.name.value);
      const condition = fragment.typeCondition && schema.getType(fragment.typeCondition.name.value);
      walk(condition && isCompositeType(condition) ? condition : type, fragment.selectionSet);
    }
  };
  walk(parent, set);
}
