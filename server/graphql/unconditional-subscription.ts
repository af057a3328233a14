import {
  type ASTVisitor,
  type DirectiveNode,
  type DocumentNode,
  GraphQLError,
  Kind,
  OperationTypeNode,
  type SelectionSetNode,
  type ValidationContext,
} from "graphql";

const conditions: ReadonlySet<string> = new Set(["skip", "include"]);

/**
 * No @skip or @include beside the one field of a subscription: without that field there is nothing to subscribe to. The
 * specification has the rule, graphql-js 16 does not: its own rule about that field, and its subscribe, break down.
 */
export function unconditionalSubscriptionRule(context: ValidationContext): ASTVisitor {
  return {
    Document(document) {
      const found = conditionsIn(document, context);
      for (const directive of found) {
        const message = `A subscription must not use @${directive.name.value} on its top level.`;
        context.reportError(new GraphQLError(message, { nodes: directive }));
      }
      // Taken as an edit: the rules that would break down see no operation.
      return found.length > 0 ? { ...document, definitions: [] } : undefined;
    },
  };
}

function conditionsIn({ definitions }: DocumentNode, context: ValidationContext): DirectiveNode[] {
  const found: DirectiveNode[] = [];
  const seen = new Set<string>();
  for (const definition of definitions) {
    const isOperation = definition.kind === Kind.OPERATION_DEFINITION;
    if (isOperation && definition.operation === OperationTypeNode.SUBSCRIPTION) gather(definition.selectionSet);
  }
  return found;

  function gather({ selections }: SelectionSetNode): void {
    for (const selection of selections) {
      found.push(...(selection.directives ?? []).filter(({ name }) => conditions.has(name.value)));
      if (selection.kind === Kind.INLINE_FRAGMENT) gather(selection.selectionSet);
      if (selection.kind !== Kind.FRAGMENT_SPREAD || seen.has(selection.name.value)) continue;
      seen.add(selection.name.value);
      const fragment = context.getFragment(selection.name.value);
      if (fragment) gather(fragment.selectionSet);
    }
  }
}
