import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What sagas reach: carries out every command but `refuse`. Tells its port to the parent and ends with it. */
const server = createServer(async (request, response) => {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  response.statusCode = text.includes('"command":"refuse"') ? 422 : 200;
  response.setHeader("content-type", "application/json");
  response.end('{"accepted":true}');
});
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.once("disconnect", () => process.exit());
