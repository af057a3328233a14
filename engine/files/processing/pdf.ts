import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { init, type WrappedPdfiumModule } from "@embedpdf/pdfium";
import type { Extraction } from "./jobs.ts";
import { MAX_CONTENT_BYTES, MAX_IMAGE_PIXELS, MAX_PDF_PAGES, PDF_RENDER_DPI } from "./limits.ts";
import { ProcessingProblem } from "./problem.ts";
import { measureText } from "./text.ts";

/** PDF's own unit is 1/72 inch. */
const POINTS_PER_INCH = 72;
/** Of PDFium's own text: where a word was divided at the end of a line. */
const DIVIDED = "\ufffe";

// As PDFium's headers name them.
const FPDF_ERR_PASSWORD = 4;
const FPDFBITMAP_GRAY = 1;
const FPDF_ANNOT = 0x01;
const FPDF_GRAYSCALE = 0x08;
const WHITE = 0xffffffff;

/** One byte a pixel. */
export interface GreyImage {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Of a scan the text is empty: recognising it is OCR's part. */
export async function extractPdf(path: string): Promise<Extraction> {
  using pdf = await openPdf(path);
  return { ...measureText(textLayer(pdf)), pageCount: pdf.pageCount };
}

/** The text of all pages, a blank line between them. */
export function textLayer(pdf: Pdf): string {
  const pages: string[] = [];
  let length = 0;
  for (let number = 1; number <= pdf.pageCount && length <= MAX_CONTENT_BYTES; number++) {
    const text = pdf.text(number);
    pages.push(text);
    length += text.length;
  }
  return pages.join("\n\n").trim();
}

export async function openPdf(path: string): Promise<Pdf> {
  const pdfium = await loadPdfium();
  const pdf = new Pdf(pdfium, await readFile(path));
  if (pdf.pageCount <= MAX_PDF_PAGES) return pdf;
  pdf[Symbol.dispose]();
  throw new ProcessingProblem("unreadable", `the PDF has ${pdf.pageCount} pages; at most ${MAX_PDF_PAGES} are read`);
}

let loading: Promise<WrappedPdfiumModule> | undefined;

function loadPdfium(): Promise<WrappedPdfiumModule> {
  loading ??= (async () => {
    const wasm = await readFile(fileURLToPath(import.meta.resolve("@embedpdf/pdfium/pdfium.wasm")));
    const pdfium = await init({ wasmBinary: Uint8Array.from(wasm).buffer });
    pdfium.PDFiumExt_Init();
    return pdfium;
  })();
  return loading;
}

/** A document in the memory of PDFium, to be disposed of. Pages are counted from 1. */
export class Pdf implements Disposable {
  readonly pageCount: number;
  private readonly content: number;
  private readonly document: number;
  private readonly formInfo: number;
  private readonly form: number;

  constructor(
    private readonly pdfium: WrappedPdfiumModule,
    content: Uint8Array,
  ) {
    this.content = this.allocate(content.length);
    pdfium.pdfium.HEAPU8.set(content, this.content);
    this.document = pdfium.FPDF_LoadMemDocument(this.content, content.length, "");
    if (this.document === 0) {
      pdfium.pdfium.wasmExports.free(this.content);
      if (pdfium.FPDF_GetLastError() === FPDF_ERR_PASSWORD)
        throw new ProcessingProblem("unreadable", "the PDF is encrypted");
      throw new Error("PDFium opens no such document");
    }
    this.pageCount = pdfium.FPDF_GetPageCount(this.document);
    this.formInfo = pdfium.PDFiumExt_OpenFormFillInfo();
    this.form = pdfium.PDFiumExt_InitFormFillEnvironment(this.document, this.formInfo);
  }

  [Symbol.dispose](): void {
    this.pdfium.PDFiumExt_ExitFormFillEnvironment(this.form);
    this.pdfium.PDFiumExt_CloseFormFillInfo(this.formInfo);
    this.pdfium.FPDF_CloseDocument(this.document);
    this.pdfium.pdfium.wasmExports.free(this.content);
  }

  /** What can be marked and copied in a viewer. */
  text(number: number): string {
    const { pdfium } = this;
    return this.withPage(number, (page) => {
      const text = pdfium.FPDFText_LoadPage(page);
      const length = pdfium.FPDFText_CountChars(text);
      const raw = this.read(2 * length + 2, (at) => pdfium.FPDFText_GetText(text, 0, length, at));
      pdfium.FPDFText_ClosePage(text);
      // The last of its UTF-16 units is a NUL.
      const found = new TextDecoder("utf-16le").decode(raw.subarray(0, 2 * length));
      return found.replaceAll("\r\n", "\n").replaceAll(DIVIDED, "-\n").trim();
    });
  }

  /** With annotations and filled fields, at the resolution that OCR likes, or less where the page is huge. */
  draw(number: number): GreyImage {
    const { pdfium } = this;
    return this.withPage(number, (page) => {
      const points = [pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)] as const;
      const scale = Math.min(PDF_RENDER_DPI / POINTS_PER_INCH, Math.sqrt(MAX_IMAGE_PIXELS / (points[0] * points[1])));
      const [width, height] = [Math.ceil(points[0] * scale), Math.ceil(points[1] * scale)];
      const data = this.read(width * height, (at) => {
        const bitmap = pdfium.FPDFBitmap_CreateEx(width, height, FPDFBITMAP_GRAY, at, width);
        pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, WHITE);
        pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, FPDF_ANNOT | FPDF_GRAYSCALE);
        pdfium.FPDF_FFLDraw(this.form, bitmap, page, 0, 0, width, height, 0, FPDF_GRAYSCALE);
        pdfium.FPDFBitmap_Destroy(bitmap);
      });
      return { data, width, height };
    });
  }

  private withPage<T>(number: number, use: (page: number) => T): T {
    const page = this.pdfium.FPDF_LoadPage(this.document, number - 1);
    if (page === 0) throw new Error(`PDFium reads no page ${number}`);
    try {
      return use(page);
    } finally {
      this.pdfium.FPDF_ClosePage(page);
    }
  }

  /** What `write` leaves in so many bytes of PDFium's memory. */
  private read(bytes: number, write: (at: number) => void): Uint8Array {
    const at = this.allocate(bytes);
    try {
      write(at);
      return this.pdfium.pdfium.HEAPU8.slice(at, at + bytes);
    } finally {
      this.pdfium.pdfium.wasmExports.free(at);
    }
  }

  private allocate(bytes: number): number {
    const at = this.pdfium.pdfium.wasmExports.malloc(bytes);
    if (at === 0) throw new Error(`PDFium has no ${bytes} bytes left`);
    return at;
  }
}
