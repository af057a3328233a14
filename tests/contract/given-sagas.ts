import type { SagaApi } from "../support/saga-api.ts";

const note = { name: "note", type: "log", config: { message: "hello" } };
const wait = { name: "wait", type: "delay", config: { seconds: 600 } };
const failing = {
  type: "file_process",
  config: { action: "validate", file_id: "999999" },
  retry: { max_attempts: 1 },
};

/** What the document of the saga API cannot tell. */
export async function givenSagas(api: SagaApi) {
  let made = 0;
  const typeBody = (steps: readonly object[] = [note]) => ({
    name: `type_${++made}`,
    description: "of the contract suite",
    steps,
  });
  const post = async (path: string, body: object) => {
    const answer = await api.rest("POST", path, body);
    if (answer.status !== 200) throw new Error(`POST ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const typeOf = async (...steps: object[]): Promise<string> =>
    (await post("/api/v1/sagas/types", typeBody(steps))).name;
  const quick = await typeOf(note);
  const slow = await typeOf(wait);
  const stuck = await typeOf({ ...note, compensate: failing }, { name: "fail", ...failing });
  const { workflowId } = await api.t.start([note]);

  const saga = async (operationId: string): Promise<string> => {
    const start = async (saga_type: string): Promise<string> =>
      (await post("/api/v1/sagas/start", { saga_type, input_data: {} })).saga_id;
    if (operationId === "cancelSaga") return start(slow);
    if (!operationId.endsWith("Compensation")) return start(quick);
    const id = await start(stuck);
    await api.finished(id);
    return id;
  };
  return {
    address: api.address,
    secret: api.secret,
    keyFor: api.keyFor,
    log: [],
    idFor: async (parameter: string, operationId: string): Promise<string> => {
      switch (parameter) {
        case "name":
          return typeOf(note);
        case "saga_id":
          return saga(operationId);
        case "stream_id":
          return `order-${made}`;
        default:
          throw new Error(`tests/contract/given-sagas.ts has no ${parameter}: make one there`);
      }
    },
    bodyFor: (operationId: string): unknown => {
      switch (operationId) {
        case "registerSagaType":
          return typeBody();
        case "startSaga":
          return {
            saga_type: "workflow_execution",
            input_data: { workflow_id: workflowId, timeout_seconds: 600 },
            correlation_id: "c",
          };
        case "skipCompensation":
          return { step: note.name, reason: "settled by hand" };
        case "publishEvent":
          return {
            event_type: "order.placed",
            aggregate_id: "7",
            aggregate_type: "order",
            data: { total: 3 },
            correlation_id: "c",
          };
        default:
          return null;
      }
    },
    close: () => api.close(),
  };
}
