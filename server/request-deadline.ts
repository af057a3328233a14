import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Deadline, DeadlineError } from "../engine/index.ts";

/** What waited for Postgres has this long to say so itself, in better words. */
const graceMs = 500;

declare module "fastify" {
  interface FastifyInstance {
    /** What a request may wait for the service. */
    readonly requestMs: number;
  }
}

/**
 * Gives each request its deadline, which all that it waits for in the engine keeps to; and answers it in the end even
 * if something does not.
 */
export function limitRequests(server: FastifyInstance, requestMs: number): void {
  const deadlines = new WeakMap<FastifyRequest, Deadline>();
  const timers = new WeakMap<FastifyRequest, NodeJS.Timeout>();
  server.decorate("requestMs", requestMs);

  server.addHook("onRequest", (request, _reply, done) => {
    const deadline = new Deadline(requestMs);
    deadlines.set(request, deadline);
    deadline.run(done);
  });
  // Anew, and not in onRequest alone: a body arrives as slowly as its client sends it, and in another context.
  server.addHook("preHandler", (request, reply, done) => {
    const deadline = deadlines.get(request)!;
    deadline.restart();
    watch(request, reply, deadline);
    deadline.run(done);
  });
  server.addHook("onResponse", (request, _reply, done) => {
    deadlines.get(request)?.end();
    clearTimeout(timers.get(request));
    done();
  });

  function watch(request: FastifyRequest, reply: FastifyReply, deadline: Deadline): void {
    const timer = setTimeout(() => {
      if (!deadline.isOn || reply.sent || reply.raw.headersSent) return;
      if (deadline.leftMs > 0) watch(request, reply, deadline);
      else reply.send(new DeadlineError("The request's time was over", true));
    }, deadline.leftMs + graceMs);
    timers.set(request, timer.unref());
  }
}
