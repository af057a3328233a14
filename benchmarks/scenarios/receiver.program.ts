import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What the effects reach: reads the request, answers with a little JSON. Tells its port to the parent and ends with it. */
const server = createServer((request, response) => {
  request.resume();
  request.once("end", () => {
    response.setHeader("content-type", "application/json");
    response.end('{"accepted":true}');
  });
});
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.once("disconnect", () => process.exit());
