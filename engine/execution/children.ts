import type pg from "pg";
import { noMask } from "../expression/index.ts";
import type { Child } from "../journal/index.ts";
import type { RateLimiter } from "../limits/index.ts";
import {
  childOf,
  childUid,
  create,
  DomainError,
  type ExecutionEvent,
  type ExecutionId,
  type ExecutionRecord,
  isExecutionOver,
  type JsonObject,
  type JsonValue,
  StepError,
  type StepOutcome,
  type StepRecord,
  type TenantId,
  visibleOutput,
} from "../model/index.ts";
import { type Clock, patiently } from "../runtime/index.ts";
import type { Keyring } from "../secret/index.ts";
import { type IdBlocks, readExecution, readSteps } from "../store/index.ts";
import type { Plans, WorkflowService } from "../workflow/index.ts";
import { isReopenable } from "./command-rules.ts";
import { type Descendants, MAX_DEPTH, payDescendant, rootOf } from "./descendants.ts";
import type { ChildToAwait, RunPorts } from "./ports.ts";
import { RunSecrets } from "./run-secrets.ts";

interface Deps {
  readonly clock: Pick<Clock, "now">;
  readonly pool: pg.Pool;
  readonly workflows: WorkflowService;
  readonly ids: IdBlocks<ExecutionId>;
  readonly descendants: Descendants;
  readonly rateLimiter: RateLimiter;
  readonly plans: Plans;
  readonly keyring: Keyring;
}

/** How a `workflow` step starts its child or goes on with it, and reads what became of it. */
export function childExecutions(deps: Deps): Pick<RunPorts, "child" | "childStored" | "childResult"> {
  return {
    child: patient(async (parent, step, request, shownTrigger) => {
      const earlierId = childOf(step);
      const earlier = earlierId === null ? null : await readExecution(deps.pool, earlierId);
      const known = earlier && goOnWith(earlier);
      return known ?? { kind: "new", child: await make(deps, parent, step, { ...request, shownTrigger }, earlier) };
    }),
    childStored: ({ state }) => deps.descendants.settled(rootOf(state.execution), state.execution.id),
    childResult: patient(async (executionId, inClear) => {
      const [execution, steps] = await Promise.all([
        readExecution(deps.pool, executionId),
        readSteps(deps.pool, [executionId]),
      ]);
      const secrets = new RunSecrets(executionId, { keyring: deps.keyring, mask: noMask });
      const records = steps.get(executionId) ?? [];
      const told = inClear ? records.map((step) => ({ ...step, output: secrets.outputOf(step) })) : records;
      if (!execution) throw new Error(`Child execution ${executionId} is gone`);
      return { status: execution.status, result: resultOf(told), error: execution.error };
    }),
  };
}

/** The parent is in hand: what it has done is not thrown away because Postgres could not be asked. */
function patient<A extends readonly unknown[], R>(ask: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
  return (...args) => patiently(() => ask(...args));
}

/** What a child has done is not done again, unless it was undone. Null: it cannot go on. */
function goOnWith(child: ExecutionRecord): ChildToAwait | null {
  const { id, status } = child;
  if (status === "completed") return { kind: "completed", id };
  const reopens = isReopenable(child);
  return reopens || !isExecutionOver(status) ? { kind: "known", id, reopens } : null;
}

type ChildRequest = Parameters<RunPorts["child"]>[2] & { readonly shownTrigger: JsonObject | null };

/** Makes, but does not store it. */
async function make(
  deps: Deps,
  parent: ExecutionRecord,
  step: StepRecord,
  { triggerData, shownTrigger, ...request }: ChildRequest,
  earlier: ExecutionRecord | null,
): Promise<Child> {
  const depth = parent.depth + 1;
  if (depth > MAX_DEPTH) refuse(`Child executions nest deeper than ${MAX_DEPTH} levels`);
  const workflowId = request.workflowId ?? (await deps.workflows.idOf(parent.tenantId, request.workflowName ?? ""));
  if (workflowId === null) refuse(`No workflow is named "${request.workflowName}"`);
  const workflow = await deps.workflows.executable(parent.tenantId, workflowId).catch((error: unknown) => {
    // Only what is wrong with the workflow is final; that Postgres cannot be asked is not.
    if (error instanceof DomainError) refuse(error.message);
    throw error;
  });
  if (shownTrigger !== null) await checkTakesSecrets(deps.plans, workflowId, workflow.version);
  const executionId = await deps.ids.next();
  const rootId = rootOf(parent);
  if (!(await deps.descendants.admits(rootId, executionId))) {
    throw new StepError("DESCENDANT_LIMIT", deps.descendants.refusal, { retryable: false });
  }
  try {
    await charge(deps.rateLimiter, parent.tenantId);
  } catch (error) {
    deps.descendants.settled(rootId, executionId);
    throw error;
  }
  const created: ExecutionEvent = {
    executionId,
    seq: 1,
    type: "execution.created",
    stepId: null,
    at: deps.clock.now(),
    ...(shownTrigger !== null && { sealed: deps.keyring.seal(triggerData, `execution:${executionId}/trigger`) }),
    data: {
      uid: childUid(parent, step.name, earlier, executionId),
      tenant_id: parent.tenantId,
      workflow_id: workflowId,
      workflow_version: workflow.version,
      trigger_type: parent.triggerType,
      trigger_data: shownTrigger ?? triggerData,
      correlation_id: parent.correlationId,
      idempotency_key: null,
      request_hash: null,
      parent_id: parent.id,
      parent_step_id: step.id,
      forked_from_id: null,
      depth,
      ...(parent.afterFailure && { after_failure: true as const }),
      root_id: rootId,
      ...(parent.traceparent === null ? {} : { traceparent: parent.traceparent }),
    },
  };
  return { state: create(created), created };
}

/** The documented `result_data`: step name → output, of the steps of the definition that have one. */
export function resultOf(steps: readonly StepOutcome[]): JsonObject {
  const result: Record<string, JsonValue> = Object.create(null) as Record<string, JsonValue>;
  for (const step of steps) {
    const output = step.parentId === null && step.role === "action" ? visibleOutput(step) : undefined;
    if (output !== undefined) result[step.name] = output;
  }
  return result;
}

/** A tenant that has spent its minute's budget waits for the next. */
async function charge(rateLimiter: RateLimiter, tenantId: TenantId): Promise<void> {
  const spent = await payDescendant(rateLimiter, tenantId);
  if (spent === null) return;
  throw new StepError("BUDGET_SPENT", `Workflows of this tenant have started ${spent.limit} executions this minute`, {
    retryAfterMs: spent.retryAfterSeconds * 1_000,
  });
}

/** A child whose conditions read the trigger would show what it was given. */
async function checkTakesSecrets(plans: Plans, workflowId: number, version: number): Promise<void> {
  const [plain, secret] = await Promise.all([plans.get(workflowId, version), plans.get(workflowId, version, true)]);
  const before = new Set(plain.definition.exposed.map(({ path }) => path));
  const issue = secret.definition.exposed.find(({ path }) => !before.has(path));
  if (issue) refuse(`The child cannot be given a secret: ${issue.path} ${issue.message}`);
}

function refuse(message: string): never {
  throw new StepError("CONFIG_INVALID", message, { retryable: false });
}
