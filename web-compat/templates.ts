import { z } from "zod";
import {
  type Engine,
  fieldTexts,
  type JsonObject,
  type Template,
  templateFilter,
  templateInput,
  templatePatch,
  templateTexts,
} from "../engine/index.ts";
import {
  checkedByEngine,
  count,
  flag,
  id,
  idParameter,
  inOneText,
  isoOf,
  jsonObject,
  timestamp,
  told,
  withoutReadOnly,
} from "./fields.ts";
import { actorOf } from "./guard.ts";
import { refusals } from "./openapi.ts";
import type { RestOptions, RestServer } from "./rest-server.ts";
import { createWorkflowFromTemplate, getTemplateUsage } from "./template-use.ts";

const tags = ["templates"];
const params = z.strictObject({ template_id: idParameter });
const documented = {
  template_config: jsonObject.describe("The steps, with bare `{{name}}` placeholders as parameters."),
  tags: inOneText(templateInput.shape.tags),
};

const template = z
  .strictObject({
    id,
    name: z.string(),
    description: z.string().nullable(),
    category: z.string().nullable(),
    template_config: jsonObject,
    default_trigger_config: jsonObject.nullable(),
    default_cron_schedule: z.string().nullable(),
    is_public: z.boolean(),
    tags: z.string().nullable().describe("Comma separated."),
    version: z.string(),
    usage_count: z.int().min(0).describe(templateTexts.usage_count),
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: "Template" });

const about = fieldTexts(templateFilter);

const readOnly = ["id", "usage_count", "created_at", "updated_at"];

const read = { access: "read", limit: "templates" } as const;
const write = { access: "write", limit: "templates" } as const;

/** `/api/v1/templates` */
export function serveTemplates(server: RestServer, { engine }: RestOptions): void {
  for (const serve of [
    listTemplates,
    listTemplateCategories,
    createTemplate,
    createWorkflowFromTemplate,
    getTemplate,
    updateTemplate,
    deleteTemplate,
    getTemplateUsage,
  ])
    serve(server, engine);
}

function listTemplates(server: RestServer, { templates }: Engine): void {
  server.get(
    "/api/v1/templates",
    {
      config: read,
      schema: {
        tags,
        operationId: "listTemplates",
        summary: "List templates, newest first",
        querystring: z.object(
          told(about, {
            category: z.string().max(100).optional(),
            public_only: flag.optional(),
            search: z.string().max(255).optional(),
            tags: inOneText(z.string().max(1_000).optional().describe(about.tags)),
            page: count(1, 10_000, 1, "Not beyond the first 10,000 templates."),
            page_size: count(1, 100, 20),
          }),
        ),
        response: {
          200: z.strictObject({
            templates: z.array(template),
            total: z.int().min(0).describe("Counted to 10,000."),
            page: z.int(),
            page_size: z.int(),
          }),
          ...refusals(400, 401, 403, 429),
        },
      },
    },
    async (request) => {
      const {
        templates: found,
        total,
        page,
        pageSize,
      } = await templates.list(actorOf(request).tenantId, request.query as JsonObject);
      return { templates: found.map(present), total, page, page_size: pageSize };
    },
  );
}

function listTemplateCategories(server: RestServer, { templates }: Engine): void {
  server.get(
    "/api/v1/templates/categories",
    {
      config: read,
      schema: {
        tags,
        operationId: "listTemplateCategories",
        summary: "List the categories of templates, by name",
        response: {
          200: z.strictObject({
            categories: z.array(z.strictObject({ name: z.string(), count: z.int().min(1), display_name: z.string() })),
            total: z.int().min(0),
          }),
          ...refusals(401, 403, 429),
        },
      },
    },
    async (request) => {
      const found = await templates.categories(actorOf(request).tenantId);
      const categories = found.map(({ name, count, displayName }) => ({ name, count, display_name: displayName }));
      return { categories, total: categories.length };
    },
  );
}

function createTemplate(server: RestServer, { templates }: Engine): void {
  server.post(
    "/api/v1/templates",
    {
      config: write,
      schema: {
        tags,
        operationId: "createTemplate",
        summary: "Create a template",
        body: checkedByEngine(templateInput.extend(documented)),
        response: { 200: template, ...refusals(400, 401, 403, 409, 429) },
      },
    },
    async (request) => {
      const input = withoutReadOnly(request.body, readOnly);
      return present(await templates.create(actorOf(request).tenantId, input));
    },
  );
}

function getTemplate(server: RestServer, { templates }: Engine): void {
  server.get(
    "/api/v1/templates/:template_id",
    {
      config: read,
      schema: {
        tags,
        operationId: "getTemplate",
        summary: "Get a template",
        params,
        response: { 200: template, ...refusals(400, 401, 403, 404, 429) },
      },
    },
    async (request) => present(await templates.get(actorOf(request).tenantId, request.params.template_id)),
  );
}

function updateTemplate(server: RestServer, { templates }: Engine): void {
  server.put(
    "/api/v1/templates/:template_id",
    {
      config: write,
      schema: {
        tags,
        operationId: "updateTemplate",
        summary: "Change what the body names; null clears what can be null",
        params,
        body: checkedByEngine(templatePatch.extend(documented).partial()),
        response: { 200: template, ...refusals(400, 401, 403, 404, 409, 429) },
      },
    },
    async (request) => {
      const patch = withoutReadOnly(request.body, readOnly);
      return present(await templates.update(actorOf(request).tenantId, request.params.template_id, patch));
    },
  );
}

function deleteTemplate(server: RestServer, { templates }: Engine): void {
  server.delete(
    "/api/v1/templates/:template_id",
    {
      config: write,
      schema: {
        tags,
        operationId: "deleteTemplate",
        summary: "Delete a template; workflows that were made from it stay",
        params,
        response: {
          200: z.strictObject({ message: z.string(), template_id: id }),
          ...refusals(400, 401, 403, 404, 429),
        },
      },
    },
    async (request) => {
      const { template_id } = request.params;
      await templates.remove(actorOf(request).tenantId, template_id);
      return { message: "Template deleted successfully", template_id };
    },
  );
}

function present(row: Template): z.output<typeof template> {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    category: row.category,
    template_config: row.definition,
    default_trigger_config: row.defaultTriggerConfig,
    default_cron_schedule: row.defaultCronSchedule,
    is_public: row.isPublic,
    tags: row.tags.length === 0 ? null : row.tags.join(","),
    version: row.version,
    usage_count: row.usageCount,
    created_at: isoOf(row.createdAt),
    updated_at: isoOf(row.updatedAt),
  };
}
