import { checkCron } from "../calendar/index.ts";
import { type DefinitionContext, parseDefinition } from "../definition/index.ts";
import { DomainError, type Issue, type JsonObject, type JsonValue, parseInput } from "../model/index.ts";
import type { TemplateRow } from "../store/index.ts";
import { DEFAULT_VERSION, type TemplatePatch, tagsOf, templateInput, templatePatch } from "./template-input.ts";

type Context = Omit<DefinitionContext, "defaults">;

/** What the author of a template decides. */
type TemplateValues = Pick<
  TemplateRow,
  | "name"
  | "description"
  | "category"
  | "definition"
  | "defaultTriggerConfig"
  | "defaultCronSchedule"
  | "isPublic"
  | "tags"
  | "version"
>;

/** Throws every issue of the fields and of `template_config` at once. */
export function parseNewTemplate(input: JsonObject, context: Context): TemplateValues {
  const { template_config: config, ...rest } = input;
  const issues: Issue[] = [];
  const fields = collect(issues, () => parseInput(templateInput, rest));
  checkDefinition(config, context, issues);
  if (!fields || issues.length > 0) throw DomainError.invalid(issues);
  return {
    description: null,
    category: null,
    defaultTriggerConfig: null,
    defaultCronSchedule: null,
    isPublic: false,
    tags: [],
    version: DEFAULT_VERSION,
    ...toValues(fields),
    name: fields.name,
    definition: config as JsonObject,
  };
}

export function parseTemplatePatch(input: JsonObject, context: Context): Partial<TemplateValues> {
  const { template_config: config, ...rest } = input;
  const issues: Issue[] = [];
  const fields = collect(issues, () => parseInput(templatePatch, rest));
  if (config !== undefined) checkDefinition(config, context, issues);
  if (!fields || issues.length > 0) throw DomainError.invalid(issues);
  return { ...toValues(fields), ...(config !== undefined && { definition: config as JsonObject }) };
}

/** Only what is there: absent is not null. */
function toValues(fields: TemplatePatch): Partial<TemplateValues> {
  const { tags, default_cron_schedule: cron } = fields;
  if (cron) checkCron(cron, "default_cron_schedule");
  const values = {
    name: fields.name,
    description: fields.description,
    category: fields.category,
    defaultTriggerConfig: fields.default_trigger_config,
    defaultCronSchedule: cron,
    isPublic: fields.is_public,
    tags: tags === undefined ? undefined : tagsOf(tags ?? ""),
    version: fields.version,
  };
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function checkDefinition(config: JsonValue | undefined, context: Context, issues: Issue[]): void {
  if (config === undefined) {
    issues.push({ path: "template_config", message: "is required: an object with steps" });
    return;
  }
  const parsed = parseDefinition(config, {
    ...context,
    // Of no effect on what is valid.
    defaults: { maxRetries: 0 },
    path: "template_config",
    isTemplate: true,
  });
  if ("issues" in parsed) issues.push(...parsed.issues);
}

/** Goes on after a validation failure, so that one part does not hide what is wrong with the next. */
function collect<T>(issues: Issue[], parse: () => T): T | null {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== "VALIDATION_FAILED") throw error;
    issues.push(...error.issues);
    return null;
  }
}
