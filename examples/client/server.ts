import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { print } from "graphql";

/** Where the service is, and a key to it. */
export interface Server {
  /** Such as `http://127.0.0.1:8006`. */
  readonly url: string;
  readonly apiKey: string;
}

/** From the environment: STEPWIRE_URL, which defaults to this machine, and STEPWIRE_API_KEY. */
export function serverFromEnvironment(): Server {
  const { STEPWIRE_URL: url = "http://127.0.0.1:8006", STEPWIRE_API_KEY: apiKey } = process.env;
  if (apiKey === undefined)
    throw new Error("Set STEPWIRE_API_KEY to a key of the service: it shows one when it first starts");
  return { url, apiKey };
}

/** A query or mutation over HTTP, with `fetch` alone. The types of its variables and result come from the schema. */
export async function request<Result, Variables>(
  { url, apiKey }: Server,
  document: TypedDocumentNode<Result, Variables>,
  variables: Variables,
): Promise<Result> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${apiKey}` },
    body: JSON.stringify({ query: print(document), variables }),
  });
  const { data, errors } = (await response.json()) as { data?: Result; errors?: { message: string }[] };
  if (errors) throw new Error(errors.map(({ message }) => message).join("; "));
  return data!;
}
