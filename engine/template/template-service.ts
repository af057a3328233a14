import type { EntityManager } from "@mikro-orm/postgresql";
import type pg from "pg";
import { contextOf, type TenantContext } from "../definition/index.ts";
import { DomainError, type JsonObject, type Page, parseInput, type TenantId, type Window } from "../model/index.ts";
import { successRate } from "../statistics/index.ts";
import {
  countCategories,
  countTemplates,
  readTemplateIds,
  sumTemplateExecutions,
  TemplateEntity,
  type TemplateRow,
  type TemplateSelection,
  unlessTaken,
} from "../store/index.ts";
import type { Workflow, WorkflowService } from "../workflow/index.ts";
import { seedBuiltInTemplates } from "./built-in/index.ts";
import { parseNewTemplate, parseTemplatePatch } from "./parse-template.ts";
import { MAX_LISTED, type TemplateFilter, tagsOf, templateFilter, templatePage } from "./template-input.ts";
import { parseWorkflowFromTemplate } from "./workflow-from-template.ts";

export type Template = TemplateRow;

export interface TemplateCategory {
  readonly name: string;
  /** Up to 10,000. */
  readonly count: number;
  readonly displayName: string;
}

export interface TemplateUsage {
  readonly templateId: number;
  /** Workflows ever made from it, by all tenants. */
  readonly usageCount: number;
  /** Executions of the tenant's own workflows that were made from it. */
  readonly totalExecutions: number;
  readonly successfulExecutions: number;
  /** Timed out ones too. */
  readonly failedExecutions: number;
  /** Percent of those that succeeded or failed, to one decimal; 0 while there are none. */
  readonly successRate: number;
  readonly lastUsedAt: Date | null;
}

/**
 * Templates. A public one (`is_public`) is seen and used by every tenant and changed by its owner only; a private one is its
 * tenant's alone; a built-in one belongs to nobody. To change what one may not see, or what is another tenant's, is
 * TEMPLATE_NOT_FOUND; to change a built-in one, FORBIDDEN. Input is in the names of the documented API.
 */
export class TemplateService {
  constructor(
    private readonly em: () => EntityManager,
    private readonly pool: pg.Pool,
    private readonly context: TenantContext,
    private readonly workflows: WorkflowService,
  ) {}

  /** Brings the built-in templates up to date. */
  async start(): Promise<void> {
    await seedBuiltInTemplates(this.pool);
  }

  /** A numbered page (`{category, public_only, search, tags, page, page_size}`), newest first. `total` counts to 10,000. */
  async list(
    tenantId: TenantId,
    input: JsonObject,
  ): Promise<{ templates: readonly Template[]; total: number; page: number; pageSize: number }> {
    const { page: pageInput, page_size: sizeInput, ...filterInput } = input;
    const { page, page_size: pageSize } = parseInput(templatePage, { page: pageInput, page_size: sizeInput });
    const selection = selectionOf(tenantId, parseInput(templateFilter, filterInput));
    if (selection === null) return { templates: [], total: 0, page, pageSize };
    const window = { limit: pageSize, after: null, before: null, fromEnd: false };
    const [ids, total] = await Promise.all([
      readTemplateIds(this.pool, selection, window, (page - 1) * pageSize),
      countTemplates(this.pool, selection, MAX_LISTED),
    ]);
    return { templates: await this.inOrder(ids.items), total, page, pageSize };
  }

  /** A page by cursor, newest first; the cursors are ids. */
  async window(tenantId: TenantId, filter: JsonObject, window: Window): Promise<Page<Template>> {
    const selection = selectionOf(tenantId, parseInput(templateFilter, filter));
    if (selection === null) return { items: [], hasMore: false };
    const { items, hasMore } = await readTemplateIds(this.pool, selection, window);
    return { items: await this.inOrder(items), hasMore };
  }

  /** How many a filter leaves, counted to 10,000. */
  async count(tenantId: TenantId, filter: JsonObject): Promise<number> {
    const selection = selectionOf(tenantId, parseInput(templateFilter, filter));
    return selection === null ? 0 : countTemplates(this.pool, selection, MAX_LISTED);
  }

  /** Of all templates that the tenant sees, by name; at most 1,000. */
  async categories(tenantId: TenantId): Promise<TemplateCategory[]> {
    const found = await countCategories(this.pool, tenantId, MAX_LISTED);
    return found.map(({ name, count }) => ({ name, count, displayName: displayName(name) }));
  }

  async get(tenantId: TenantId, id: number): Promise<Template> {
    const row = await this.em().findOne(TemplateEntity, { id, $or: [{ isPublic: true }, { tenantId }] });
    return row ?? notFound();
  }

  /** Those of the ids that the tenant sees. */
  async byIds(tenantId: TenantId, ids: readonly number[]): Promise<Map<number, Template>> {
    const where = { id: { $in: [...ids] }, $or: [{ isPublic: true }, { tenantId }] };
    const rows = await this.em().find(TemplateEntity, where);
    return new Map(rows.map((row) => [row.id, row]));
  }

