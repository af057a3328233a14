import { AfterCommit } from "./after-commit.ts";
import { type Dispatcher, LocalDispatcher, RemoteDispatcher } from "./dispatch/index.ts";
import type { EngineOptions } from "./engine-options.ts";
import { createPublisher } from "./events/index.ts";
import {
  childExecutions,
  DEFAULT_DESCENDANT_LIMIT,
  Descendants,
  ExecutionService,
  observedInvoke,
  Places,
  probedInvoke,
  type RunPorts,
  Worker,
} from "./execution/index.ts";
import { Journal } from "./journal/index.ts";
import type { Library } from "./library.ts";
import { DomainError, type ExecutionId, type StepId } from "./model/index.ts";
import type { Resources } from "./resources.ts";
import { Remover } from "./retention/index.ts";
import { defaultMemoryBytes, MemoryBudget, Share, timesFreeOfShort } from "./share/index.ts";
import { executionIds, IdBlocks, stepIds } from "./store/index.ts";
import { WebhookDeliverer } from "./webhook/index.ts";

/** What runs executions, or tells whoever does. */
export interface Machinery {
  readonly dispatcher: Dispatcher;
  readonly journal: Journal;
  readonly deliverer: WebhookDeliverer;
  readonly slots: Share;
  readonly memory: MemoryBudget;
  /** Null: executions run in other processes. */
  readonly local: { readonly worker: Worker; readonly dispatcher: LocalDispatcher } | null;
  readonly executions: ExecutionService;
  readonly remover: Remover;
}

export async function openMachinery(
  options: EngineOptions,
  resources: Resources,
  library: Library,
  closing: AsyncDisposableStack,
): Promise<Machinery> {
  const { databaseUrl, databaseLimits, concurrency, observer, probe, log, keyring } = options;
  const { bus, clock, rateLimiter } = resources;
  const { pool } = resources.database;
  const { plans, workflows } = library;
  const localDispatcher = options.worker === false ? null : openLocalDispatcher(options, resources);
  const dispatcher = localDispatcher ?? new RemoteDispatcher(bus, clock);
  closing.defer(() => dispatcher.stop());

  const deliverer = openDeliverer(options, resources, library);
  const publish = createPublisher({ bus, observer, probe });
  const afterCommit = new AfterCommit({ publish, deliverer, dispatcher, observer, log, probe });
  const journal = await Journal.open(databaseUrl, afterCommit, databaseLimits);
  closing.defer(() => journal.close());

  const ids = new IdBlocks<ExecutionId>(pool, executionIds);
  const steps = new IdBlocks<StepId>(pool, stepIds);
  const descendants = new Descendants(pool, options.descendantLimit ?? DEFAULT_DESCENDANT_LIMIT);
  const freed = (): void => dispatcher.capacityFreed();
  const slots = new Share(concurrency, freed, timesFreeOfShort(concurrency));
  const memory = new MemoryBudget(options.memoryBytes ?? defaultMemoryBytes(), freed);
  const worker =
    localDispatcher &&
    new Worker({
      pool,
      journal,
      dispatcher,
      plan: (workflowId, version, triggerIsSecret) => plans.get(workflowId, version, triggerIsSecret),
      places: new Places(slots, memory),
      probe,
      ports: {
        ...portsOf(options, resources, library),
        ...childExecutions({ clock, pool, workflows, ids, descendants, rateLimiter, plans, keyring }),
        stepId: () => steps.nextPatiently(),
        held: () => localDispatcher.held(),
        changed: (entry) => journal.changed(entry),
      },
    });
  afterCommit.worker = worker;
  const running = { journal, dispatcher, worker, ids, stepIds: steps, descendants };
  const executions = new ExecutionService({ clock, pool, bus, workflows, plans, keyring, observer, ...running });
  const local = worker && localDispatcher && { worker, dispatcher: localDispatcher };
  const remover = new Remover({ pool, bus, clock, observer });
  return { dispatcher, journal, deliverer, slots, memory, local, executions, remover };
}

function openLocalDispatcher(options: EngineOptions, { database, clock, bus }: Resources): LocalDispatcher {
  const { databaseUrl, redisUrl, log } = options;
  return new LocalDispatcher(databaseUrl, database.pool, clock, log, redisUrl === undefined ? undefined : bus);
}

function openDeliverer(options: EngineOptions, resources: Resources, { plans, mask }: Library): WebhookDeliverer {
  const { http, log } = options;
  const { database, clock } = resources;
  return new WebhookDeliverer({
    pool: database.pool,
    http,
    mask,
    targets: async (workflowId, version) => (await plans.get(workflowId, version)).definition.webhooks,
    log,
    clock,
  });
}

/** What does not depend on where executions run. */
function portsOf(
  { invoke, probe, observer, keyring, log }: EngineOptions,
  { clock }: Resources,
  { stepTypes, mask }: Library,
): Pick<RunPorts, "now" | "random" | "stepType" | "invoke" | "keyring" | "mask" | "log"> {
  const called = invoke ?? ((type, config, context) => type.run(config, context));
  return {
    now: () => clock.now(),
    random: () => Math.random(),
    stepType: (type) => {
      const found = stepTypes.get(type);
      if (!found) throw new DomainError("INTERNAL", `No step type ${type}`);
      return found;
    },
    invoke: observedInvoke(probedInvoke(called, probe), observer),
    keyring,
    mask,
    log,
  };
}
