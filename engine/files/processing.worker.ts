import { setPriority } from "node:os";
import { serve } from "../processes/index.ts";
import type { Extraction, ProcessingJob, ProcessingOutcome, ProcessingResults } from "./processing/jobs.ts";
import { ProcessingProblem } from "./processing/problem.ts";

/**
 * The program of a child process. Each library is loaded by the first job that needs it, here and nowhere else: the
 * service itself stays small, and what a hostile file does to a library it does to this process.
 */
serve(work);
// The engine's own event loop goes first.
setPriority(10);

async function work(job: ProcessingJob): Promise<ProcessingOutcome> {
  try {
    return { ok: true, value: await perform(job) };
  } catch (error) {
    // A full disk or a missing file is a fault of the machine, not of the content.
    if (error instanceof Error && "syscall" in error) throw error;
    if (error instanceof ProcessingProblem) return { ok: false, kind: error.kind, message: error.message };
    // Cut off within compiled code, a library is in pieces that no other file should meet.
    if (error instanceof Error && error.stack?.includes("wasm://")) process.exit(1);
    // What a library says of it is its own word, and no user's.
    return { ok: false, kind: "unreadable", message: `it is damaged, or no ${typeOf(job)} that can be read` };
  }
}

function typeOf(job: ProcessingJob): string {
  if (job.kind === "detect") return job.extension;
  return job.kind === "inspect" ? "pdf" : job.type;
}

async function perform(job: ProcessingJob): Promise<ProcessingResults[keyof ProcessingResults]> {
  switch (job.kind) {
    case "detect":
      return (await import("./processing/detect.ts")).detectType(job.path, job.extension);
    case "extract":
      return extract(job);
    case "inspect":
      return (await import("./processing/scan.ts")).inspectPdf(job.path);
    case "ocr":
      return (await import("./processing/ocr.ts")).recognisePage(job.path, job.type, job.page, job.language);
    case "convert":
      await (await import("./processing/convert.ts")).convert(job);
      return null;
  }
}

async function extract({ path, type }: ProcessingJob & { kind: "extract" }): Promise<Extraction> {
  switch (type) {
    case "pdf":
      return (await import("./processing/pdf.ts")).extractPdf(path);
    case "docx":
      return (await import("./processing/docx.ts")).extractDocx(path);
    case "xlsx":
      return (await import("./processing/xlsx.ts")).extractXlsx(path);
    case "csv":
      return (await import("./processing/csv.ts")).extractCsv(path);
    default:
      return (await import("./processing/csv.ts")).extractText(path);
  }
}
