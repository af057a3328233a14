import DataLoader from "dataloader";
import {
  type Actor,
  type Attempt,
  answerTooLarge,
  type Engine,
  type EventKey,
  type EventSummary,
  type ExecutionId,
  type ExecutionStatus,
  type ExecutionSummary,
  type FileListing,
  type Hold,
  type JsonObject,
  type JsonValue,
  type OwnedStep,
  type Page,
  type StepId,
  type StepSummary,
  type Template,
  type TemplateUsage,
  type VersionKey,
  type WebhookDelivery,
  type Window,
  type WorkflowId,
  type WorkflowRow,
  type WorkflowVersionRow,
} from "../engine/index.ts";

/** What many fields of one operation ask for in the same turn is read with one statement. */
export interface Loaders {
  readonly workflow: DataLoader<number, WorkflowRow | null>;
  readonly version: DataLoader<VersionKey, WorkflowVersionRow>;
  readonly execution: DataLoader<number, ExecutionSummary | null>;
  readonly hold: DataLoader<ExecutionId, Hold | null>;
  readonly triggerData: DataLoader<ExecutionId, JsonObject>;
  readonly step: DataLoader<number, OwnedStep | null>;
  readonly stepInput: DataLoader<StepId, JsonValue>;
  readonly stepOutput: DataLoader<StepId, JsonValue>;
  readonly delivery: DataLoader<number, WebhookDelivery | null>;
  readonly result: DataLoader<ExecutionId, JsonObject>;
  readonly stepCount: DataLoader<ExecutionId, number>;
  readonly steps: DataLoader<Request<ExecutionId, Window>, Page<StepSummary>>;
  readonly events: DataLoader<Request<ExecutionId, Window>, Page<EventSummary>>;
  readonly eventData: DataLoader<EventKey, JsonObject>;
  readonly attempts: DataLoader<{ executionId: ExecutionId; stepId: StepId }, readonly Attempt[]>;
  readonly waitingSteps: DataLoader<ExecutionId, readonly StepSummary[]>;
  readonly versions: DataLoader<Request<WorkflowId, Window>, Page<WorkflowVersionRow>>;
  readonly template: DataLoader<number, Template | null>;
  readonly templateUsage: DataLoader<Template, TemplateUsage>;
  readonly file: DataLoader<number, FileListing | null>;
  readonly fileText: DataLoader<number, string | null>;
  readonly executionsOfWorkflow: DataLoader<Request<number, ListOfWorkflow>, Page<ExecutionSummary>>;
  readonly executionCount: DataLoader<
    Request<WorkflowId, { statuses: readonly ExecutionStatus[] | undefined }>,
    number
  >;
}

interface Request<K, A> {
  readonly of: K;
  readonly args: A;
}

interface ListOfWorkflow {
  readonly window: Window;
  readonly statuses: readonly ExecutionStatus[] | undefined;
}

const EMPTY = { items: [], hasMore: false };

/**
 * They gather, and remember nothing: a subscription keeps its context for hours, and must see each event's present.
 */
export function createLoaders(
  { workflows, templates, files, executionQueries: queries, retention, deliveries }: Engine,
  { tenantId }: Actor,
): Loaders {
  return {
    workflow: byId((ids) => workflows.byIds(tenantId, ids), null),
    version: new DataLoader(
      async (keys) => {
        const rows = new Map((await workflows.versions(keys)).map((row) => [`${row.workflowId}:${row.version}`, row]));
        return keys.map(
          ({ workflowId, version }) =>
            rows.get(`${workflowId}:${version}`) ?? new Error(`Workflow ${workflowId} has no version ${version}`),
        );
      },
      { cache: false },
    ),
    execution: byId((ids) => queries.byIds(tenantId, ids), null),
    hold: byId((ids) => retention.holdsOf(ids), null),
    triggerData: byIdWhatFits((ids) => queries.triggerDataOf(ids)),
    step: byId((ids) => queries.stepsByIds(tenantId, ids), null),
    stepInput: byIdWhatFits((ids) => queries.stepJsonOf(ids, "input")),
    stepOutput: byIdWhatFits((ids) => queries.stepJsonOf(ids, "output")),
    delivery: byId((ids) => deliveries.byIds(tenantId, ids), null),
    result: byIdWhatFits((ids) => queries.resultsOf(ids)),
    stepCount: byId((ids) => queries.stepCounts(ids), 0),
    steps: byArguments((ids, window) => queries.stepsOf(ids, window), EMPTY),
    events: byArguments((ids, window) => queries.eventsOf(ids, window), EMPTY),
    eventData: new DataLoader<EventKey, JsonObject>(
      async (keys) => {
        const found = await queries.eventDataOf(keys);
        return keys.map(({ executionId, seq }) => found.get(`${executionId}:${seq}`) ?? answerTooLarge());
      },
      { cache: false },
    ),
    attempts: new DataLoader(
      async (keys) => {
        const found = await queries.attemptsOf(keys);
        return keys.map(({ stepId }) => found.get(stepId) ?? []);
      },
      { cache: false },
    ),
    waitingSteps: byId((ids) => queries.waitingStepsOf(ids), []),
    versions: byArguments((ids, window) => workflows.versionsOf(ids, window), EMPTY),
    template: byId((ids) => templates.byIds(tenantId, ids), null),
    templateUsage: new DataLoader(
      async (rows) => {
        const found = await templates.usageOf(tenantId, rows);
        return rows.map(({ id }) => found.get(id)!);
      },
      { cache: false },
    ),
    file: byId((ids) => files.byIds(tenantId, ids), null),
    fileText: byId((ids) => files.textsOf(tenantId, ids), null),
    executionsOfWorkflow: byArguments(
      (ids, { statuses, window }) => queries.listOfWorkflows(tenantId, ids, statuses, window),
      EMPTY,
    ),
    executionCount: byArguments((ids, { statuses }) => queries.countOfWorkflows(ids, statuses), 0),
  };
}

function byId<K extends number, T, D>(
  load: (ids: K[]) => Promise<ReadonlyMap<number, T>>,
  missing: D,
): DataLoader<K, T | D> {
  return new DataLoader(
    async (ids) => {
      const found = await load([...new Set(ids)]);
      return ids.map((id) => found.get(id) ?? missing);
    },
    { cache: false },
  );
}

/** What the engine leaves out is more than it reads at once. */
function byIdWhatFits<K extends number, T>(load: (ids: K[]) => Promise<ReadonlyMap<number, T>>): DataLoader<K, T> {
  return new DataLoader<K, T>(
    async (ids) => {
      const found = await load([...new Set(ids)]);
      return ids.map((id) => (found.has(id) ? found.get(id)! : answerTooLarge()));
    },
    { cache: false },
  );
}

/** One statement for each set of arguments: the same field of many parents has the same ones. */
function byArguments<K extends number, A, T>(
  load: (ids: K[], args: A) => Promise<ReadonlyMap<number, T>>,
  missing: T,
): DataLoader<Request<K, A>, T> {
  return new DataLoader(
    async (requests) => {
      const keyed = requests.map((request) => ({ request, key: JSON.stringify(request.args) }));
      const found = new Map<string, ReadonlyMap<number, T>>();
      await Promise.all(
        [...Map.groupBy(keyed, ({ key }) => key)].map(async ([key, same]) => {
          const ids = [...new Set(same.map(({ request }) => request.of))];
          found.set(key, await load(ids, same[0]!.request.args));
        }),
      );
      return keyed.map(({ request, key }) => found.get(key)?.get(request.of) ?? missing);
    },
    { cache: false },
  );
}
