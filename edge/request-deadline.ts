import type { FastifyInstance, FastifyReply } from "fastify";
import { Deadline, DeadlineError } from "../engine/index.ts";

/** What waited for Postgres has this long to say so itself, in better words. */
const GRACE_MS = 500;

declare module "fastify" {
  interface FastifyInstance {
    /** What a request may wait for the service. */
    readonly requestMs: number;
  }
  interface FastifyRequest {
    /** By when it is answered. */
    deadline: Deadline;
  }
}

/**
 * Gives each request its deadline, which all that it waits for in the engine keeps to; and answers it in the end even
 * if something does not.
 */
export function limitRequests(server: FastifyInstance, requestMs: number): void {
  server.decorate("requestMs", requestMs);
  server.decorateRequest("deadline");

  server.addHook("onRequest", (request, reply, done) => {
    const deadline = new Deadline(requestMs);
    request.deadline = deadline;
    // Answered, or given up by the client.
    reply.raw.once("close", () => deadline.end());
    deadline.run(done);
  });
  // Anew, and not in onRequest alone: a body arrives as slowly as its client sends it, and in another context.
  server.addHook("preHandler", (request, reply, done) => {
    const { deadline } = request;
    deadline.restart();
    const late = (): void => answerSoon(reply, deadline);
    deadline.watch(late);
    deadline.run(done);
  });
}

function answerSoon(reply: FastifyReply, deadline: Deadline): void {
  const answer = (): void => {
    if (!deadline.isOn || reply.sent || reply.raw.headersSent) return;
    reply.send(new DeadlineError("The request's time was over", true));
  };
  setTimeout(answer, GRACE_MS).unref();
}
