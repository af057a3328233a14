import { fileRecordsContract } from "../../tests/support/contracts/file-records.ts";
import { testDatabase } from "../../tests/support/postgres.ts";
import { openDatabase } from "../store/database.ts";
import { createPostgresFileRecords } from "./postgres-records.ts";

fileRecordsContract("postgres", async () => {
  const { url, drop } = await testDatabase();
  const database = await openDatabase(url);
  return {
    records: createPostgresFileRecords(database.em),
    async [Symbol.asyncDispose]() {
      await database.close();
      await drop();
    },
  };
});
