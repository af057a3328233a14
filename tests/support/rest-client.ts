import { setTimeout as sleep } from "node:timers/promises";
import type { Service } from "./service.ts";

/** Of a service that was started with it. */
export const API_KEY = "sw_Wc6gP3dLv9sN1kQe7bUzR8";
const POLL_MS = 25;

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests read what they asked for, whatever its shape.
  readonly body: any;
}

/** Asks a service in another process. */
export async function ask(
  service: Service,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const response = await fetch(`${await service.address}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${API_KEY}`,
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/** Polls, as clients of the documented API do, until the execution is over. */
export async function ended(service: Service, executionId: number): Promise<Reply["body"]> {
  for (;;) {
    const { body } = await ask(service, "GET", `/api/v1/workflows/executions/${executionId}`);
    if (!["pending", "running"].includes(body.status)) return body;
    await sleep(POLL_MS);
  }
}

/** @returns the id of a new workflow. */
export async function workflowOf(service: Service, name: string, steps: readonly unknown[]): Promise<number> {
  const { status, body } = await ask(service, "POST", "/api/v1/workflows", { name, workflow_config: { steps } });
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body.id;
}
