import { channels } from "./bus/index.ts";
import { Environments } from "./definition/index.ts";
import type { EngineOptions } from "./engine-options.ts";
import { createSecretMask, type SecretMask } from "./expression/index.ts";
import { createFileService, createPostgresFileRecords, type FileService } from "./files/index.ts";
import type { Resources } from "./resources.ts";
import { WorkflowSchedules } from "./schedule/index.ts";
import { createStepTypes, type StepTypes } from "./steps/index.ts";
import { TemplateService } from "./template/index.ts";
import type { WorkAdded } from "./work-added.ts";
import { Plans, WorkflowService } from "./workflow/index.ts";

/** What can be run, and what it is made of. */
export interface Library {
  readonly files: FileService;
  readonly stepTypes: StepTypes;
  readonly environments: Environments;
  readonly mask: SecretMask;
  readonly plans: Plans;
  readonly workflows: WorkflowService;
  readonly templates: TemplateService;
}

export function createLibrary(
  options: EngineOptions,
  { database, bus, clock }: Resources,
  workAdded: WorkAdded,
  closing: AsyncDisposableStack,
): Library {
  const { http, mailer, participants, fileStore: store, fileLimits } = options;
  const { em, pool } = database;
  const noted = (): void => bus.publish(channels.journal, null);
  const files = createFileService({
    store,
    records: createPostgresFileRecords(em, { ...fileLimits, noted, clock }),
    ...(fileLimits && { limits: fileLimits }),
    taskAdded: workAdded.tell,
  });
  closing.defer(() => files.close());
  const stepTypes = createStepTypes({ files, http, mailer, participants });
  const environments = new Environments(options.environment);
  const context = { stepTypes, environments };
  const workflows = new WorkflowService(em, context, bus, new WorkflowSchedules(bus, () => clock.now()), pool);
  return {
    files,
    stepTypes,
    environments,
    mask: createSecretMask(environments.values()),
    plans: new Plans(em, context),
    workflows,
    templates: new TemplateService(em, pool, context, workflows),
  };
}
