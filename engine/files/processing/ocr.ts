import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { createWorker, OEM, type Worker } from "tesseract.js";
import type { FileType } from "../file-type.ts";
import { checkImage } from "./image.ts";
import type { OcrLanguage, RecognisedPage } from "./jobs.ts";
import { MAX_IMAGE_PIXELS, MAX_OCR_SIDE_PIXELS } from "./limits.ts";
import { openPdf, type Pdf, renderPage } from "./pdf.ts";

/** What the LSTM engine needs and no more: 3 MB, where the package's other folder has 11 for the old engine too. */
const LANGUAGE_FOLDER = "4.0.0_best_int";

export async function recognisePage(
  path: string,
  type: FileType,
  page: number,
  language: OcrLanguage,
): Promise<RecognisedPage> {
  const startedAt = performance.now();
  const image = await prepare(type === "pdf" ? await renderPage(await opened(path), page) : await readImage(path));
  const { text, confidence } = (await isBlank(image)) ? { text: "", confidence: 0 } : await read(image, language);
  return { text, confidence, ms: performance.now() - startedAt };
}

async function read(image: Buffer, language: OcrLanguage): Promise<{ text: string; confidence: number }> {
  const { data } = await (await warmRecogniser(language)).recognize(image, { rotateAuto: true });
  return { text: data.text.trim(), confidence: data.confidence };
}

async function readImage(path: string): Promise<Buffer> {
  await checkImage(path);
  return readFile(path);
}

/** The pages of one document mostly come one after the other. */
let last: { readonly path: string; readonly pdf: Promise<Pdf> } | undefined;

async function opened(path: string): Promise<Pdf> {
  if (last?.path !== path) {
    const before = last;
    last = { path, pdf: openPdf(path) };
    await (await before?.pdf.catch(() => undefined))?.destroy();
  }
  return last.pdf;
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

/** The recogniser looks longest where there is nothing to find. */
async function isBlank(image: Buffer): Promise<boolean> {
  const { channels } = await sharp(image).stats();
  return channels.every(({ min, max }) => min === max);
}

/** Loading takes most of a second and some 100 MB: kept for the next page, until the pool ends this idle process. */
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
