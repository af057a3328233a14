import type { Extraction, ProcessingJob, ProcessingOutcome, ProcessingResults } from "./processing/jobs.ts";
import { ProcessingProblem } from "./processing/problem.ts";

/**
 * The entry of a worker thread. Each library is loaded by the first job that needs it, here and nowhere else: the
 * service itself stays small, and what a hostile file does to a library it does to this thread.
 */
export default async function work(job: ProcessingJob): Promise<ProcessingOutcome> {
  try {
    return { ok: true, value: await perform(job) };
  } catch (error) {
    // A full disk or a missing file is a fault of the machine, not of the content.
    if (error instanceof Error && "syscall" in error) throw error;
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false, kind: error instanceof ProcessingProblem ? error.kind : "unreadable", message };
  }
}

async function perform(job: ProcessingJob): Promise<ProcessingResults[keyof ProcessingResults]> {
  switch (job.kind) {
    case "detect":
      return (await import("./processing/detect.ts")).detectType(job.path, job.extension);
    case "extract":
      return extract(job);
    case "ocr":
      return (await import("./processing/ocr.ts")).recognise(job.path, job.type, job.language);
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
