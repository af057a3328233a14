import { Arg, Ctx, ID, Query, Resolver } from "type-graphql";
import { DomainError } from "../../engine/index.ts";
import { ApiKey } from "../api-key/api-key.ts";
import { AuditEntry } from "../audit/audit-entry.ts";
import { requireScope } from "../authorization.ts";
import type { Context } from "../context.ts";
import { nullIfNotFound } from "../errors/null-if-not-found.ts";
import { Execution } from "../execution/execution.ts";
import { ExecutionEvent } from "../execution/execution-event.ts";
import { loadStep } from "../execution/step.ts";
import { File } from "../file/file.ts";
import { Hook } from "../hook/hook.ts";
import { Schedule } from "../schedule/schedule.ts";
import { StepType } from "../step-type/step-type.ts";
import { Template } from "../template/template.ts";
import { loadDelivery } from "../webhook-delivery/webhook-delivery.ts";
import { Workflow } from "../workflow/workflow.ts";
import { WorkflowVersion } from "../workflow/workflow-version.ts";
import { type CompositeKind, parseCompositeId } from "./composite-id.ts";
import { Node } from "./node.ts";
import { type NodeKind, parseNodeId } from "./node-id.ts";

/** How each kind of node is read again. A kind without an entry does not compile. */
const readers: Readonly<Record<NodeKind, (databaseId: number, context: Context) => Promise<Node | null>>> = {
  Workflow: async (id, { loaders }) => {
    const row = await loaders.workflow.load(id);
    return row === null || row.status === "deleted" ? null : new Workflow(row);
  },
  Execution: async (id, { loaders }) => {
    const record = await loaders.execution.load(id);
    return record && new Execution(record);
  },
  Step: loadStep,
  Template: async (id, { loaders }) => {
    const row = await loaders.template.load(id);
    return row && new Template(row);
  },
  File: async (id, { loaders }) => {
    const record = await loaders.file.load(id);
    return record && new File(record);
  },
  ApiKey: async (id, context) => {
    const { engine, actor } = context;
    await requireScope(context, "admin", "query node");
    const key = await engine.keys.get(actor.tenantId, id).catch(nullIfNotFound);
    return key && new ApiKey(key);
  },
  Schedule: async (id, { engine, actor }) => {
    const row = await engine.schedules.get(actor.tenantId, id).catch(nullIfNotFound);
    return row && new Schedule(row);
  },
  Hook: async (id, { engine, actor }) => {
    const hook = await engine.hooks.get(actor.tenantId, id).catch(nullIfNotFound);
    return hook && new Hook(hook);
  },
  WebhookDelivery: loadDelivery,
  AuditEntry: async (id, context) => {
    await requireScope(context, "admin", "query node");
    const entry = await context.engine.audit.get(context.actor.tenantId, id);
    return entry && new AuditEntry(entry);
  },
};

const compositeReaders: Readonly<
  Record<CompositeKind, (parts: readonly string[], context: Context) => Promise<Node | null>>
> = {
  WorkflowVersion: async ([workflowId, version], { loaders }) => {
    const row = await loaders.workflow.load(Number(workflowId));
    if (row === null || Number(version) > row.version) return null;
    return new WorkflowVersion(await loaders.version.load({ workflowId: row.id, version: Number(version) }));
  },
  ExecutionEvent: async ([executionId, seq], { loaders }) => {
    const execution = await loaders.execution.load(Number(executionId));
    if (execution === null) return null;
    const window = { limit: 1, after: Number(seq) - 1, before: null, fromEnd: false };
    const [event] = (await loaders.events.load({ of: execution.id, args: window })).items;
    return event ? new ExecutionEvent(event) : null;
  },
  StepType: async ([name], { engine }) => {
    const stepType = engine.stepTypes.get(name!);
    return stepType ? new StepType(stepType) : null;
  },
};

@Resolver()
export class NodeQueries {
  @Query(() => Node, {
    nullable: true,
    description: "The object with this id, of whatever type; null when there is none.",
  })
  async node(
    @Arg("id", () => ID, { description: "As `id` of an object says, with its prefix." }) id: string,
    @Ctx() context: Context,
  ): Promise<Node | null> {
    const composite = parseCompositeId(id);
    if (composite !== null) return compositeReaders[composite.kind](composite.parts, context);
    const parsed = parseNodeId(id);
    if (parsed === null) throw DomainError.invalid([{ path: "id", message: "must be an id such as wf_12" }]);
    return readers[parsed.kind](parsed.databaseId, context);
  }
}
