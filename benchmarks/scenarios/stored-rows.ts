import pg from "pg";

const STEPS = 5;
/** Two for each step, and created, started and completed of the execution. */
const EVENTS = 2 * STEPS + 3;

/** A figure counts only when all that it stands for is in Postgres. */
export async function verifyStoredRows(databaseUrl: string, executions: number): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<Record<"executions" | "steps" | "events", string>>(`
      SELECT
        (SELECT count(*) FROM execution WHERE status = 'completed') AS executions,
        (SELECT count(*) FROM execution_step WHERE status = 'completed') AS steps,
        (SELECT count(*) FROM execution_event) AS events`);
    const stored = JSON.stringify(rows.map((row) => [row.executions, row.steps, row.events].map(Number)));
    const expected = JSON.stringify([[executions, executions * STEPS, executions * EVENTS]]);
    if (stored !== expected) throw new Error(`Stored executions, steps and events are ${stored}, not ${expected}`);
  } finally {
    await client.end();
  }
}
