import {
  defaultFieldResolver,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  OperationTypeNode,
} from "graphql";
import { auditedRequest, DomainError, type JsonValue, type Scope } from "../engine/index.ts";
import { type Context, requesterOf } from "./context.ts";
import { firstUserError } from "./errors/user-error.ts";

/** As much of an operation's context as a check needs. */
export type GuardedContext = Pick<Context, "actor" | "correlationId"> & {
  readonly engine: Pick<Context["engine"], "audit">;
};

/** The scope that each operation needs: queries and subscriptions `read`, unless they are named here. */
const queryScopes: Readonly<Record<string, Scope>> = { apiKeys: "admin", auditEntries: "admin" };

/** A mutation that is missing here does not start the service. */
export const mutationScopes: Readonly<Record<string, Scope>> = {
  createWorkflow: "write",
  updateWorkflow: "write",
  deleteWorkflow: "write",
  createTemplate: "write",
  updateTemplate: "write",
  deleteTemplate: "write",
  createWorkflowFromTemplate: "write",
  processFile: "write",
  extractFileText: "read",
  convertFile: "write",
  deleteFile: "write",
  executeWorkflow: "execute",
  forkExecution: "execute",
  cancelExecution: "execute",
  cancelExecutions: "execute",
  retryExecutions: "execute",
  deleteExecution: "write",
  deleteExecutions: "write",
  holdExecution: "admin",
  releaseExecution: "admin",
  pauseExecution: "execute",
  resumeExecution: "execute",
  retryStep: "execute",
  skipStep: "execute",
  sendEvent: "execute",
  approveStep: "execute",
  startSaga: "execute",
  cancelSaga: "execute",
  resumeCompensation: "execute",
  skipCompensation: "execute",
  publishEvent: "execute",
  registerSagaType: "write",
  createApiKey: "admin",
  revokeApiKey: "admin",
  rotateApiKey: "admin",
  createSchedule: "write",
  updateSchedule: "write",
  pauseSchedule: "write",
  resumeSchedule: "write",
  deleteSchedule: "write",
  backfillSchedule: "execute",
  createHook: "write",
  updateHook: "write",
  rotateHook: "write",
  deleteHook: "write",
  resendWebhookDelivery: "execute",
};

/** The scope that a field of the root needs. */
export function rootScope(operation: OperationTypeNode, field: string): Scope {
  if (operation !== "mutation") return (operation === "query" ? queryScopes[field] : undefined) ?? "read";
  const scope = mutationScopes[field];
  if (scope === undefined) throw new Error(`schema/authorization.ts does not say which scope ${field} needs`);
  return scope;
}

/** Which leaves an entry in the audit log when it fails. `action`: what the scope was needed for. @throws DomainError FORBIDDEN */
export async function requireScope(
  context: GuardedContext,
  scope: Scope,
  action: string,
  field?: string,
): Promise<void> {
  if (context.actor.scopes.includes(scope)) return;
  const outcome = { action, target: null, before: null, after: null, refused: "FORBIDDEN" } as const;
  await context.engine.audit.record({ ...requesterOf(context), ...outcome });
  const what = field === undefined ? "" : `, which ${field} needs`;
  throw new DomainError("FORBIDDEN", `The API key lacks the scope ${scope.toUpperCase()}${what}`);
}

/**
 * Puts the check in front of every root field, whatever the transport, and into its description; and sees to it that
 * every mutation that changes something leaves an entry in the audit log.
 */
export function guardOperations(schema: GraphQLSchema): void {
  guard(schema.getQueryType(), OperationTypeNode.QUERY);
  guard(schema.getSubscriptionType(), OperationTypeNode.SUBSCRIPTION);
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    if (mutationScopes[field.name] !== "read") field.resolve = audited(field.resolve ?? defaultFieldResolver);
  }
  guard(schema.getMutationType(), OperationTypeNode.MUTATION);
}

function guard(type: GraphQLObjectType | null | undefined, operation: OperationTypeNode): void {
  for (const field of Object.values(type?.getFields() ?? {})) {
    const scope = rootScope(operation, field.name);
    field.description = `${field.description ?? ""} Scope: ${scope.toUpperCase()}.`.trimStart();
    if (field.subscribe) field.subscribe = guarded(field.subscribe, scope);
    else field.resolve = guarded(field.resolve ?? defaultFieldResolver, scope);
  }
}

type Resolve = NonNullable<GraphQLField<unknown, Context>["resolve"]>;

function guarded(resolve: Resolve, scope: Scope): Resolve {
  return (source, args, context, info) => {
    if (context.actor.scopes.includes(scope)) return resolve(source, args, context, info);
    return requireScope(context, scope, actionOf(info));
  };
}

function audited(resolve: Resolve): Resolve {
  return (source, args, context, info) => {
    const request = { action: actionOf(info), asked: () => (args as { input?: JsonValue }).input ?? null };
    const work = async () => resolve(source, args, context, info);
    return auditedRequest(context.engine.audit, requesterOf(context), request, work, firstUserError);
  };
}

/** `mutation createWorkflow` */
function actionOf({ operation, fieldName }: GraphQLResolveInfo): string {
  return `${operation.operation} ${fieldName}`;
}
