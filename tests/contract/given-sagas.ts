import type { SagaApi } from "../support/saga-api.ts";

const note = { name: "note", type: "log", config: { message: "hello" } };

/** What the document of the saga API cannot tell. */
export function givenSagas(api: SagaApi) {
  let made = 0;
  const typeBody = () => ({ name: `type_${++made}`, description: "of the contract suite", steps: [note] });
  const post = async (path: string, body: object) => {
    const answer = await api.rest("POST", path, body);
    if (answer.status !== 200) throw new Error(`POST ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  return {
    address: api.address,
    secret: api.secret,
    log: [],
    idFor: async (parameter: string): Promise<string> => {
      const type = typeBody();
      switch (parameter) {
        case "name":
          await post("/api/v1/sagas/types", type);
          return type.name;
        case "saga_id":
          await post("/api/v1/sagas/types", type);
          return (await post("/api/v1/sagas/start", { saga_type: type.name, input_data: {} })).saga_id;
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
            input_data: { workflow_id: 1, timeout_seconds: 600 },
            correlation_id: "c",
          };
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
