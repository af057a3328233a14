import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { findBinaries } from "../../server/postgres/binaries.ts";
import { openOrCreateCluster, SUPERUSER } from "../../server/postgres/cluster.ts";
import { readPostmasterFile } from "../../server/postgres/orphan.ts";
import { type Postmaster, startPostmaster } from "../../server/postgres/postmaster.ts";
import { chooseRunAs } from "../../server/postgres/run-as.ts";
import { type TcpProxy, tcpProxy } from "../support/tcp-proxy.ts";

/** How a server is asked to go. */
const signals = { kill: "SIGKILL", fast: "SIGINT", immediate: "SIGQUIT" } as const;
/** Of the role that the service connects as: it is no superuser, whom limits of connections would spare. */
const ROLE = "service";

/** A Postgres to be hurt: the service reaches it through a proxy, and so at the same address after each start. */
export class ChaosPostgres {
  private postmaster: Postmaster | null = null;

  private constructor(
    private readonly folder: string,
    private readonly cluster: Awaited<ReturnType<typeof openOrCreateCluster>>,
    private readonly binary: string,
    private readonly runAs: Awaited<ReturnType<typeof chooseRunAs>>,
    readonly proxy: TcpProxy,
  ) {}

  /** In `folder`, or one of its own. */
  static async open(folder?: string): Promise<ChaosPostgres> {
    const own = folder ?? (await mkdtemp(join(tmpdir(), "stepwire-chaos-")));
    const clusterDir = join(own, "postgres");
    const runAs = await chooseRunAs(clusterDir);
    const binaries = await findBinaries(runAs);
    const cluster = await openOrCreateCluster(clusterDir, binaries, runAs);
    const proxy = await tcpProxy("postgresql://127.0.0.1:1");
    const postgres = new ChaosPostgres(own, cluster, binaries.postgres, runAs, proxy);
    await postgres.start();
    await postgres.admin(`CREATE ROLE ${ROLE} LOGIN PASSWORD '${ROLE}'`);
    return postgres;
  }

  /** Of the user that it runs as. */
  get uid(): number {
    return this.runAs?.uid ?? process.getuid!();
  }

  async start(): Promise<void> {
    this.postmaster = await startPostmaster(this.binary, this.cluster.dataDir, this.runAs);
    this.proxy.retarget(this.postmaster.port);
  }

  async stop(how: keyof typeof signals): Promise<void> {
    const file = await readPostmasterFile(this.cluster.dataDir);
    process.kill(file!.pid, signals[how]);
    await this.postmaster!.ended;
  }

  /** Makes an empty database for a service; its address leads through the proxy. */
  async database(name: string): Promise<string> {
    await this.admin(`CREATE DATABASE ${name} OWNER ${ROLE}`);
    const url = new URL(this.proxy.url);
    Object.assign(url, { username: ROLE, password: ROLE, pathname: `/${name}` });
    return url.href;
  }

  /** The address for a look at the rows, past the proxy. */
  direct(name: string): string {
    return `postgresql://${SUPERUSER}:${this.cluster.password}@127.0.0.1:${this.postmaster!.port}/${name}`;
  }

  /** One statement of the superuser, on a connection of its own. */
  async admin(statement: string, database = "postgres"): Promise<void> {
    await this.session(database, async (client) => void (await client.query(statement)));
  }

  /** Ends the connections of the service to a database. */
  terminate(database: string): Promise<void> {
    return this.admin(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${database}' AND usename = '${ROLE}'`,
    );
  }

  async session<T>(database: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({ connectionString: this.direct(database) });
    client.on("error", () => {});
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  async close(): Promise<void> {
    this.proxy.close();
    await this.postmaster?.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

export const serviceRole = ROLE;
