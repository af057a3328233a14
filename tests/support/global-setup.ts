import { temporaryPostgres } from "./postgres.ts";

let postgres: Awaited<ReturnType<typeof temporaryPostgres>> | undefined;

/** Runs once before all test files: one server for them all, unless TEST_DATABASE_URL names one. */
export async function globalSetup(): Promise<void> {
  if (process.env.TEST_DATABASE_URL) return;
  postgres = await temporaryPostgres();
  process.env.TEST_DATABASE_URL = postgres.url;
}

export async function globalTeardown(): Promise<void> {
  await postgres?.stop();
}