  async create(tenantId: TenantId, input: JsonObject): Promise<Template> {
    const values = parseNewTemplate(input, contextOf(this.context, tenantId));
    return unlessTaken("template", values.name, async () => {
      const em = this.em();
      const now = new Date();
      const row = em.create(TemplateEntity, {
        ...values,
        tenantId,
        usageCount: 0,
        lastUsedAt: null,
        createdAt: now,
        updatedAt: now,
      });
      await em.flush();
      return row;
    });
  }

  /** Changes what `input` names. Workflows that were made from it stay as they are. */
  async update(tenantId: TenantId, id: number, input: JsonObject): Promise<Template> {
    const patch = parseTemplatePatch(input, contextOf(this.context, tenantId));
    return unlessTaken("template", patch.name ?? "", async () => {
      const em = this.em();
      const row = await owned(em, tenantId, id);
      Object.assign(row, patch, { updatedAt: new Date() });
      await em.flush();
      return row;
    });
  }

  /** Workflows that were made from it stay as they are. */
  async remove(tenantId: TenantId, id: number): Promise<void> {
    const em = this.em();
    await owned(em, tenantId, id);
    if ((await em.nativeDelete(TemplateEntity, { id, tenantId })) === 0) notFound();
  }

  /** Makes a workflow and counts the use, both or neither. */
  async createWorkflow(tenantId: TenantId, input: JsonObject): Promise<Workflow> {
    const request = parseWorkflowFromTemplate(input);
    const template = await this.get(tenantId, request.templateId);
    const workflow = request.workflowInput(template);
    return this.em().transactional(async (em) => {
      const origin = { templateId: template.id, em };
      const made = await this.workflows.create(tenantId, workflow, origin).catch(inRequestNames);
      // Last, as it holds the template's row until the commit.
      const used = await em.execute(
        "UPDATE template SET usage_count = usage_count + 1, last_used_at = ?::timestamptz WHERE id = ?::int RETURNING id",
        [made.createdAt, template.id],
      );
      return (used as unknown[]).length === 0 ? notFound() : made;
    });
  }

  async usageStats(tenantId: TenantId, id: number): Promise<TemplateUsage> {
    const template = await this.get(tenantId, id);
    return (await this.usageOf(tenantId, [template])).get(id)!;
  }

  /** Of templates that the caller has been given. */
  async usageOf(tenantId: TenantId, templates: readonly Template[]): Promise<Map<number, TemplateUsage>> {
    const ids = templates.map(({ id }) => id);
    const totals = await sumTemplateExecutions(this.pool, tenantId, ids);
    return new Map(
      templates.map(({ id, usageCount, lastUsedAt }) => {
        const { started, completed, failed } = totals.get(id) ?? { started: 0, completed: 0, failed: 0 };
        const usage: TemplateUsage = {
          templateId: id,
          usageCount,
          totalExecutions: started,
          successfulExecutions: completed,
          failedExecutions: failed,
          successRate: successRate({ completed, failed }, 0),
          lastUsedAt,
        };
        return [id, usage];
      }),
    );
  }

  private async inOrder(ids: readonly number[]): Promise<Template[]> {
    const rows = await this.em().find(TemplateEntity, { id: { $in: [...ids] } });
    const byId = new Map(rows.map((row) => [row.id, row]));
    return ids.flatMap((id) => byId.get(id) ?? []);
  }
}

/** Null: nothing can match. */
function selectionOf(tenantId: TenantId, filter: TemplateFilter): TemplateSelection | null {
  const search = filter.search?.trim() ?? "";
  const words = search === "" ? null : (search.match(/[\p{L}\p{N}]+/gu) ?? []);
  if (words?.length === 0) return null;
  const { category, public_only: publicOnly, tags } = filter;
  return { tenantId, publicOnly, category: category || null, tags: tagsOf(tags ?? ""), words };
}

/** Hyphens to spaces, title case: `file-processing` is File Processing. */
function displayName(category: string): string {
  return category.replaceAll("-", " ").replace(/(?<!\p{L})\p{L}/gu, (letter) => letter.toUpperCase());
}

async function owned(em: EntityManager, tenantId: TenantId, id: number): Promise<Template> {
  const row = await em.findOne(TemplateEntity, { id, $or: [{ tenantId }, { tenantId: null }] });
  if (row && row.tenantId === null) {
    throw new DomainError("FORBIDDEN", `Template ${id} is built in: make a template of your own from it instead`);
  }
  return row ?? notFound();
}

function notFound(): never {
  throw new DomainError("TEMPLATE_NOT_FOUND", "Template not found", { field: "template_id" });
}

/** The workflow's name has another name here. */
function inRequestNames(error: unknown): never {
  if (!(error instanceof DomainError) || error.code !== "NAME_TAKEN") throw error;
  throw new DomainError("NAME_TAKEN", error.message, { field: "workflow_name", cause: error });
}
