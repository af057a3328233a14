import pg from "pg";

const EXECUTIONS = 100;
const STEPS = 5;
const at = Date.UTC(2025, 0, 8, 10);

const records = Array.from({ length: EXECUTIONS }, (_, i) => ({
  id: EXECUTIONS - i,
  status: "completed",
  triggerType: "manual",
  correlationId: "bench",
  lastEventSeq: 13,
  createdAt: at + i,
  startedAt: at + i,
  completedAt: at + i + 3,
}));
const stepsOf = new Map(
  records.map(({ id }) => [
    id,
    Array.from({ length: STEPS }, (_, i) => ({
      id: id * STEPS + i,
      name: `step_${i}`,
      type: "log",
      status: "completed",
      attempt: 1,
      startedAt: at,
      completedAt: at + 1,
    })),
  ]),
);

/** Answers at once, as promises all the same: that is what a resolver that reads would give. */
export const memory = {
  executions: async (first) => records.slice(0, first),
  createContext: () => ({ steps: async (id, first) => stepsOf.get(id).slice(0, first) }),
  close: async () => {},
};

/** Two tables with the same rows, read with two statements a query: the steps of all executions at once. */
export async function postgres(databaseUrl) {
  const pool = new pg.Pool({ connectionString: databaseUrl });
  await seed(pool);
  return {
    executions: async (first) =>
      (
        await pool.query({
          name: "executions",
          text: "SELECT * FROM execution ORDER BY id DESC LIMIT $1",
          values: [first],
        })
      ).rows,
    createContext: () => ({ steps: gathered(pool) }),
    close: () => pool.end(),
  };
}

/** What DataLoader does, without it: all that is asked for in one turn is one statement. */
function gathered(pool) {
  let ids = [];
  let rows;
  return async (id, first) => {
    ids.push(id);
    rows ??= new Promise((resolve) => setImmediate(resolve)).then(async () => {
      const text = `SELECT s.* FROM unnest($1::int[]) AS e (id)
        CROSS JOIN LATERAL (SELECT * FROM step WHERE execution_id = e.id ORDER BY id LIMIT $2) AS s`;
      const found = await pool.query({ name: "steps", text, values: [ids, first] });
      ids = [];
      rows = undefined;
      return Map.groupBy(found.rows, (row) => row.execution_id);
    });
    return (await rows).get(id) ?? [];
  };
}

async function seed(pool) {
  await pool.query(`
    CREATE TABLE IF NOT EXISTS execution (id int PRIMARY KEY, status text, "triggerType" text, "correlationId" text,
      "lastEventSeq" int, "createdAt" timestamptz, "startedAt" timestamptz, "completedAt" timestamptz);
    CREATE TABLE IF NOT EXISTS step (id int PRIMARY KEY, execution_id int, name text, type text, status text,
      attempt int, "startedAt" timestamptz, "completedAt" timestamptz);
    CREATE INDEX IF NOT EXISTS step_of ON step (execution_id, id)`);
  for (const { id, createdAt, completedAt } of records) {
    const inserted = await pool.query(
      `INSERT INTO execution VALUES ($1, 'completed', 'manual', 'bench', 13, $2, $2, $3) ON CONFLICT DO NOTHING`,
      [id, new Date(createdAt), new Date(completedAt)],
    );
    if (inserted.rowCount === 0) return;
    for (const step of stepsOf.get(id)) {
      await pool.query("INSERT INTO step VALUES ($1, $2, $3, 'log', 'completed', 1, $4, $5)", [
        step.id,
        id,
        step.name,
        new Date(step.startedAt),
        new Date(step.completedAt),
      ]);
    }
  }
}
