import type pg from "pg";
import type { Bus } from "../bus/index.ts";
import type { Plan } from "../definition/index.ts";
import type { Dispatcher } from "../dispatch/index.ts";
import { MASK, noMask } from "../expression/index.ts";
import { isOverdue, type Journal, JournalEntry, MAX_LOCK_MS } from "../journal/index.ts";
import { jsonSize } from "../large-json/index.ts";
import {
  create,
  DomainError,
  databaseUnavailable,
  type EventData,
  type ExecutionEvent,
  type ExecutionId,
  type ExecutionRecord,
  type JsonObject,
  type JsonValue,
  mergePatch,
  newUid,
  type Observer,
  type StepId,
  type TenantId,
  type TriggerType,
} from "../model/index.ts";
import { type Clock, currentDeadline, withinDeadline } from "../runtime/index.ts";
import type { Keyring, SealPlace } from "../secret/index.ts";
import { executionByKey, type IdBlocks, readSteps, rootOfExecution } from "../store/index.ts";
import type { Plans, WorkflowService } from "../workflow/index.ts";
import { checkName, checkSize } from "./command-input.ts";
import type { Cause, Descendants } from "./descendants.ts";
import { type CarriedStep, planFork } from "./fork.ts";
import { requestHash } from "./request-hash.ts";
import { RunSecrets } from "./run-secrets.ts";
import type { Worker } from "./worker.ts";

/** A try that waits for a lock is over by then, and no other is made. */
const WITHDRAW_MS = MAX_LOCK_MS + 500;

export interface StartRequest {
  readonly tenantId: TenantId;
  readonly workflowId: number;
  readonly triggerData: JsonObject;
  readonly triggerType?: TriggerType;
  readonly idempotencyKey?: string | null;
  /** Hash of what makes a repeat the same request. Default: of workflow and trigger data; give one when these say when or how it came. */
  readonly fingerprint?: string;
  readonly correlationId?: string | null;
  /** Default: it is started from outside. */
  readonly cause?: Cause | null;
  /** W3C trace context. Default: that of the request that is being served. */
  readonly traceparent?: string | null;
}

export interface ForkRequest {
  /** Name of the step that the fork begins at: it and all that come after it run (again). */
  readonly fromStep: string;
  /** JSON Merge Patch of the trigger data. */
  readonly triggerDataPatch: JsonObject;
  /** Step name → JSON Merge Patch of its output. A step that was not reached has the output null before. */
  readonly outputPatches: JsonObject;
  /** Of the execution that is forked, or the workflow's current one. */
  readonly definition: "pinned" | "latest";
  readonly idempotencyKey?: string | null;
  readonly correlationId?: string | null;
}

export interface ExecutionServiceDeps {
  readonly clock: Pick<Clock, "now">;
  readonly pool: pg.Pool;
  readonly bus: Bus;
  readonly journal: Journal;
  readonly dispatcher: Dispatcher;
  /** Absent in a process without the worker role. */
  readonly worker: Worker | null;
  readonly workflows: WorkflowService;
  readonly plans: Plans;
  readonly ids: IdBlocks<ExecutionId>;
  readonly stepIds: IdBlocks<StepId>;
  readonly keyring: Keyring;
  readonly descendants: Descendants;
  readonly observer?: Observer | undefined;
}

type CreatedEvent = ExecutionEvent & { readonly type: "execution.created" };
type Created = EventData["execution.created"];

/** How executions come to be: once for each idempotency key, stored before they are told of. */
export class ExecutionStarts {
  constructor(private readonly deps: ExecutionServiceDeps) {}

  /** `pinned`: a version that may be started, whatever the workflow says. */
  async start(request: StartRequest, pinned?: number): Promise<ExecutionRecord> {
    const { tenantId, workflowId, triggerData } = request;
    // The correlation id is not part of it: a client that repeats a request may send it with a new one.
    const fingerprint = () => request.fingerprint ?? requestHash([workflowId, triggerData]);
    return this.once(request, fingerprint, async (key) => {
      checkSize("trigger_data", triggerData);
      const version = pinned ?? (await this.deps.workflows.executable(tenantId, workflowId)).version;
      const plan = await this.deps.plans.get(workflowId, version);
      const created = await this.created({
        ...key,
        tenant_id: tenantId,
        workflow_id: workflowId,
        workflow_version: version,
        trigger_type: request.triggerType ?? "manual",
        trigger_data: triggerData,
        correlation_id: request.correlationId ?? null,
        forked_from_id: null,
        ...(await this.descent(tenantId, request.cause ?? null)),
        ...this.trace(request.traceparent),
      });
      return this.descend(created, () => this.begin(created, plan, []));
    });
  }

