import { findBreakingChanges, type GraphQLSchema } from "graphql";

/** A change that breaks clients, and is meant to: part of the next release's notes. */
export interface DeclaredChange {
  /** As the check words it. */
  readonly change: string;
  /** What clients do instead. */
  readonly instead: string;
}

/** Why the schema must not take the place of the released one: changes that break clients and are not declared. */
export function compatibilityProblems(
  released: GraphQLSchema,
  current: GraphQLSchema,
  declared: readonly DeclaredChange[],
): string[] {
  const changes = findBreakingChanges(released, current).map(({ description }) => description);
  const known = new Set(declared.map(({ change }) => change));
  return [
    ...changes.filter((change) => !known.has(change)).map((change) => `breaks clients: ${change}`),
    ...[...known]
      .filter((change) => !changes.includes(change))
      .map((change) => `does not have the declared: ${change}`),
  ];
}
