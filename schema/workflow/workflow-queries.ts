import { Arg, Args, Ctx, ID, Int, Query, Resolver } from "type-graphql";
import { type JsonObject as JsonObjectValue, writtenDefinitionSchema } from "../../engine/index.ts";
import type { Context } from "../context.ts";
import { Connection } from "../relay/connection.ts";
import { fromNodeId } from "../relay/node-id.ts";
import { PageArgs, toWindow } from "../relay/page-args.ts";
import { JsonObject } from "../scalars.ts";
import { DefinitionValidation, toValidation } from "./definition-validation.ts";
import { Workflow, WorkflowConnection } from "./workflow.ts";
import { WorkflowFilter } from "./workflow-inputs.ts";

const DEFAULT_MAX_RETRIES = 3;

@Resolver()
export class WorkflowQueries {
  @Query(() => Workflow, {
    nullable: true,
    description: "A workflow; null when there is none of this id, or it was deleted.",
  })
  async workflow(
    @Arg("id", () => ID, { description: "Of the workflow, such as `wf_12`." }) id: string,
    @Ctx() { loaders }: Context,
  ): Promise<Workflow | null> {
    const row = await loaders.workflow.load(fromNodeId("Workflow", id, "id"));
    return row === null || row.status === "deleted" ? null : new Workflow(row);
  }

  @Query(() => WorkflowConnection, { description: "The tenant's workflows, newest first." })
  async workflows(
    @Args(() => PageArgs) args: PageArgs,
    @Arg("filter", () => WorkflowFilter, { nullable: true, description: "Which ones. Default: all but deleted ones." })
    filter: WorkflowFilter | null,
    @Ctx() { engine, actor }: Context,
  ) {
    const window = toWindow(args, "Workflow");
    const statuses = filter?.status ?? null;
    return new Connection({
      page: await engine.workflows.list(actor.tenantId, statuses, window),
      window,
      keyOf: (row) => row.id,
      toNode: (row) => new Workflow(row),
      count: () => engine.workflows.count(actor.tenantId, statuses),
    });
  }

  @Query(() => JsonObject, {
    description: "JSON Schema (2020-12) of a definition: for editors, and to check one before it is sent.",
  })
  definitionSchema(@Ctx() { engine }: Context): JsonObjectValue {
    return writtenDefinitionSchema(engine.stepTypes);
  }

  @Query(() => DefinitionValidation, {
    description: "Checks a definition as createWorkflow would, all rules at once, and saves nothing.",
  })
  async validateDefinition(
    @Arg("definition", () => JsonObject, { description: "The steps, as createWorkflow takes them." })
    definition: JsonObjectValue,
    @Arg("maxRetries", () => Int, {
      defaultValue: DEFAULT_MAX_RETRIES,
      description: "The workflow's retries, 0 to 100.",
    })
    maxRetries: number,
    @Ctx() { engine, actor }: Context,
  ): Promise<DefinitionValidation> {
    return toValidation(await engine.workflows.validate(actor.tenantId, definition, maxRetries));
  }
}