  async fork(source: ExecutionRecord, request: ForkRequest): Promise<ExecutionRecord> {
    const { id, tenantId, workflowId, triggerType } = source;
    const { fromStep, triggerDataPatch, outputPatches, definition } = request;
    const fingerprint = () => requestHash(["fork", id, fromStep, triggerDataPatch, outputPatches, definition]);
    const { idempotencyKey = null } = request;
    checkName("from_step", fromStep);
    return this.once({ tenantId, workflowId, idempotencyKey }, fingerprint, async (key) => {
      const current = await this.deps.workflows.executable(tenantId, workflowId).catch(ofExecution);
      const version = definition === "pinned" ? source.workflowVersion : current.version;
      const plan = await this.deps.plans.get(workflowId, version, source.sealed !== null);
      const secrets = new RunSecrets(id, { keyring: this.deps.keyring, mask: noMask });
      const steps = (await readSteps(this.deps.pool, [id])).get(id) ?? [];
      const opened = steps.map((step) => ({ ...step, output: secrets.outputOf(step) }));
      const carried = planFork(plan.definition, opened, fromStep, outputPatches);
      for (const { name, output } of carried) {
        if (Object.hasOwn(outputPatches, name)) checkSize(`output_patches.${name}`, output);
      }
      const triggerData = mergePatch(secrets.triggerOf(source), triggerDataPatch);
      checkSize("trigger_data_patch", triggerData);
      const created = await this.created({
        ...key,
        tenant_id: tenantId,
        workflow_id: workflowId,
        workflow_version: version,
        trigger_type: triggerType,
        trigger_data: mergePatch(source.triggerData, triggerDataPatch),
        correlation_id: request.correlationId ?? null,
        forked_from_id: id,
        depth: 0,
        ...this.trace(),
      });
      const sealed =
        source.sealed === null ? {} : { sealed: this.seal(triggerData, `execution:${created.executionId}/trigger`) };
      return this.begin({ ...created, ...sealed }, plan, carried);
    });
  }

  /** The same key and body give the same execution, however many ask at once. */
  private async once(
    request: Pick<StartRequest, "tenantId" | "workflowId" | "idempotencyKey">,
    fingerprint: () => string,
    make: (key: Pick<Created, "idempotency_key" | "request_hash">) => Promise<ExecutionRecord>,
  ): Promise<ExecutionRecord> {
    const { idempotencyKey: key = null } = request;
    if (key === null) return make({ idempotency_key: null, request_hash: null });
    checkName("idempotency_key", key);
    const hash = fingerprint();
    const known = await this.repeated(request, key, hash);
    if (known) return known;
    try {
      return await make({ idempotency_key: key, request_hash: hash });
    } catch (error) {
      // Somebody else used the key between our look and our write.
      const made = await this.repeated(request, key, hash);
      if (made) return made;
      throw error;
    }
  }

  /** The execution that an earlier start with this key made. */
  private async repeated(
    { tenantId, workflowId }: Pick<StartRequest, "tenantId" | "workflowId">,
    key: string,
    hash: string,
  ): Promise<ExecutionRecord | null> {
    const known = await executionByKey(this.deps.pool, workflowId, key);
    // Of another tenant's workflow it is not told that it is there.
    if (known?.tenantId !== tenantId) return null;
    if (known.requestHash !== hash) {
      throw new DomainError("IDEMPOTENCY_CONFLICT", "The idempotency key was used with another request", {
        field: "idempotency_key",
      });
    }
    return known;
  }

  private async created(data: Omit<Created, "uid" | "parent_id" | "parent_step_id">): Promise<CreatedEvent> {
    const executionId = await this.deps.ids.next();
    return {
      executionId,
      seq: 1,
      type: "execution.created",
      stepId: null,
      at: this.deps.clock.now(),
      data: { uid: newUid(executionId), ...data, parent_id: null, parent_step_id: null },
    };
  }

