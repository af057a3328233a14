// npm ci --prefix examples/client-libraries
// STEPWIRE_API_KEY=sw_… node examples/client-libraries/with-urql.ts
import { createClient, fetchExchange } from "@urql/core";
import { RecentExecutions } from "../client/operations.ts";
import { type Server, serverFromEnvironment } from "../client/server.ts";

/** Ids of the latest executions, with urql. */
async function recentWithUrql({ url, apiKey }: Server): Promise<string[]> {
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

console.log(...(await recentWithUrql(serverFromEnvironment())));
