import { defaultFieldResolver, type GraphQLField, type GraphQLObjectType, type GraphQLSchema } from "graphql";
import { type Actor, DomainError, type Scope } from "../engine/index.ts";
import type { Context } from "./context.ts";

/** The scope that each operation needs: queries and subscriptions `read`, unless they are named here. */
const queryScopes: Readonly<Record<string, Scope>> = { apiKeys: "admin" };

/** A mutation that is missing here does not start the service. */
export const mutationScopes: Readonly<Record<string, Scope>> = {
  createWorkflow: "write",
  updateWorkflow: "write",
  deleteWorkflow: "write",
  executeWorkflow: "execute",
  cancelExecution: "execute",
  pauseExecution: "execute",
  resumeExecution: "execute",
  retryStep: "execute",
  sendEvent: "execute",
  approveStep: "execute",
  createApiKey: "admin",
  revokeApiKey: "admin",
  rotateApiKey: "admin",
};

/** @throws DomainError FORBIDDEN */
export function requireScope({ scopes }: Actor, scope: Scope): void {
  if (!scopes.includes(scope)) throw new DomainError("FORBIDDEN", `The API key lacks the scope ${scope.toUpperCase()}`);
}

/** Puts the check in front of every root field, whatever the transport, and into its description. */
export function guardOperations(schema: GraphQLSchema): void {
  guard(schema.getQueryType(), (name) => queryScopes[name] ?? "read");
  guard(schema.getSubscriptionType(), () => "read");
  guard(schema.getMutationType(), (name) => {
    const scope = mutationScopes[name];
    if (scope === undefined) throw new Error(`schema/authorization.ts does not say which scope ${name} needs`);
    return scope;
  });
}

function guard(type: GraphQLObjectType | null | undefined, scopeOf: (field: string) => Scope): void {
  for (const field of Object.values(type?.getFields() ?? {})) {
    const scope = scopeOf(field.name);
    field.description = `${field.description ?? ""} Scope: ${scope.toUpperCase()}.`.trimStart();
    if (field.subscribe) field.subscribe = guarded(field.subscribe, scope);
    else field.resolve = guarded(field.resolve ?? defaultFieldResolver, scope);
  }
}

type Resolve = NonNullable<GraphQLField<unknown, Context>["resolve"]>;

function guarded(resolve: Resolve, scope: Scope): Resolve {
  return (source, args, context, info) => {
    requireScope(context.actor, scope);
    return resolve(source, args, context, info);
  };
}
