import { Ctx, Field, Int, ObjectType } from "type-graphql";
import { parametersOf, type Template as TemplateRow, templateTexts } from "../../engine/index.ts";
import type { Context } from "../context.ts";
import { connectionType } from "../relay/connection.ts";
import { Node } from "../relay/node.ts";
import { toNodeId } from "../relay/node-id.ts";
import { DateTime, JsonObject, SafeInt } from "../scalars.ts";
import { Told } from "../told.ts";
import { TemplateUsage } from "./template-usage.ts";

@ObjectType({
  implements: Node,
  description:
    "What workflows are made from: a definition with parameters, and defaults. Public ones are seen by every tenant and changed by their owner only.",
  simpleResolvers: true,
})
@Told(templateTexts)
export class Template implements Node {
  constructor(private readonly row: TemplateRow) {}

  get id(): string {
    return toNodeId("Template", this.row.id);
  }

  @Field(() => SafeInt, { description: "The template's id in the REST API; 1 to 100 are built-in ones." })
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

  @Field(() => String, { nullable: true })
  get category(): string | null {
    return this.row.category;
  }

  @Field(() => JsonObject, { description: "The steps, as they were sent, with `{{name}}` where a parameter goes." })
  get definition() {
    return this.row.definition;
  }

  @Field(() => [String], {
    description:
      "Names of its parameters, in the order in which they appear: `customConfig.parameters` of createWorkflowFromTemplate gives them values.",
  })
  get parameters(): string[] {
    return parametersOf(this.row.definition);
  }

  @Field(() => JsonObject, { nullable: true })
  get defaultTriggerConfig() {
    return this.row.defaultTriggerConfig;
  }

  @Field(() => String, { nullable: true })
  get defaultCronSchedule(): string | null {
    return this.row.defaultCronSchedule;
  }

  @Field(() => Boolean)
  get isPublic(): boolean {
    return this.row.isPublic;
  }

  @Field(() => Boolean, { description: "Whether it came with the service: then nobody can change or delete it." })
  get isBuiltIn(): boolean {
    return this.row.tenantId === null;
  }

  @Field(() => [String])
  get tags(): readonly string[] {
    return this.row.tags;
  }

  @Field(() => String)
  get version(): string {
    return this.row.version;
  }

  @Field(() => Int)
  get usageCount(): number {
    return this.row.usageCount;
  }

  @Field(() => DateTime, { nullable: true, description: "When a workflow was last made from it." })
  get lastUsedAt(): Date | null {
    return this.row.lastUsedAt;
  }

  @Field(() => TemplateUsage, {
    description: "What came of it in workflows of the tenant.",
  })
  async usage(@Ctx() { loaders }: Context): Promise<TemplateUsage> {
    return new TemplateUsage(await loaders.templateUsage.load(this.row));
  }

  @Field(() => DateTime, { description: "When it was created." })
  get createdAt(): Date {
    return this.row.createdAt;
  }

  @Field(() => DateTime, { description: "When it was last changed; a use is no change." })
  get updatedAt(): Date {
    return this.row.updatedAt;
  }
}

export const TemplateConnection = connectionType("Template", () => Template, "newest first");
