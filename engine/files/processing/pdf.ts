import { readFile } from "node:fs/promises";
import { createIsomorphicCanvasFactory, getDocumentProxy, renderPageAsImage } from "unpdf";
import type { Extraction } from "./jobs.ts";
import { MAX_CONTENT_BYTES, MAX_IMAGE_PIXELS, MAX_PDF_PAGES, PDF_RENDER_DPI } from "./limits.ts";
import { ProcessingProblem } from "./problem.ts";
import { measureText } from "./text.ts";

export type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>;

/** PDF's own unit is 1/72 inch. */
const POINTS_PER_INCH = 72;

const canvasImport = () => import("@napi-rs/canvas");

export async function openPdf(path: string): Promise<Pdf> {
  const pdf = await getDocumentProxy(new Uint8Array(await readFile(path)), {
    CanvasFactory: await createIsomorphicCanvasFactory(canvasImport),
    maxImageSize: MAX_IMAGE_PIXELS,
    // Errors only: it prints its warnings otherwise.
    verbosity: 0,
  }).catch((error: unknown) => {
    throw error instanceof Error && error.name === "PasswordException"
      ? new ProcessingProblem("unreadable", "the PDF is encrypted", error)
      : error;
  });
  if (pdf.numPages > MAX_PDF_PAGES) {
    throw new ProcessingProblem("unreadable", `the PDF has ${pdf.numPages} pages; at most ${MAX_PDF_PAGES} are read`);
  }
  return pdf;
}

/** Of a scan the text is empty: recognising it is OCR's part. */
export async function extractPdf(path: string): Promise<Extraction> {
  const pdf = await openPdf(path);
  return { ...measureText(await textLayer(pdf)), pageCount: pdf.numPages };
}

/** The text of all pages, a blank line between them. */
export async function textLayer(pdf: Pdf): Promise<string> {
  const pages: string[] = [];
  let length = 0;
  for (let number = 1; number <= pdf.numPages && length <= MAX_CONTENT_BYTES; number++) {
    const page = await pdf.getPage(number);
    const { items } = await page.getTextContent();
    const text = items.map((item) => ("str" in item ? item.str + (item.hasEOL ? "\n" : "") : "")).join("");
    page.cleanup();
    pages.push(text.trim());
    length += text.length;
  }
  return pages.join("\n\n").trim();
}

/** As PNG, at the resolution that OCR likes, or less where the page is huge. */
export async function renderPage(pdf: Pdf, number: number): Promise<Buffer> {
  const page = await pdf.getPage(number);
  const { width, height } = page.getViewport({ scale: 1 });
  const scale = Math.min(PDF_RENDER_DPI / POINTS_PER_INCH, Math.sqrt(MAX_IMAGE_PIXELS / (width * height)));
  const image = Buffer.from(await renderPageAsImage(pdf, number, { canvasImport, scale }));
  page.cleanup();
  return image;
}
