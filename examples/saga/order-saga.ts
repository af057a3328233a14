import type { Client } from "graphql-ws";
import { graphql, type Target } from "../demo/api.ts";
import { createProgress, type Happening } from "../demo/progress.ts";

const orderType = {
  name: "order",
  description: "Pays, takes a parcel from the shelf and sends it; or leaves everything as it was",
  inputSchema: {
    type: "object",
    required: ["order", "amount", "to"],
    properties: { order: { type: "integer" }, amount: { type: "number", minimum: 1 }, to: { type: "string" } },
  },
  timeoutSeconds: 60,
  steps: [
    { name: "pay", service: "payment", command: "charge", compensation: { command: "refund", when: "attempted" } },
    { name: "reserve", service: "stock", command: "reserve", compensation_command: "release" },
    { name: "ship", service: "shipping", command: "ship", compensation_command: "recall" },
    {
      name: "thank",
      type: "log",
      config: { message: "Order {{trigger.order}} is on its way: {{steps.ship.tracking}}" },
    },
  ],
};

interface UserErrors {
  readonly userErrors: readonly { readonly message: string }[];
}

export interface EndedSaga {
  readonly status: string;
  readonly correlationId: string;
  readonly output: Readonly<Record<string, unknown>>;
  readonly error: { readonly message: string } | null;
}

export async function registerOrderType(target: Target): Promise<void> {
  const { registerSagaType } = await graphql<{ registerSagaType: UserErrors }>(
    target,
    "mutation ($input: RegisterSagaTypeInput!) { registerSagaType(input: $input) { userErrors { message } } }",
    { input: orderType },
  );
  check(registerSagaType);
}

export async function startOrder(
  target: Target,
  input: { order: number; amount: number; to: string },
): Promise<string> {
  const { startSaga } = await graphql<{ startSaga: UserErrors & { readonly saga: { readonly id: string } } }>(
    target,
    "mutation ($input: StartSagaInput!) { startSaga(input: $input) { saga { id } userErrors { message } } }",
    { input: { type: "order", input, correlationId: `order-${input.order}` } },
  );
  check(startSaga);
  return startSaga.saga.id;
}

/** Shows what happens to a saga as it happens; returns when it is over. */
export async function watchSaga(client: Client, sagaId: string, write: (text: string) => void): Promise<void> {
  const show = createProgress(write);
  const events = client.iterate<{ sagaEvents: Happening }>({
    query: "subscription ($sagaId: ID!) { sagaEvents(sagaId: $sagaId) { seq type at stepName data } }",
    variables: { sagaId },
  });
  for await (const { data, errors } of events) {
    if (errors) throw new Error(errors.map(({ message }) => message).join("; "));
    if (data) show(data.sagaEvents);
  }
}

export async function endOf(target: Target, sagaId: string): Promise<EndedSaga> {
  const { saga } = await graphql<{ saga: EndedSaga }>(
    target,
    "query ($id: ID!) { saga(id: $id) { status correlationId output error { message } } }",
    { id: sagaId },
  );
  return saga;
}

function check({ userErrors }: UserErrors): void {
  if (userErrors.length > 0) throw new Error(userErrors.map(({ message }) => message).join("; "));
}
