import { z } from "zod";
import { type FieldTexts, fieldMeanings, type JsonValue, nameText, openObject, text } from "../model/index.ts";
import { workflowInput } from "../workflow/index.ts";

export const DEFAULT_VERSION = "1.0.0";
const MAX_TAGS = 20;
const MAX_TAG_LENGTH = 50;
const MAX_PAGE_SIZE = 100;
/** How far a list can be paged by number, and how far it is counted. A cursor goes on beyond. */
export const MAX_LISTED = 10_000;

/** `api, integration` as its tags: trimmed, in order, each once. */
export function tagsOf(csv: string): string[] {
  const tags = csv.split(",").map((tag) => tag.trim());
  return [...new Set(tags)].filter((tag) => tag !== "");
}

/** Both words of the rule and of what it refuses. */
const TAGS = `at most ${MAX_TAGS} tags of at most ${MAX_TAG_LENGTH} characters`;

const tags = text(MAX_TAGS * (MAX_TAG_LENGTH + 2)).refine(
  (csv) => tagsOf(csv).length <= MAX_TAGS && tagsOf(csv).every((tag) => tag.length <= MAX_TAG_LENGTH),
  `must be ${TAGS}`,
);

const fields = {
  name: nameText.describe("Unique among the tenant's templates, else NAME_TAKEN."),
  description: text(10_000).nullish().describe("Free text."),
  category: text(100)
    .min(1)
    .nullish()
    .describe("For example `integration` or `file-processing`; lower case with hyphens by custom."),
  default_trigger_config: openObject
    .nullish()
    .describe("Trigger settings of workflows that are made from it: `{type, enabled, …}`."),
  default_cron_schedule: text(255)
    .nullish()
    .describe(
      "When workflows that are made from it start by themselves: 5-field cron expression, UTC, else INVALID_CRON.",
    ),
  is_public: z
    .boolean()
    .optional()
    .describe(
      "Whether every tenant sees it and can make workflows from it; only its owner can change it. Default false.",
    ),
  tags: tags.nullish().describe(`${TAGS.replace("at", "At")}.`),
  version: text(50).min(1).optional().describe(`As its author counts. Default \`${DEFAULT_VERSION}\`.`),
};

/** What both faces accept for a template, in the names of the documented API. `template_config` is checked by itself. */
export const templateInput = z.strictObject(fields);

/** What may be changed: what is absent stays, and null clears what can be null. */
export const templatePatch = templateInput.partial({ name: true });
export type TemplatePatch = z.output<typeof templatePatch>;

const customStep = z
  .object({ name: z.string().describe("Name of the template's step.") })
  .catchall(z.custom<JsonValue>())
  .describe("What is to be different in one step. Objects are merged key by key; anything else replaces.");

/** A switch of the workflow that is off unless it is given. */
const off = (field: z.ZodDefault<z.ZodBoolean>) =>
  field.unwrap().optional().describe(`${field.unwrap().description} Default false.`);

export const workflowFromTemplate = z.strictObject({
  template_id: z.int().min(1).describe("The template: built in, public, or the tenant's own."),
  workflow_name: workflowInput.shape.name,
  workflow_description: text(10_000).nullish().describe("Free text; null: none. Default: the template's description."),
  custom_config: openObject
    .pipe(
      z
        .object({
          steps: z.array(customStep).exactOptional(),
          parameters: z.record(z.string(), z.custom<JsonValue>()).exactOptional(),
        })
        .catchall(z.custom<JsonValue>()),
    )
    .nullish()
    .describe(
      "`steps`: changes to the template's steps, found by `name`; objects are merged key by key. `parameters`: values of its bare `{{name}}` placeholders. Default: none.",
    ),
  custom_trigger_config: openObject.nullish().describe("Merged over the template's own. Default: none."),
  cron_schedule: text(255)
    .nullish()
    .describe("5-field cron expression, UTC, else INVALID_CRON; null: none. Default: the template's."),
  is_scheduled: off(workflowInput.shape.is_scheduled),
  trigger_on_file_upload: off(workflowInput.shape.trigger_on_file_upload),
});

export type CustomConfig = NonNullable<z.output<typeof workflowFromTemplate>["custom_config"]>;

export const templateFilter = z.strictObject({
  category: text(100).nullish().describe("Only this category."),
  public_only: z.boolean().default(true).describe("Only public templates; false: the tenant's private ones too."),
  search: text(255)
    .nullish()
    .describe(
      "Words in name or description: all of them, in either case, each from its beginning (`integ` finds Integration).",
    ),
  tags: text(1_000).nullish().describe("A template must have all of them, spelled the same."),
});
export type TemplateFilter = z.output<typeof templateFilter>;

/** What is shown of templates, as both faces tell it. */
export const templateTexts = {
  ...fieldMeanings(templateInput),
  usage_count: "Workflows that were ever made from it, by all tenants.",
} satisfies FieldTexts;

export const templateUsageTexts = {
  total_executions: "Executions of the tenant's own workflows that were made from a template.",
  success_rate: "Percent of those that completed or failed, 0 to 100, to one decimal; 0 while there are none.",
} satisfies FieldTexts;

export const templatePage = z
  .strictObject({
    page: z.int().min(1).default(1),
    page_size: z.int().min(1).max(MAX_PAGE_SIZE).default(20),
  })
  .refine(({ page, page_size }) => (page - 1) * page_size < MAX_LISTED, {
    path: ["page"],
    message: `must not reach beyond the first ${MAX_LISTED} templates: narrow the list with a filter`,
  });
