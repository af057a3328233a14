import { createClient, fetchExchange } from "@urql/core";
import { RecentExecutions } from "./operations.ts";
import type { Server } from "./server.ts";

/** Ids of the latest executions, with urql. */
export async function recentWithUrql({ url, apiKey }: Server): Promise<string[]> {
  const client = createClient({
    url: `${url}/graphql`,
    exchanges: [fetchExchange],
    fetchOptions: { headers: { authorization: `Bearer ${apiKey}` } },
    preferGetMethod: false,
  });
  const { data, error } = await client.query(RecentExecutions, { first: 10 }).toPromise();
  if (error) throw error;
  return data!.executions.nodes.map(({ id }) => id);
}
