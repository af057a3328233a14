import { AuditLog, auditedServices, identify } from "./audit/index.ts";
import type { EngineOptions } from "./engine-options.ts";
import { LiveService } from "./events/index.ts";
import { ExecutionBatches, ExecutionQueries } from "./execution/index.ts";
import { HookService } from "./hook/index.ts";
import { KeyService } from "./keys/index.ts";
import type { Library } from "./library.ts";
import type { Machinery } from "./machinery.ts";
import type { TenantId } from "./model/index.ts";
import type { Resources } from "./resources.ts";
import { RetentionService } from "./retention/index.ts";
import { ScheduleService } from "./schedule/index.ts";
import { SimulationService } from "./simulation/index.ts";
import { StatisticsService } from "./statistics/index.ts";
import { DeliveryService } from "./webhook/index.ts";
import type { WorkAdded } from "./work-added.ts";

/** What the faces ask. Changes are on record before they are answered. */
export type Services = ReturnType<typeof createServices>;

export function createServices(
  { log }: EngineOptions,
  resources: Resources,
  library: Library,
  machinery: Machinery,
  workAdded: WorkAdded,
  closing: AsyncDisposableStack,
) {
  const { bus, clock } = resources;
  const { em, pool } = resources.database;
  const { files, stepTypes, environments, mask, workflows, templates } = library;
  const { executions, memory, dispatcher, remover } = machinery;
  const audit = new AuditLog({ pool, mask, log });
  closing.defer(() => audit.close());
  const keys = new KeyService(em, bus, clock);
  closing.defer(() => keys.close());
  const executionQueries = new ExecutionQueries(pool, memory.limitBytes);
  const called = (hook: { readonly tenantId: TenantId; readonly id: number }): void =>
    identify({ tenantId: hook.tenantId, actor: `hook:${hook.id}` });
  return {
    ...auditedServices({
      workflows,
      templates,
      executions,
      executionBatches: new ExecutionBatches(pool, executionQueries, dispatcher, workflows, remover),
      retention: new RetentionService({ pool, clock, remover }),
      keys,
      schedules: new ScheduleService({ em, pool, bus, executions, now: () => clock.now() }),
      files,
      hooks: new HookService({ em, workflows, executions, called, clock }),
      deliveries: new DeliveryService({ em, pool, wake: workAdded.tell, clock }),
    }),
    executionQueries,
    live: new LiveService({ pool, bus, workflows }),
    audit,
    statistics: new StatisticsService(pool, clock),
    simulations: new SimulationService(workflows, stepTypes, environments),
    stepTypes,
  };
}
