import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { createWorker, OEM, type Worker } from "tesseract.js";
import type { FileType } from "../file-type.ts";
import type { OcrLanguage, Recognition } from "./jobs.ts";
import { MAX_IMAGE_PIXELS, MAX_OCR_PAGES, MAX_OCR_SIDE_PIXELS } from "./limits.ts";
import { openPdf, renderPage, textLayer } from "./pdf.ts";
import { ProcessingProblem } from "./problem.ts";
import { measureText } from "./text.ts";

/** A PDF with fewer letters a page than this is a scan: a stamp or a page number is no text layer. */
const TEXT_LAYER_CHARACTERS_PER_PAGE = 16;

/** What the LSTM engine needs and no more: 3 MB, where the package's other folder has 11 for the old engine too. */
const LANGUAGE_FOLDER = "4.0.0_best_int";

export async function recognise(path: string, type: FileType, language: OcrLanguage): Promise<Recognition> {
  return type === "pdf" ? recognisePdf(path, language) : recogniseImages([await readFile(path)], language);
}

async function recognisePdf(path: string, language: OcrLanguage): Promise<Recognition> {
  const pdf = await openPdf(path);
  const pageCount = pdf.numPages;
  const text = await textLayer(pdf);
  if (text.replace(/\s/g, "").length >= TEXT_LAYER_CHARACTERS_PER_PAGE * pageCount) {
    return { ...measureText(text), confidence: 100, pageCount, source: "text_layer" };
  }
  if (pageCount > MAX_OCR_PAGES) {
    throw new ProcessingProblem(
      "unreadable",
      `the scanned PDF has ${pageCount} pages; at most ${MAX_OCR_PAGES} are recognised`,
    );
  }
  async function* pages() {
    for (let number = 1; number <= pageCount; number++) yield await renderPage(pdf, number);
  }
  return recogniseImages(pages(), language);
}

async function recogniseImages(
  images: Iterable<Buffer> | AsyncIterable<Buffer>,
  language: OcrLanguage,
): Promise<Recognition> {
  const recogniser = await warmRecogniser(language);
  const pages: { text: string; confidence: number }[] = [];
  for await (const image of images) {
    const { data } = await recogniser.recognize(await prepare(image), { rotateAuto: true });
    pages.push({ text: data.text.trim(), confidence: data.confidence });
  }
  const confidence = pages.reduce((sum, page) => sum + page.confidence, 0) / pages.length;
  const text = pages.map((page) => page.text).join("\n\n");
  return { ...measureText(text), confidence: Math.round(confidence), pageCount: pages.length, source: "ocr" };
}

/** Upright, on white, grey, of a bounded size, and decoded by a hardened library: the recogniser meets only clean PNGs. */
function prepare(image: Buffer): Promise<Buffer> {
  return sharp(image, { limitInputPixels: MAX_IMAGE_PIXELS })
    .autoOrient()
    .flatten({ background: "white" })
    .resize({ width: MAX_OCR_SIDE_PIXELS, height: MAX_OCR_SIDE_PIXELS, fit: "inside", withoutEnlargement: true })
    .greyscale()
    .png({ compressionLevel: 1 })
    .toBuffer();
}

/** Loading takes most of a second and some 100 MB: kept for the next file, until the pool ends this idle thread. */
const warm = new Map<OcrLanguage, Promise<Worker>>();

function warmRecogniser(language: OcrLanguage): Promise<Worker> {
  const known = warm.get(language);
  if (known !== undefined) return known;
  const require = createRequire(import.meta.url);
  const loading = createWorker(language, OEM.LSTM_ONLY, {
    langPath: join(dirname(require.resolve("@tesseract.js-data/eng/package.json")), LANGUAGE_FOLDER),
    gzip: true,
    cacheMethod: "none",
    // The failed call rejects as well; without a handler it would also throw where nobody can catch.
    errorHandler: () => {},
  });
  warm.set(language, loading);
  loading.catch(() => warm.delete(language));
  return loading;
}
