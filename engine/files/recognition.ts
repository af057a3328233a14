import { DomainError, type TenantId } from "../model/index.ts";
import type { FileType } from "./file-type.ts";
import type { OcrLanguage, RecognisedPage, Recognition } from "./processing/jobs.ts";
import type { Processor } from "./processing/processor.ts";
import { lettersOf, measureText } from "./processing/text.ts";

interface Source {
  readonly tenantId: TenantId;
  readonly path: string;
  readonly type: FileType;
  readonly language: OcrLanguage;
}

/**
 * A job for each page: a page that takes too long is cut at its own time, and the pages of one tenant's book do not stand
 * together before the single page of another.
 */
export async function recognise(
  processor: Processor,
  { tenantId, path, type, language }: Source,
  signal?: AbortSignal,
): Promise<Recognition> {
  const scan =
    type === "pdf"
      ? await processor.run(tenantId, { kind: "inspect", path }, signal)
      : { pageCount: 1, layer: null, isFaint: true };
  if (scan.layer !== null && !scan.isFaint) return scan.layer;
  const pages: RecognisedPage[] = [];
  let spentMs = 0;
  for (let page = 1; page <= scan.pageCount; page++) {
    if (spentMs > processor.limits.recognitionMs) throw tooLong(processor.limits.recognitionMs, page - 1);
    const found = await processor.run(tenantId, { kind: "ocr", path, type, page, language }, signal);
    spentMs += found.ms;
    pages.push(found);
  }
  const confidence = pages.reduce((sum, page) => sum + page.confidence, 0) / pages.length;
  const text = pages.map((page) => page.text).join("\n\n");
  // A few words in a font that recognition does not know are worth more than nothing.
  if (scan.layer !== null && lettersOf(scan.layer.content) > lettersOf(text)) return scan.layer;
  return { ...measureText(text), confidence: Math.round(confidence), pageCount: pages.length, source: "ocr" };
}

function tooLong(limitMs: number, pages: number): DomainError {
  return new DomainError(
    "FILE_PROCESSING_TIMEOUT",
    `The file was not processed within ${limitMs / 1000} s: only ${pages} pages were recognised.`,
  );
}
