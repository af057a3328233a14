import type { EntityManager } from "@mikro-orm/postgresql";
import { contextOf, type Plan, parseDefinition, type TenantContext } from "../definition/index.ts";
import { DomainError, type TenantId } from "../model/index.ts";
import { SagaTypeEntity, WorkflowEntity, WorkflowVersionEntity } from "../store/index.ts";

/** Compiled versions that are kept. A version never changes, so nothing has to be invalidated. */
const MAX_PLANS = 1_000;

/** Workflow versions, compiled once and kept. */
export class Plans {
  private readonly plans = new Map<string, Promise<Plan>>();

  constructor(
    private readonly em: () => EntityManager,
    private readonly context: TenantContext,
  ) {}

  /** `triggerIsSecret`: for an execution that was given secrets by its parent. */
  get(workflowId: number, version: number, triggerIsSecret = false): Promise<Plan> {
    const key = `${workflowId}:${version}${triggerIsSecret ? ":secret" : ""}`;
    const known = this.plans.get(key);
    if (known) return known;
    const loading = this.load(workflowId, version, triggerIsSecret);
    this.plans.set(key, loading);
    loading.catch(() => this.plans.delete(key));
    if (this.plans.size > MAX_PLANS) this.plans.delete(this.plans.keys().next().value!);
    return loading;
  }

  private async load(workflowId: number, version: number, triggerIsSecret: boolean): Promise<Plan> {
    const row = await this.em().findOneOrFail(WorkflowVersionEntity, { workflowId, version });
    const context = contextOf(this.context, await this.tenantOf(workflowId));
    const defaults = { maxRetries: row.maxRetries };
    const parsed = parseDefinition(row.definition, { ...context, defaults, isStored: true, triggerIsSecret });
    if ("issues" in parsed) throw DomainError.invalid(parsed.issues);
    return { definition: parsed.definition, timeoutSeconds: row.timeoutSeconds };
  }

  /** A saga type has versions as a workflow has, and is none. */
  private async tenantOf(workflowId: number): Promise<TenantId> {
    const em = this.em();
    const workflow = await em.findOne(WorkflowEntity, { id: workflowId }, { fields: ["tenantId"] });
    return (workflow ?? (await em.findOneOrFail(SagaTypeEntity, { workflowId }, { fields: ["tenantId"] }))).tenantId;
  }
}
