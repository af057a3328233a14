import DataLoader from "dataloader";
import type {
  Actor,
  Engine,
  ExecutionEvent,
  ExecutionRecord,
  ExecutionStatus,
  JsonObject,
  OwnedStep,
  Page,
  StepRecord,
  WebhookDelivery,
  Window,
  WorkflowRow,
  WorkflowVersionRow,
} from "../engine/index.ts";

/** What many fields of one operation ask for in the same turn is read with one statement. */
export interface Loaders {
  readonly workflow: DataLoader<number, WorkflowRow | null>;
  readonly version: DataLoader<{ workflowId: number; version: number }, WorkflowVersionRow>;
  readonly execution: DataLoader<number, ExecutionRecord | null>;
  readonly step: DataLoader<number, OwnedStep | null>;
  readonly delivery: DataLoader<number, WebhookDelivery | null>;
  readonly result: DataLoader<number, JsonObject>;
  readonly stepCount: DataLoader<number, number>;
  readonly steps: DataLoader<Request<Window>, Page<StepRecord>>;
  readonly events: DataLoader<Request<Window>, Page<ExecutionEvent>>;
  readonly executionsOfWorkflow: DataLoader<Request<ListOfWorkflow>, Page<ExecutionRecord>>;
  readonly executionCount: DataLoader<Request<{ statuses: readonly ExecutionStatus[] | null }>, number>;
}

interface Request<A> {
  readonly of: number;
  readonly args: A;
}

interface ListOfWorkflow {
  readonly window: Window;
  readonly statuses: readonly ExecutionStatus[] | null;
}

const EMPTY = { items: [], hasMore: false };

/**
 * They gather, and remember nothing: a subscription keeps its context for hours, and must see each event's present.
 */
export function createLoaders(
  { workflows, executionQueries: queries, deliveries }: Engine,
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
    step: byId((ids) => queries.stepsByIds(tenantId, ids), null),
    delivery: byId((ids) => deliveries.byIds(tenantId, ids), null),
    result: byId((ids) => queries.resultsOf(ids), {}),
    stepCount: byId((ids) => queries.stepCounts(ids), 0),
    steps: byArguments((ids, window) => queries.stepsOf(ids, window), EMPTY),
    events: byArguments((ids, window) => queries.eventsOf(ids, window), EMPTY),
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
