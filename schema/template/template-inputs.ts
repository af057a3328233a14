import { Field, ID, InputType } from "type-graphql";
import {
  fieldTexts,
  type JsonObject as JsonObjectValue,
  templateFilter,
  templateInput,
  templatePatch,
  workflowFromTemplate,
} from "../../engine/index.ts";
import { JsonObject } from "../scalars.ts";
import { Told } from "../told.ts";

@InputType({ description: "Which templates. What is absent does not restrict." })
@Told(fieldTexts(templateFilter))
export class TemplateFilter {
  @Field(() => String, { nullable: true })
  category?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Leaves the tenant's private ones out. Default false.",
  })
  publicOnly?: boolean | null;

  @Field(() => String, { nullable: true })
  search?: string | null;

  @Field(() => [String], { nullable: true })
  tags?: string[] | null;
}

@InputType({ description: "A new template." })
@Told(fieldTexts(templateInput))
export class CreateTemplateInput {
  @Field(() => String)
  name!: string;

  @Field(() => JsonObject, {
    description:
      "The steps: `{steps: [{name, type, config, …}]}`, with `{{name}}` where a parameter goes. At most 1 MiB, 1,000 steps.",
  })
  definition!: JsonObjectValue;

  @Field(() => String, { nullable: true })
  description?: string | null;

  @Field(() => String, { nullable: true })
  category?: string | null;

  @Field(() => JsonObject, { nullable: true })
  defaultTriggerConfig?: JsonObjectValue | null;

  @Field(() => String, { nullable: true })
  defaultCronSchedule?: string | null;

  @Field(() => Boolean, { nullable: true })
  isPublic?: boolean | null;

  @Field(() => [String], { nullable: true })
  tags?: string[] | null;

  @Field(() => String, { nullable: true })
  version?: string | null;
}

@InputType({ description: "Changes to a template: what is absent stays; null clears what can be null." })
@Told(fieldTexts(templatePatch))
export class UpdateTemplateInput implements Partial<CreateTemplateInput> {
  @Field(() => ID, { description: "The template to change: one of the tenant's own." })
  templateId!: string;

  @Field(() => String, { nullable: true })
  name?: string;

  @Field(() => JsonObject, {
    nullable: true,
    description: "New steps. Workflows that were made from it stay as they are.",
  })
  definition?: JsonObjectValue;

  @Field(() => String, { nullable: true })
  description?: string | null;

  @Field(() => String, { nullable: true })
  category?: string | null;

  @Field(() => JsonObject, { nullable: true })
  defaultTriggerConfig?: JsonObjectValue | null;

  @Field(() => String, { nullable: true })
  defaultCronSchedule?: string | null;

  @Field(() => Boolean, { nullable: true })
  isPublic?: boolean;

  @Field(() => [String], { nullable: true })
  tags?: string[] | null;

  @Field(() => String, { nullable: true })
  version?: string;
}

@InputType({ description: "Which template to delete." })
export class DeleteTemplateInput {
  @Field(() => ID, { description: "The template to delete: one of the tenant's own." })
  templateId!: string;
}

@InputType({ description: "A workflow to be made from a template, and where it differs." })
@Told(fieldTexts(workflowFromTemplate))
export class CreateWorkflowFromTemplateInput {
  @Field(() => ID)
  templateId!: string;

  @Field(() => String)
  workflowName!: string;

  @Field(() => String, { nullable: true })
  workflowDescription?: string | null;

  @Field(() => JsonObject, { nullable: true })
  customConfig?: JsonObjectValue | null;

  @Field(() => JsonObject, { nullable: true })
  customTriggerConfig?: JsonObjectValue | null;

  @Field(() => String, { nullable: true })
  cronSchedule?: string | null;

  @Field(() => Boolean, { nullable: true })
  isScheduled?: boolean | null;

  @Field(() => Boolean, { nullable: true })
  triggerOnFileUpload?: boolean | null;
}
