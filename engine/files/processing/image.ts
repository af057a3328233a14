import sharp from "sharp";
import type { FileType } from "../file-type.ts";
import { MAX_IMAGE_PIXELS } from "./limits.ts";
import { ProcessingProblem } from "./problem.ts";

/** By its head alone, before a pixel is decoded. */
export async function checkImage(path: string): Promise<void> {
  const { width, height } = await sharp(path, { limitInputPixels: false }).metadata();
  if (width * height > MAX_IMAGE_PIXELS) {
    throw new ProcessingProblem(
      "unreadable",
      `the image has ${width} by ${height} pixels; at most ${MAX_IMAGE_PIXELS} are read`,
    );
  }
}

export async function convertImage(path: string, target: FileType, outputPath: string): Promise<void> {
  await checkImage(path);
  const image = sharp(path, { limitInputPixels: MAX_IMAGE_PIXELS }).autoOrient();
  if (target === "jpg") await image.flatten({ background: "white" }).jpeg({ quality: 90 }).toFile(outputPath);
  else if (target === "webp") await image.webp({ quality: 90 }).toFile(outputPath);
  else await image.png().toFile(outputPath);
}
