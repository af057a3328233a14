import pg from "pg";
import type { Batch, Column } from "../../engine/journal/columns.ts";
import { newEvents, newSteps } from "../../engine/journal/rows.ts";
import { nothingWritten } from "../../engine/large-json/index.ts";
import { openDatabase } from "../../engine/store/database.ts";
import { type Load, loneLatency, sustainedRate } from "../harness/load.ts";
import { stepRows } from "./step-rows.ts";

const STEPS_PER_BATCH = 500;
const LONE_COMMITS = 500;
const time: Omit<Load, "inFlight"> = { warmUpMs: 500, measureMs: 2000 };

let nextStep = 0;

/** A step and its two events, in one statement: a commit costs one round trip. */
const singleSql = `
  WITH step AS (INSERT INTO execution_step (${newSteps.names}) VALUES ${tuple(newSteps.columns, 1)})
  INSERT INTO execution_event (${newEvents.names})
  VALUES ${tuple(newEvents.columns, newSteps.columns.length + 1)},
    ${tuple(newEvents.columns, newSteps.columns.length + newEvents.columns.length + 1)}`;

const batchSql = `
  WITH steps AS (INSERT INTO execution_step (${newSteps.names}) ${select(newSteps, "s", 1)})
  INSERT INTO execution_event (${newEvents.names}) ${select(newEvents, "e", newSteps.columns.length + 1)}`;

function tuple<Row>(columns: readonly Column<Row>[], first: number): string {
  return `(${columns.map((column, i) => `$${first + i}::${column.type}`).join(", ")})`;
}

function select<Row>(batch: Batch<Row>, alias: string, first: number): string {
  return `SELECT ${batch.names} FROM ${batch.source(alias, first)}`;
}

function valuesOf<Row>(columns: readonly Column<Row>[], row: Row): unknown[] {
  return columns.map(({ type, value }) => {
    const plain = value(row, nothingWritten);
    return type === "timestamptz" && plain !== null ? new Date(Number(plain)) : plain;
  });
}

async function insertOne(client: pg.Client): Promise<void> {
  const { step, events } = stepRows(nextStep++);
  const values = [
    ...valuesOf(newSteps.columns, step),
    ...events.flatMap((event) => valuesOf(newEvents.columns, event)),
  ];
  await client.query({ name: "single", text: singleSql, values });
}

async function insertBatch(client: pg.Client): Promise<void> {
  const rows = Array.from({ length: STEPS_PER_BATCH }, () => stepRows(nextStep++));
  const values = [
    ...newSteps.arrays(
      rows.map((row) => row.step),
      nothingWritten,
    ),
    ...newEvents.arrays(
      rows.flatMap((row) => row.events),
      nothingWritten,
    ),
  ];
  await client.query({ name: "batch", text: batchSql, values });
}

/** Each of the `inFlight` loops takes a connection of its own. */
async function rateOver(clients: readonly pg.Client[], insert: (client: pg.Client) => Promise<void>) {
  const free = [...clients];
  return sustainedRate({ ...time, inFlight: clients.length }, async () => {
    const client = free.pop()!;
    await insert(client);
    free.push(client);
  });
}

const url = process.env.DATABASE_URL!;
await (await openDatabase(url)).close();
const clients = Array.from({ length: 16 }, () => new pg.Client({ connectionString: url }));
await Promise.all(clients.map((client) => client.connect()));

const singleAlone = await rateOver(clients.slice(0, 1), insertOne);
const lone = await loneLatency(LONE_COMMITS, () => insertOne(clients[0]!));
const single16 = await rateOver(clients, insertOne);
const batch1 = await rateOver(clients.slice(0, 1), insertBatch);
const batch2 = await rateOver(clients.slice(0, 2), insertBatch);
await Promise.all(clients.map((client) => client.end()));

console.log(
  JSON.stringify({
    singleAlone: singleAlone.perSecond,
    singleAloneP50Ms: lone.p50Ms,
    single16: single16.perSecond,
    batch1: batch1.perSecond * STEPS_PER_BATCH,
    batch2: batch2.perSecond * STEPS_PER_BATCH,
    batch2CpuCores: batch2.cpuCores,
  }),
);
