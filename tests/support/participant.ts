import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { JsonObject } from "../../engine/model/json.ts";

/** A command or compensation as it came in. */
export interface Received {
  readonly kind: "commands" | "compensations";
  readonly key: string;
  readonly correlationId: string;
  readonly body: {
    readonly saga_id: string;
    readonly step_id: string;
    readonly command: string;
    readonly correlation_id: string;
    readonly data: JsonObject;
  };
}

/** What a participant answers; `hang`: nothing, until the caller gives up; `drop`: it breaks the connection. */
export type Reply = { readonly status?: number; readonly body?: unknown } | "hang" | "drop";

export interface TestParticipant {
  readonly url: string;
  readonly received: Received[];
  close(): Promise<void>;
}

/** A service that carries out commands over HTTP. `answer` is called once for each request. */
export async function testParticipant(answer: (request: Received) => Reply | Promise<Reply>): Promise<TestParticipant> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request.setEncoding("utf8")) text += chunk;
    const one: Received = {
      kind: request.url === "/commands" ? "commands" : "compensations",
      key: String(request.headers["idempotency-key"]),
      correlationId: String(request.headers["x-correlation-id"]),
      body: JSON.parse(text),
    };
    received.push(one);
    const reply = await answer(one);
    if (reply === "hang") return;
    if (reply === "drop") return void request.socket.destroy();
    const { status = 200, body = {} } = reply;
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
