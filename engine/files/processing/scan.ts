import type { Scan } from "./jobs.ts";
import { MAX_OCR_PAGES } from "./limits.ts";
import { openPdf, textLayer } from "./pdf.ts";
import { ProcessingProblem } from "./problem.ts";
import { lettersOf, measureText } from "./text.ts";

/** A PDF with fewer letters a page than this is a scan: a stamp or a page number is no text layer. */
const TEXT_LAYER_CHARACTERS_PER_PAGE = 16;

/** Whether a PDF has a text layer, which is read, or is a scan, whose pages are recognised one by one. */
export async function inspectPdf(path: string): Promise<Scan> {
  using pdf = await openPdf(path);
  const { pageCount } = pdf;
  const text = textLayer(pdf);
  const layer = { ...measureText(text), confidence: 100, pageCount, source: "text_layer" } as const;
  if (lettersOf(text) >= TEXT_LAYER_CHARACTERS_PER_PAGE * pageCount) return { pageCount, layer, isFaint: false };
  if (pageCount > MAX_OCR_PAGES) {
    throw new ProcessingProblem(
      "unreadable",
      `the scanned PDF has ${pageCount} pages; at most ${MAX_OCR_PAGES} are recognised`,
    );
  }
  return { pageCount, layer, isFaint: true };
}
