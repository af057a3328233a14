import { fileRecordsContract } from "../file-records.contract.ts";
import { createMemoryFileRecords } from "./memory-records.ts";

fileRecordsContract("memory", async () => ({
  records: createMemoryFileRecords(),
  async [Symbol.asyncDispose]() {},
}));
