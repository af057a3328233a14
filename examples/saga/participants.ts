import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What a participant is sent, as docs/saga.md says. */
export interface Command {
  readonly saga_id: string;
  readonly step_id: string;
  readonly command: string;
  readonly correlation_id: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What it answers: JSON that merges into the saga's output, or a refusal. */
export type Work = (command: Command) => object | { readonly refuse: string };

export interface Participant extends AsyncDisposable {
  readonly origin: string;
}

/**
 * A service of a saga in thirty lines: it carries out commands, undoes them, and does neither twice. The key of a request is
 * the same for each of its attempts, so the answer is kept by it.
 */
export async function startParticipant(commands: Work, compensations: Work): Promise<Participant> {
  const answers = new Map<string, { readonly status: number; readonly body: object }>();
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request.setEncoding("utf8")) text += chunk;
    const key = String(request.headers["idempotency-key"]);
    const answer = answers.get(key) ?? carryOut(request.url ?? "", JSON.parse(text) as Command);
    answers.set(key, answer);
    response.writeHead(answer.status, { "content-type": "application/json" }).end(JSON.stringify(answer.body));
  });

  function carryOut(path: string, command: Command): { status: number; body: object } {
    const work = path === "/commands" ? commands : path === "/compensations" ? compensations : null;
    if (work === null) return { status: 404, body: { error: "no such path" } };
    const result = work(command);
    return "refuse" in result ? { status: 422, body: { error: result.refuse } } : { status: 200, body: result };
  }

  return { origin: await listen(server), [Symbol.asyncDispose]: () => close(server) };
}

async function listen(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function close(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, "close");
}
