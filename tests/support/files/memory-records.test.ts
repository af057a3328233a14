import { fileRecordsContract } from "../contracts/file-records.ts";
import { createMemoryFileRecords } from "./memory-records.ts";

fileRecordsContract("memory", async () => ({
  records: createMemoryFileRecords(),
  async [Symbol.asyncDispose]() {},
}));
