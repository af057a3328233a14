import { Field, ID, InputType } from "type-graphql";
import type { JsonObject as JsonObjectValue } from "../../engine/index.ts";
import { JsonObject } from "../scalars.ts";

@InputType({ description: "Which templates. What is absent does not restrict." })
export class TemplateFilter {
  @Field(() => String, { nullable: true, description: "Only this category, at most 100 characters." })
  category?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Only public ones, the built-in ones among them. Default false: the tenant's private ones too.",
  })
  publicOnly?: boolean | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Words in name or description, at most 255 characters: all of them, in either case, each from its beginning (`integ` finds Integration).",
  })
  search?: string | null;

  @Field(() => [String], {
    nullable: true,
    description: "All of these tags, spelled the same; at most 1,000 characters.",
  })
  tags?: string[] | null;
}

@InputType({ description: "A new template." })
export class CreateTemplateInput {
  @Field(() => String, { description: "1 to 255 characters, unique among the tenant's templates; else NAME_TAKEN." })
  name!: string;

  @Field(() => JsonObject, {
    description:
      "The steps: `{steps: [{name, type, config, …}]}`, with `{{name}}` where a parameter goes. At most 1 MiB, 1,000 steps.",
  })
  definition!: JsonObjectValue;

  @Field(() => String, { nullable: true, description: "Free text, at most 10,000 characters. Default null." })
  description?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "1 to 100 characters, lower case with hyphens by custom. Default null.",
  })
  category?: string | null;

  @Field(() => JsonObject, {
    nullable: true,
    description: "`triggerConfig` of workflows that are made from it. Default null.",
  })
  defaultTriggerConfig?: JsonObjectValue | null;

  @Field(() => String, {
    nullable: true,
    description:
      "`cronSchedule` of workflows that are made from it: 5-field cron expression, UTC; else INVALID_CRON. Default null.",
  })
  defaultCronSchedule?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Whether every tenant sees it and can make workflows from it. Default false.",
  })
  isPublic?: boolean | null;

  @Field(() => [String], {
    nullable: true,
    description: "At most 20 tags of at most 50 characters, without commas. Default none.",
  })
  tags?: string[] | null;

  @Field(() => String, { nullable: true, description: "As you count, 1 to 50 characters. Default 1.0.0." })
  version?: string | null;
}

@InputType({ description: "Changes to a template: what is absent stays; null clears what can be null." })
export class UpdateTemplateInput implements Partial<CreateTemplateInput> {
  @Field(() => ID, { description: "The template to change: one of the tenant's own." })
  templateId!: string;

  @Field(() => String, { nullable: true, description: "1 to 255 characters, unique among the tenant's templates." })
  name?: string;

  @Field(() => JsonObject, {
    nullable: true,
    description: "New steps. Workflows that were made from it stay as they are.",
  })
  definition?: JsonObjectValue;

  @Field(() => String, { nullable: true, description: "Free text, at most 10,000 characters; null clears it." })
  description?: string | null;

  @Field(() => String, { nullable: true, description: "1 to 100 characters; null clears it." })
  category?: string | null;

  @Field(() => JsonObject, { nullable: true, description: "`triggerConfig` of new workflows; null clears it." })
  defaultTriggerConfig?: JsonObjectValue | null;

  @Field(() => String, { nullable: true, description: "5-field cron expression, UTC; null clears it." })
  defaultCronSchedule?: string | null;

  @Field(() => Boolean, { nullable: true, description: "Whether every tenant sees it." })
  isPublic?: boolean;

  @Field(() => [String], { nullable: true, description: "At most 20 tags of at most 50 characters; null clears them." })
  tags?: string[] | null;

  @Field(() => String, { nullable: true, description: "As you count, 1 to 50 characters." })
  version?: string;
}

@InputType({ description: "Which template to delete." })
export class DeleteTemplateInput {
  @Field(() => ID, { description: "The template to delete: one of the tenant's own." })
  templateId!: string;
}

@InputType({ description: "A workflow to be made from a template, and where it differs." })
export class CreateWorkflowFromTemplateInput {
  @Field(() => ID, { description: "The template: built in, public, or the tenant's own." })
  templateId!: string;

  @Field(() => String, { description: "1 to 255 characters, unique among the tenant's workflows; else NAME_TAKEN." })
  workflowName!: string;

  @Field(() => String, {
    nullable: true,
    description: "Free text, at most 10,000 characters; null: none. Default: the template's description.",
  })
  workflowDescription?: string | null;

  @Field(() => JsonObject, {
    nullable: true,
    description:
      "`{steps, parameters, …}`. `steps`: changes to the template's steps, found by `name`; objects are merged key by key. `parameters`: values of its `{{name}}` placeholders. Default: none.",
  })
  customConfig?: JsonObjectValue | null;

  @Field(() => JsonObject, {
    nullable: true,
    description: "Merged over the template's defaultTriggerConfig. Default: none.",
  })
  customTriggerConfig?: JsonObjectValue | null;

  @Field(() => String, {
    nullable: true,
    description: "5-field cron expression, UTC; null: none. Default: the template's defaultCronSchedule.",
  })
  cronSchedule?: string | null;

  @Field(() => Boolean, { nullable: true, description: "Whether `cronSchedule` fires. Default false." })
  isScheduled?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: "Whether each matching file upload starts it. Default false." })
  triggerOnFileUpload?: boolean | null;
}
