import DataLoader from "dataloader";
import {
  type Actor,
  type Attempt,
  answerTooLarge,
  type Engine,
  type EventKey,
  type EventSummary,
  type ExecutionStatus,
  type ExecutionSummary,
  type FileListing,
  type JsonObject,
  type JsonValue,
  type OwnedStep,
  type Page,
  type StepSummary,
  type Template,
  type TemplateUsage,
  type WebhookDelivery,
  type Window,
  type WorkflowRow,
  type WorkflowVersionRow,
} from "../engine/index.ts";

/** What many fields of one operation ask for in the same turn is read with one statement. */
export interface Loaders {
  readonly workflow: DataLoader<number, WorkflowRow | null>;
  readonly version: DataLoader<{ workflowId: number; version: number }, WorkflowVersionRow>;
  readonly execution: DataLoader<number, ExecutionSummary | null>;
  readonly triggerData: DataLoader<number, JsonObject>;
  readonly step: DataLoader<number, OwnedStep | null>;
  readonly stepInput: DataLoader<number, JsonValue>;
  readonly stepOutput: DataLoader<number, JsonValue>;
  readonly delivery: DataLoader<number, WebhookDelivery | null>;
  readonly result: DataLoader<number, JsonObject>;
  readonly stepCount: DataLoader<number, number>;
  readonly steps: DataLoader<Request<Window>, Page<StepSummary>>;
  readonly events: DataLoader<Request<Window>, Page<EventSummary>>;
  readonly eventData: DataLoader<EventKey, JsonObject>;
  readonly attempts: DataLoader<{ executionId: number; stepId: number }, readonly Attempt[]>;
  readonly waitingSteps: DataLoader<number, readonly StepSummary[]>;
  readonly versions: DataLoader<Request<Window>, Page<WorkflowVersionRow>>;
  readonly template: DataLoader<number, Template | null>;
  readonly templateUsage: DataLoader<Template, TemplateUsage>;
  readonly file: DataLoader<number, FileListing | null>;
  readonly fileText: DataLoader<number, string | null>;
  readonly executionsOfWorkflow: DataLoader<Request<ListOfWorkflow>, Page<ExecutionSummary>>;
  readonly executionCount: DataLoader<Request<{ statuses: readonly ExecutionStatus[] | undefined }>, number>;
}

interface Request<A> {
  readonly of: number;
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
  { workflows, templates, files, executionQueries: queries, deliveries }: Engine,
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

function byId<T, D>(load: (ids: number[]) => Promise<ReadonlyMap<number, T>>, missing: D): DataLoader<number, T | D> {
  return new DataLoader(
    async (ids) => {
      const found = await load([...new Set(ids)]);
      return ids.map((id) => found.get(id) ?? missing);
    },
    { cache: false },
  );
}

/** What the engine leaves out is more than it reads at once. */
function byIdWhatFits<T>(load: (ids: number[]) => Promise<ReadonlyMap<number, T>>): DataLoader<number, T> {
  return new DataLoader<number, T>(
    async (ids) => {
      const found = await load([...new Set(ids)]);
      return ids.map((id) => (found.has(id) ? found.get(id)! : answerTooLarge()));
    },
    { cache: false },
  );
}

/** One statement for each set of arguments: the same field of many parents has the same ones. */
function byArguments<A, T>(
  load: (ids: number[], args: A) => Promise<ReadonlyMap<number, T>>,
  missing: T,
): DataLoader<Request<A>, T> {
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
