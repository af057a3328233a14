import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import sharp, { type Sharp } from "sharp";
import { createOCREngine, type OCREngine } from "tesseract-wasm";
import { loadWasmBinary } from "tesseract-wasm/node";
import type { FileType } from "../file-type.ts";
import { checkImage } from "./image.ts";
import type { OcrLanguage, RecognisedPage } from "./jobs.ts";
import { MAX_IMAGE_PIXELS, MAX_OCR_SIDE_PIXELS } from "./limits.ts";
import { type GreyImage, openPdf, type Pdf } from "./pdf.ts";
import { skewOf } from "./skew.ts";

/** What the LSTM engine needs and no more: 3 MB, where the package's other folder has 11 for the old engine too. */
const LANGUAGE_FOLDER = "4.0.0_best_int";
/** Tesseract's number for one block of lines: what stands side by side stays on its line. */
const ONE_BLOCK = "6";
/** The slope of lines shows in far fewer pixels than their letters. */
const SKEW_SIDE_PIXELS = 1000;
/** Less harms nobody's reading, but turning costs sharpness. */
const LEAST_SKEW_DEGREES = 0.3;

export async function recognisePage(
  path: string,
  type: FileType,
  page: number,
  language: OcrLanguage,
): Promise<RecognisedPage> {
  const startedAt = performance.now();
  const image = await prepare(type === "pdf" ? await drawn(path, page) : await opened(path));
  const { text, confidence } = image.isBlank ? { text: "", confidence: 0 } : await read(await upright(image), language);
  return { text, confidence, ms: performance.now() - startedAt };
}

async function opened(path: string): Promise<Sharp> {
  await checkImage(path);
  return sharp(path, { limitInputPixels: MAX_IMAGE_PIXELS });
}

/** The pages of one document mostly come one after the other. */
let last: { readonly path: string; readonly pdf: Pdf } | undefined;

async function drawn(path: string, page: number): Promise<Sharp> {
  if (last?.path !== path) {
    last?.pdf[Symbol.dispose]();
    last = undefined;
    last = { path, pdf: await openPdf(path) };
  }
  return grey(last.pdf.draw(page));
}

const grey = ({ data, width, height }: GreyImage): Sharp => sharp(data, { raw: { width, height, channels: 1 } });

/** Turned as its head says, on white, grey and of a bounded size, decoded by a hardened library. */
async function prepare(image: Sharp): Promise<GreyImage & { readonly isBlank: boolean }> {
  const { data, info } = await image
    .autoOrient()
    .flatten({ background: "white" })
    .resize({ width: MAX_OCR_SIDE_PIXELS, height: MAX_OCR_SIDE_PIXELS, fit: "inside", withoutEnlargement: true })
    .toColourspace("b-w")
    .raw()
    .toBuffer({ resolveWithObject: true });
  // The recogniser looks longest where there is nothing to find.
  return { data, width: info.width, height: info.height, isBlank: data.every((level) => level === data[0]) };
}

/** With its lines level: the recogniser loses the thread of those that fall by more than a degree or two. */
async function upright(image: GreyImage): Promise<Sharp> {
  const { data, info } = await grey(image)
    .resize({ width: SKEW_SIDE_PIXELS, height: SKEW_SIDE_PIXELS, fit: "inside", withoutEnlargement: true })
    .normalise()
    .toColourspace("b-w")
    .raw()
    .toBuffer({ resolveWithObject: true });
  const degrees = skewOf({ data, width: info.width, height: info.height });
  return Math.abs(degrees) < LEAST_SKEW_DEGREES ? grey(image) : grey(image).rotate(-degrees, { background: "white" });
}

async function read(image: Sharp, language: OcrLanguage): Promise<{ text: string; confidence: number }> {
  const { data, info } = await image.toColourspace("srgb").ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const recogniser = await warmRecogniser(language);
  const pixels = new Uint8ClampedArray(data.buffer, data.byteOffset, data.length);
  recogniser.loadImage({ data: pixels, width: info.width, height: info.height });
  recogniser.setVariable("tessedit_pageseg_mode", ONE_BLOCK);
  const words = recogniser.getTextBoxes("word");
  const sum = words.reduce((total, { confidence }) => total + confidence, 0);
  return {
    text: recogniser.getText().trim(),
    confidence: words.length === 0 ? 0 : Math.floor((100 * sum) / words.length),
  };
}

/** Loading takes a third of a second and 65 MB: kept for the next page, until the pool ends this idle process. */
const warm = new Map<OcrLanguage, Promise<OCREngine>>();

function warmRecogniser(language: OcrLanguage): Promise<OCREngine> {
  const known = warm.get(language);
  if (known !== undefined) return known;
  const loading = loadRecogniser(language);
  warm.set(language, loading);
  loading.catch(() => warm.delete(language));
  return loading;
}

async function loadRecogniser(language: OcrLanguage): Promise<OCREngine> {
  const recogniser = await createOCREngine({ wasmBinary: await loadWasmBinary() });
  const folder = dirname(createRequire(import.meta.url).resolve(`@tesseract.js-data/${language}/package.json`));
  const data = await readFile(join(folder, LANGUAGE_FOLDER, `${language}.traineddata.gz`));
  recogniser.loadModel(gunzipSync(data));
  return recogniser;
}
