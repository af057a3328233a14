import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

/** Which methods each address takes: Fastify tells only of patterns, not of addresses. */
export class Methods {
  private readonly routes: { readonly pattern: RegExp; readonly methods: Set<string> }[] = [];
  private readonly known = new Map<string, Set<string>>();

  /** Learns of every route that is registered from now on. */
  watch(server: FastifyInstance): void {
    server.addHook("onRoute", ({ url, method }) => {
      const methods = this.known.get(url) ?? new Set(["OPTIONS"]);
      for (const one of [method].flat()) methods.add(one);
      if (this.known.has(url)) return;
      this.known.set(url, methods);
      const parts = url.split("/").map((part) => (part.startsWith(":") ? "[^/]+" : part.replaceAll(/\W/g, "\\$&")));
      this.routes.push({ pattern: new RegExp(`^${parts.join("/").replace(/\/$/, "")}/?$`), methods });
    });
  }

  /** Of an address without its query; null when nothing is there. */
  at(path: string): string | null {
    const found = this.routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => [...methods]);
    return found.length === 0 ? null : [...new Set(found)].sort().join(", ");
  }
}

/** OPTIONS of an address that exists: what can be asked of it. Needs no key, as it tells no more than the document does. */
export function answerOptions(methods: Methods, request: FastifyRequest, reply: FastifyReply): boolean {
  const allow = methods.at(request.url.split("?", 1)[0]!);
  if (allow === null) return false;
  reply.header("allow", allow);
  if (request.method !== "OPTIONS") return false;
  reply.code(204).send();
  return true;
}