  private async descent(
    tenantId: TenantId,
    cause: Cause | null,
  ): Promise<Pick<Created, "depth" | "root_id" | "after_failure">> {
    if (cause === null) return { depth: 0 };
    const { executionId, depth, afterFailure } = cause;
    const root = executionId === null ? null : await rootOfExecution(this.deps.pool, tenantId, executionId);
    return { depth, ...(root !== null && { root_id: root }), ...(afterFailure && { after_failure: true as const }) };
  }

  /** What another execution led to is begun while the tree has room. */
  private async descend<T>({ executionId, data }: CreatedEvent, begin: () => Promise<T>): Promise<T> {
    const { descendants } = this.deps;
    const { root_id: rootId } = data;
    if (rootId === undefined) return begin();
    if (!(await descendants.admits(rootId, executionId))) {
      throw new DomainError("DESCENDANT_LIMIT", descendants.refusal);
    }
    return begin().finally(() => descendants.settled(rootId, executionId));
  }

  private seal(value: JsonValue, place: SealPlace): string {
    return this.deps.keyring.seal(value, place);
  }

  private trace(given: string | null = null): Pick<Created, "traceparent"> {
    const traceparent = given ?? this.deps.observer?.currentTraceparent?.() ?? null;
    return traceparent === null ? {} : { traceparent };
  }

  /** Who would wait in vain is told so at once, and nothing piles up. */
  private refuseOverdue(): void {
    if (!currentDeadline() || !isOverdue(this.deps.journal.health)) return;
    throw databaseUnavailable("The database stores nothing at the moment: nothing was started");
  }

  /**
   * A request waits as long as it has; some of that is for finding out whether what it gave up was stored.
   * @throws DomainError DATABASE_UNAVAILABLE: it does not run. DeadlineError: nobody knows, and the same key will tell.
   */
  private async stored(entry: JournalEntry): Promise<void> {
    const deadline = currentDeadline();
    if (!deadline) return entry.committed();
    const { leftMs } = deadline;
    const timer = setTimeout(() => this.deps.journal.withdraw(entry), leftMs - Math.min(WITHDRAW_MS, leftMs / 2));
    try {
      await withinDeadline(entry.committed(), "The request's time was over before the execution was stored", true);
    } finally {
      clearTimeout(timer);
    }
  }

  private async begin(created: CreatedEvent, plan: Plan, carried: readonly CarriedStep[]): Promise<ExecutionRecord> {
    const { worker, dispatcher, journal, stepIds } = this.deps;
    this.refuseOverdue();
    const ids: StepId[] = [];
    for (const _ of carried) ids.push(await stepIds.next());
    const prepare = (entry: JournalEntry): void =>
      carried.forEach((step, i) => {
        const stepId = ids[i]!;
        const isHidden = plan.definition.steps[step.index]!.isSecret && step.output !== null;
        const shown = isHidden ? { ...step, output: MASK } : step;
        const sealed = isHidden ? this.seal(step.output, `execution:${created.executionId}/step:${stepId}`) : undefined;
        entry.record("step.carried", stepId, shown, created.at, sealed);
      });
    const tenantId = created.data.tenant_id;
    const size = sizeOfStart(created, carried);
    const place = worker?.place(tenantId, size);
    if (worker && place) {
      const run = worker.begin(created, plan, place, carried.length > 0 ? prepare : undefined);
      // Its first flush is taken at the end of this turn, with whatever the run gets done until then.
      await this.stored(run.entry);
      return run.execution;
    }
    // For whichever worker has room for it first.
    const entry = new JournalEntry(create(created), 0, created);
    prepare(entry);
    journal.changed(entry);
    await this.stored(entry);
    dispatcher.enqueue(created.executionId, 0, { id: created.executionId, tenantId, size });
    return entry.state.execution;
  }
}

/** Characters of JSON that it begins with. */
function sizeOfStart({ data }: CreatedEvent, carried: readonly CarriedStep[]): number {
  return carried.reduce(
    (sum, { input, output }) => sum + jsonSize(input) + jsonSize(output),
    jsonSize(data.trigger_data),
  );
}

/** The caller has named the execution; what is wrong with its workflow is no field of his. */
function ofExecution(error: unknown): never {
  if (error instanceof DomainError && error.code === "WORKFLOW_NOT_FOUND") {
    throw new DomainError(error.code, error.message, { field: "execution_id" });
  }
  throw error;
}
