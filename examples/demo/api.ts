import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { type Client, createClient } from "graphql-ws";

/** A Stepwire and a key for it. */
export interface Target {
  readonly address: string;
  readonly apiKey: string;
}

const headersOf = ({ apiKey }: Target) => ({ authorization: `Bearer ${apiKey}` });

/** The data of a query or mutation, whose selection is `Data`. */
export async function graphql<Data>(target: Target, query: string, variables: object): Promise<Data> {
  const response = await fetch(`${target.address}/graphql`, {
    method: "POST",
    headers: { ...headersOf(target), "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data?: Data; errors?: { message: string }[] };
  if (errors || !data) throw new Error(errors?.map((error) => error.message).join("; ") ?? `HTTP ${response.status}`);
  return data;
}

/** Uploads a file as any client of the documented REST API does. */
export async function upload(target: Target, path: URL): Promise<{ id: number; filename: string }> {
  const form = new FormData();
  form.set("file", new File([await readFile(path)], basename(path.pathname)));
  const response = await fetch(`${target.address}/api/v1/files/upload`, {
    method: "POST",
    headers: headersOf(target),
    body: form,
  });
  const body = (await response.json()) as { id: number; filename: string; detail?: string };
  if (!response.ok) throw new Error(body.detail);
  return body;
}

/** A graphql-ws client. It reconnects by itself. */
export function live(target: Target): Client {
  return createClient({
    url: `${target.address.replace(/^http/, "ws")}/graphql`,
    connectionParams: headersOf(target),
  });
}
