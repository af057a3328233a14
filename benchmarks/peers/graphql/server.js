import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import Fastify from "fastify";
import mercurius from "mercurius";
import { resolversOf, typeDefs } from "./schema.js";
import { memory, postgres } from "./sources.js";

const [kind, sourceName] = process.argv.slice(2);
const source = sourceName === "memory" ? memory : await postgres(process.env.DATABASE_URL);
const resolvers = resolversOf(source);

/** As their own introductions start them. */
const servers = {
  apollo: async () => {
    const server = new ApolloServer({ typeDefs, resolvers });
    const { url } = await startStandaloneServer(server, {
      listen: { host: "127.0.0.1", port: 0 },
      context: async () => source.createContext(),
    });
    return { origin: url.replace(/\/$/, ""), path: "/", stop: () => server.stop() };
  },
  mercurius: () => startMercurius(0),
  "mercurius-jit": () => startMercurius(1),
};

async function startMercurius(jit) {
  const server = Fastify();
  server.register(mercurius, { schema: typeDefs, resolvers, jit, context: () => source.createContext() });
  return {
    origin: await server.listen({ host: "127.0.0.1", port: 0 }),
    path: "/graphql",
    stop: () => server.close(),
  };
}

const { origin, path, stop } = await servers[kind]();
process.send({ origin, path });
process.once("SIGTERM", async () => {
  await stop();
  await source.close();
  process.disconnect();
});
