import { Args, Ctx, Field, Int, ObjectType } from "type-graphql";
import { fieldMeanings, type WorkflowRow, type WorkflowStatus, workflowInput } from "../../engine/index.ts";
import type { Context } from "../context.ts";
import { enumeration } from "../enumeration.ts";
import { ExecutionConnection, executionConnection } from "../execution/execution-connection.ts";
import { WorkflowExecutionsArgs } from "../execution/execution-filter.ts";
import { Connection, connectionType } from "../relay/connection.ts";
import { Node } from "../relay/node.ts";
import { toNodeId } from "../relay/node-id.ts";
import { PageArgs, toWindow } from "../relay/page-args.ts";
import { DateTime, JsonObject, SafeInt } from "../scalars.ts";
import { Template } from "../template/template.ts";
import { Told } from "../told.ts";
import { WorkflowVersion, WorkflowVersionConnection } from "./workflow-version.ts";

export const WorkflowStatusEnum = enumeration<WorkflowStatus>("WorkflowStatus", "Where a workflow stands.", {
  active: "It can be executed, and its triggers fire.",
  inactive: "It is out of use; it cannot be executed.",
  paused: "It is out of use for a while; it cannot be executed.",
  deleted: "It is gone; only its executions still show it.",
});

@ObjectType({
  implements: Node,
  description: "What is executed: a definition of steps, when it starts by itself, and its limits.",
  simpleResolvers: true,
})
@Told(fieldMeanings(workflowInput))
export class Workflow implements Node {
  constructor(private readonly row: WorkflowRow) {}

  get id(): string {
    return toNodeId("Workflow", this.row.id);
  }

  @Field(() => SafeInt, { description: "The workflow's id in the REST API." })
  get databaseId(): number {
    return this.row.id;
  }

  @Field(() => String)
  get name(): string {
    return this.row.name;
  }

  @Field(() => String, { nullable: true })
  get description(): string | null {
    return this.row.description;
  }

  @Field(() => WorkflowStatusEnum, { description: "Only an ACTIVE workflow can be executed." })
  get status(): WorkflowStatus {
    return this.row.status;
  }

  @Field(() => Boolean)
  get isEnabled(): boolean {
    return this.row.isEnabled;
  }

  @Field(() => Int, {
    description:
      "Number of the current version, from 1. A change of definition, timeoutSeconds or maxRetries makes a new one.",
  })
  get version(): number {
    return this.row.version;
  }

  @Field(() => JsonObject, { description: "The steps of the current version, as they were sent." })
  async definition(@Ctx() context: Context) {
    return (await this.current(context)).definition;
  }

  @Field(() => Int)
  async timeoutSeconds(@Ctx() context: Context) {
    return (await this.current(context)).timeoutSeconds;
  }

  @Field(() => Int)
  async maxRetries(@Ctx() context: Context) {
    return (await this.current(context)).maxRetries;
  }

  @Field(() => Int, { nullable: true })
  get retentionDays(): number | null {
    return this.row.retentionDays;
  }

  @Field(() => JsonObject, { nullable: true })
  get triggerConfig() {
    return this.row.triggerConfig;
  }

  @Field(() => String, { nullable: true })
  get cronSchedule(): string | null {
    return this.row.cronSchedule;
  }

  @Field(() => Boolean)
  get isScheduled(): boolean {
    return this.row.isScheduled;
  }

  @Field(() => Boolean)
  get triggerOnFileUpload(): boolean {
    return this.row.triggerOnFileUpload;
  }

  @Field(() => [String], { nullable: true })
  get triggerFileExtensions(): string[] | null {
    const named = (this.row.triggerFileExtensions ?? "").split(",").map((extension) => extension.trim());
    const found = named.filter((extension) => extension !== "");
    return found.length > 0 ? found : null;
  }

  @Field(() => DateTime, { description: "When it was created." })
  get createdAt(): Date {
    return this.row.createdAt;
  }

  @Field(() => DateTime, { description: "When it was last changed." })
  get updatedAt(): Date {
    return this.row.updatedAt;
  }

  @Field(() => Template, {
    nullable: true,
    description: "The template that it was made from; null when there was none, or it is gone.",
  })
  async template(@Ctx() { loaders }: Context): Promise<Template | null> {
    const { templateId } = this.row;
    const row = templateId === null ? null : await loaders.template.load(templateId);
    return row && new Template(row);
  }

  @Field(() => WorkflowVersionConnection, { description: "Its versions, newest first." })
  async versions(@Args(() => PageArgs) args: PageArgs, @Ctx() { loaders }: Context) {
    const window = toWindow(args, "WorkflowVersion");
    return new Connection({
      page: await loaders.versions.load({ of: this.row.id, args: window }),
      window,
      keyOf: (version) => version.version,
      toNode: (version) => new WorkflowVersion(version),
      // They count from 1, and none is ever deleted.
      count: async () => this.row.version,
    });
  }

  @Field(() => ExecutionConnection, { description: "Its executions, newest first." })
  async executions(@Args(() => WorkflowExecutionsArgs) args: WorkflowExecutionsArgs, @Ctx() { loaders }: Context) {
    const window = toWindow(args, "Execution");
    const statuses = args.status ?? undefined;
    const of = this.row.id;
    return executionConnection(
      await loaders.executionsOfWorkflow.load({ of, args: { statuses, window } }),
      window,
      () => loaders.executionCount.load({ of, args: { statuses } }),
    );
  }

  private current({ loaders }: Context) {
    return loaders.version.load({ workflowId: this.row.id, version: this.row.version });
  }
}

export const WorkflowConnection = connectionType("Workflow", () => Workflow, "newest first");
